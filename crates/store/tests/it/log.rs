use partyline_core::event::{Actor, EventType};
use partyline_store::events::Audit;
use partyline_store::{NewEvent, StoreError};

use crate::engines::{Engine, NOW, World, engines, world};

async fn append(world: &World, count: usize) {
    world
        .db
        .write(world.workspace, NOW, move |tx| {
            for _ in 0..count {
                tx.append(NewEvent::new(Actor::System, EventType::WorkspaceUpdated).changed(["name"]))?;
            }
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
}

async fn seal(world: &World) -> usize {
    world.db.write(world.workspace, NOW, |tx| tx.seal()).await.unwrap()
}

async fn audit(world: &World) -> Audit {
    world.db.read(world.workspace, |scope| scope.audit()).await.unwrap()
}

#[tokio::test]
async fn the_log_is_append_only_by_the_database_itself() {
    for engine in engines() {
        let world = world(&engine).await;
        append(&world, 3).await;
        seal(&world).await;
        for text in ["UPDATE events SET at = 0", "DELETE FROM events", "UPDATE blocks SET at = 0", "DELETE FROM blocks"]
        {
            let refused = engine.db.tamper(text, false).await;
            assert!(refused.is_err(), "{}: {text}", engine.name);
        }
        assert!(matches!(audit(&world).await, Audit::Whole { sealed: 3, head: 3, .. }), "{}", engine.name);
    }
}

#[tokio::test]
async fn what_is_sealed_can_not_be_changed_unseen() {
    for (text, gap) in [
        ("UPDATE events SET at = at + 1 WHERE seq = 2", false),
        ("UPDATE events SET changed = '[]' WHERE seq = 3", false),
        ("DELETE FROM events WHERE seq = 2", true),
        ("DELETE FROM events WHERE seq = 5", true),
    ] {
        for engine in engines() {
            let world = world(&engine).await;
            append(&world, 2).await;
            seal(&world).await;
            append(&world, 2).await;
            assert_eq!(seal(&world).await, 2);
            append(&world, 1).await;
            let Audit::Whole { sealed: 4, head: 5, .. } = audit(&world).await else {
                panic!("{}: not whole before", engine.name)
            };
            tampered(&engine, text).await;
            let found = audit(&world).await;
            assert_eq!(matches!(found, Audit::Gap(_)), gap, "{}: {text}: {found:?}", engine.name);
            assert!(!matches!(found, Audit::Whole { .. }), "{}: {text}", engine.name);
        }
    }
}

async fn tampered(engine: &Engine, text: &'static str) {
    engine.db.tamper(text, true).await.unwrap();
}

#[tokio::test]
async fn the_hash_does_not_depend_on_the_engine() {
    use partyline_store::events::{EventRow, block_hash};
    let rows: Vec<EventRow> = Vec::new();
    assert_eq!(block_hash(&[], &rows).len(), 32);
    for engine in engines() {
        let world = world(&engine).await;
        append(&world, 5).await;
        seal(&world).await;
        let (again, kept) = world
            .db
            .read(world.workspace, |scope| {
                let events = scope.events_after(0, 10)?;
                Ok::<_, StoreError>((block_hash(&[], &events), scope.sealed()?.1))
            })
            .await
            .unwrap();
        assert_eq!(again, kept, "{}", engine.name);
    }
}
