use std::collections::BTreeSet;

use partyline_core::event::{Actor, EventType};
use partyline_core::id::LabelId;
use partyline_core::label::{Colour, LabelName};
use partyline_store::events::Audit;
use partyline_store::scope::entropy;
use partyline_store::{NewEvent, StoreError, Tx};

use crate::engines::{NOW, engines, world};

fn event() -> NewEvent {
    NewEvent::new(Actor::System, EventType::WorkspaceUpdated)
}

#[tokio::test(flavor = "multi_thread")]
async fn many_writers_make_one_log_without_gaps() {
    for engine in engines() {
        let world = world(&engine).await;
        let mut tasks = Vec::new();
        for n in 0..200u32 {
            let world = world.clone();
            tasks.push(tokio::spawn(async move {
                world
                    .db
                    .write(world.workspace, NOW, move |tx| {
                        let seq = tx.append(event())?.seq;
                        if n % 5 == 0 {
                            return Err(StoreError::GaveUp);
                        }
                        Ok(seq)
                    })
                    .await
                    .ok()
            }));
        }
        let mut seqs = BTreeSet::new();
        for task in tasks {
            if let Some(seq) = task.await.unwrap() {
                assert!(seqs.insert(seq), "{}: {seq} twice", engine.name);
            }
        }
        let head = world.db.read(world.workspace, |scope| scope.seq()).await.unwrap();
        assert_eq!(seqs.len(), 160, "{}", engine.name);
        assert_eq!(seqs.into_iter().collect::<Vec<_>>(), (1..=head).collect::<Vec<_>>(), "{}", engine.name);
    }
}

#[tokio::test]
async fn a_unit_that_fails_or_panics_is_undone_alone() {
    for engine in engines() {
        let world = world(&engine).await;
        let rename = |name: &'static str, end: u8| {
            let world = world.clone();
            async move {
                world
                    .db
                    .write(world.workspace, NOW, move |tx| {
                        tx.set_workspace(name, "{}")?;
                        tx.append(event())?;
                        match end {
                            0 => Ok(()),
                            1 => Err(StoreError::GaveUp),
                            _ => panic!("on purpose"),
                        }
                    })
                    .await
            }
        };
        let (good, bad, worse) = tokio::join!(rename("Good", 0), rename("Bad", 1), rename("Worse", 2));
        assert!(good.is_ok() && bad.is_err(), "{}", engine.name);
        assert!(matches!(worse, Err(StoreError::Panicked)), "{}", engine.name);
        let (name, seq) = world
            .db
            .read(world.workspace, |scope| Ok::<_, StoreError>((scope.workspace_row()?.name, scope.seq()?)))
            .await
            .unwrap();
        assert_eq!((name.as_str(), seq), ("Good", 1), "{}", engine.name);
        rename("Still here", 0).await.unwrap();
        let read = world.db.read(world.workspace, |_| -> Result<(), StoreError> { panic!("on purpose") });
        assert!(matches!(read.await, Err(StoreError::Panicked)), "{}", engine.name);
    }
}

#[tokio::test]
async fn a_part_that_panics_is_undone_and_the_rest_of_its_unit_stays() {
    for engine in engines() {
        let world = world(&engine).await;
        let unit = world.db.write(world.workspace, NOW, |tx| {
            tx.append(event())?;
            let part = tx.attempt(|tx| -> Result<(), StoreError> {
                tx.set_workspace("Half", "{}")?;
                tx.append(event())?;
                panic!("on purpose")
            })?;
            tx.append(event())?;
            Ok::<_, StoreError>(matches!(part, Err(StoreError::Panicked)))
        });
        assert!(unit.await.unwrap(), "{}", engine.name);
        let look =
            |scope: &mut partyline_store::Scope<'_>| Ok::<_, StoreError>((scope.workspace_row()?.name, scope.seq()?));
        let (name, seq) = world.db.read(world.workspace, look).await.unwrap();
        assert_eq!(seq, 2, "{}", engine.name);
        assert_ne!(name, "Half", "{}", engine.name);
    }
}

/// A label that is there already. PostgreSQL is not waited for, and says so only when the next thing is asked of it.
fn twice(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let id = LabelId::new(NOW, &entropy());
    let name = LabelName::parse("Leak").expect("a name");
    tx.create_label(id, &name, Colour::Red)?;
    tx.append(event())?;
    tx.create_label(id, &name, Colour::Red)
}

#[tokio::test]
async fn what_was_sent_and_failed_is_told_to_its_own_unit_and_undone_alone() {
    for engine in engines() {
        let world = world(&engine).await;
        let appends = || world.db.write(world.workspace, NOW, |tx| tx.append(event()).map(drop));
        let fails = world.db.write(world.workspace, NOW, twice);
        let in_part = world.db.write(world.workspace, NOW, |tx| {
            tx.append(event())?;
            let part = tx.attempt(twice)?;
            tx.append(event())?;
            Ok::<_, StoreError>(matches!(part, Err(StoreError::Conflict(_))))
        });
        // they wait together, and share a transaction
        let (before, failed, part, after) = tokio::join!(appends(), fails, in_part, appends());
        assert!(before.is_ok() && after.is_ok(), "{}: {before:?} {after:?}", engine.name);
        assert!(matches!(failed, Err(StoreError::Conflict(_))), "{}: {failed:?}", engine.name);
        assert!(part.unwrap(), "{}: the part alone failed", engine.name);
        let look = |scope: &mut partyline_store::Scope<'_>| {
            Ok::<_, StoreError>((scope.labels()?.len(), scope.seq()?, scope.audit()?))
        };
        let (labels, seq, audit) = world.db.read(world.workspace, look).await.unwrap();
        assert_eq!((labels, seq), (0, 4), "{}", engine.name);
        assert!(matches!(audit, Audit::Whole { head: 4, .. }), "{}: {audit:?}", engine.name);
    }
}

#[tokio::test]
async fn hints_come_after_the_commit_and_name_the_newest_seq() {
    for engine in engines() {
        let world = world(&engine).await;
        let mut hints = world.db.hints();
        world
            .db
            .write(world.workspace, NOW, |tx| {
                tx.append(event())?;
                tx.append(event())
            })
            .await
            .unwrap();
        let hint = loop {
            let hint = hints.recv().await.unwrap();
            if hint.seq == 2 {
                break hint;
            }
        };
        assert_eq!(hint.workspace, world.workspace, "{}", engine.name);
    }
}

#[tokio::test]
async fn a_scope_can_not_reach_another_workspace() {
    for engine in engines() {
        let here = world(&engine).await;
        let there = world(&engine).await;
        let (id, _, _) = here.conversation(1, NOW).await;
        let channel = here.channel;
        let seen = there
            .db
            .read(there.workspace, move |scope| {
                Ok::<_, StoreError>((scope.conversation(id)?.is_some(), scope.channel(channel)?.is_some()))
            })
            .await
            .unwrap();
        assert_eq!(seen, (false, false), "{}", engine.name);
    }
}
