use partyline_core::event::{Actor, EventType};
use partyline_core::notification::Kind;
use partyline_core::permission::Role;
use partyline_core::time::{DAY, Millis};
use partyline_store::notifications::News;
use partyline_store::{NewEvent, StoreError, Viewer};

use crate::engines::{NOW, engines, world};

#[tokio::test]
async fn what_was_told_long_ago_is_forgotten_and_the_rest_is_kept() {
    for engine in engines() {
        let world = world(&engine).await;
        let (conversation, ..) = world.conversation(1, NOW).await;
        let users = world.users.clone();
        let tell = move |tx: &mut partyline_store::Tx<'_>| {
            let event = NewEvent::new(Actor::System, EventType::ConversationAssigned).conversation(conversation);
            let seq = tx.append(event.subject(conversation.uuid()))?.seq;
            tx.tell(News { seq, kind: Kind::Assigned, conversation }, &users)
        };
        let later = NOW + 20 * DAY;
        for at in [NOW, later] {
            world.db.write(world.workspace, at, tell.clone()).await.unwrap();
        }
        let viewer = Viewer { user: world.users[0], role: Role::Agent };
        let count = async || {
            let read = world.db.read(world.workspace, move |scope| scope.notifications(viewer, i64::MAX, false, 50));
            read.await.unwrap().len()
        };
        assert_eq!(count().await, 2, "{}", engine.name);
        let forget = |before: Millis| world.db.write(world.workspace, later, move |tx| tx.forget_notifications(before));
        while forget(NOW + DAY).await.unwrap() {}
        assert_eq!(count().await, 1, "{}", engine.name);
    }
}

/// With many rows, no question that is asked often may walk the table.
#[tokio::test]
async fn every_question_is_served_by_an_index() {
    for engine in engines() {
        let world = world(&engine).await;
        let (conversation, ..) = world.conversation(1, NOW).await;
        let users = world.users.clone();
        let fill = move |tx: &mut partyline_store::Tx<'_>| {
            for _ in 0..2_000 {
                let event = NewEvent::new(Actor::System, EventType::ConversationAssigned).conversation(conversation);
                let seq = tx.append(event.subject(conversation.uuid()))?.seq;
                tx.tell(News { seq, kind: Kind::Assigned, conversation }, &users)?;
            }
            Ok::<_, StoreError>(())
        };
        world.db.write(world.workspace, NOW, fill).await.unwrap();
        let (workspace, user) = (world.workspace, world.users[0]);
        let (another, ..) = world.conversation(2, NOW).await;
        let wrong: Vec<String> = world
            .db
            .inspect(move |connection| {
                connection.analyze()?;
                let mut wrong = Vec::new();
                for (name, sql, values) in partyline_store::notifications::sample_questions(workspace, user, another) {
                    for line in connection.plan(sql, &values)? {
                        let sqlite = line.starts_with("SCAN n") || line.contains("USE TEMP B-TREE");
                        if sqlite || line.contains("Seq Scan on notifications") {
                            wrong.push(format!("{name}: {line}"));
                        }
                    }
                }
                Ok::<_, StoreError>(wrong)
            })
            .await
            .unwrap();
        assert!(wrong.is_empty(), "{}:\n{}", engine.name, wrong.join("\n"));
    }
}
