//! Messages that we wrote: what waits, what was sent, and what is taken back when they write.

use partyline_core::consent::Class;
use partyline_core::conversation::EntryId;
use partyline_core::delivery::DeliveryStatus;
use partyline_core::event::{Actor, ActorKind, EventType};
use partyline_core::id::MessageId;
use partyline_core::permission::Role;
use partyline_core::time::Millis;
use partyline_store::entries::{DeliveryRow, NewEntry};
use partyline_store::scope::entropy;
use partyline_store::sent::{SentList, sample_lists};
use partyline_store::value::Value;
use partyline_store::{NewEvent, StoreError, Tx, Viewer};

use crate::engines::{NOW, engines, world};

const MESSAGES: i64 = 2_000;

/// With many rows, none of these may walk a table, nor sort what it has read; and they page without a gap.
#[tokio::test]
async fn every_list_of_messages_is_served_by_an_index() {
    for engine in engines() {
        let world = world(&engine).await;
        let (conversation, address, ..) = world.conversation(1, NOW).await;
        let (users, channel) = (world.users.clone(), world.channel);
        let put = move |tx: &mut Tx<'_>| {
            for n in 0..MESSAGES {
                let id = MessageId::new(NOW, &entropy());
                let author = users[usize::try_from(n % 4).unwrap()];
                let status = if n % 40 < 4 { DeliveryStatus::Scheduled } else { DeliveryStatus::Sent };
                let event = NewEvent::new(Actor::User(author), EventType::of_delivery(status));
                let seq = tx.append(event.conversation(conversation).subject(id.uuid()))?.seq;
                tx.insert_entry(NewEntry {
                    seq,
                    id: EntryId::Message(id),
                    conversation,
                    at: Millis(NOW.0 + n),
                    direction: Some("outbound"),
                    channel: Some(channel),
                    address: Some(address),
                    author_kind: ActorKind::User,
                    author: Some(author.uuid()),
                    text: Some("Hello".to_owned()),
                    provider_key: None,
                    late: false,
                    data: None,
                })?;
                tx.create_delivery(&DeliveryRow {
                    seq,
                    message: id,
                    conversation,
                    channel,
                    address,
                    author: Some(author),
                    status,
                    class: Class::Reply,
                    // the later it was written, the sooner it leaves
                    send_at: Millis(NOW.0 + MESSAGES - n),
                    attempts: 0,
                    provider_id: None,
                    segments: Some(1),
                    error: None,
                    confirmed: None,
                    updated_at: NOW,
                    reason: None,
                    resolved_by: None,
                    cancel_on_reply: n % 80 == 0,
                })?;
            }
            Ok::<_, StoreError>(())
        };
        world.db.write(world.workspace, NOW, put).await.unwrap();
        let viewer = Viewer { user: world.users[0], role: Role::Agent };
        let workspace = world.workspace;
        let wrong: Vec<String> = world
            .db
            .inspect(move |connection| {
                connection.analyze()?;
                let mut wrong = Vec::new();
                for (name, sql) in sample_lists() {
                    let (who, limit): (Value, Value) = (viewer.user.into(), Value::Int(50));
                    let (first, last) = (Value::Int(0), Value::Int(i64::MAX));
                    let mut values: Vec<Value> = vec![workspace.into()];
                    values.extend(match name {
                        "thread and plans" | "taken back" => vec![channel.into(), address.into()],
                        "scheduled by" => vec![who, limit],
                        "count" => vec![who, 0i64.into(), limit],
                        "scheduled of nobody" => vec![who, 0i64.into(), first.clone(), first, limit],
                        "sent" => vec![who.clone(), 0i64.into(), who, last, limit],
                        _ => vec![who.clone(), 0i64.into(), who, first.clone(), first, limit],
                    });
                    for line in connection.plan(sql, &values)? {
                        let sqlite = ["SCAN t", "SCAN d", "SCAN entries", "SCAN deliveries"];
                        let walks = sqlite.iter().any(|scan| line.starts_with(scan) && !line.contains("INDEX"));
                        let sorts = line.contains("USE TEMP B-TREE") && name != "taken back";
                        if walks
                            || sorts
                            || line.contains("Seq Scan on deliveries")
                            || line.contains("Seq Scan on entries")
                        {
                            wrong.push(format!("{name}: {line}"));
                        }
                    }
                }
                Ok::<_, StoreError>(wrong)
            })
            .await
            .unwrap();
        assert!(wrong.is_empty(), "{}:\n{}", engine.name, wrong.join("\n"));

        let (scheduled, sent, count, taken_back, thread) = world
            .db
            .read(world.workspace, move |scope| {
                let mut lists = Vec::new();
                for list in [SentList::Scheduled(Some(viewer.user)), SentList::Sent(viewer.user)] {
                    let (mut seen, mut cursor) = (Vec::new(), None);
                    loop {
                        let page = scope.sent_list(viewer, list, cursor, 7)?;
                        let Some((seq, key)) = page.last().copied() else { break };
                        cursor = Some((key, seq));
                        seen.extend(page);
                    }
                    lists.push(seen);
                }
                let sent = lists.pop().unwrap();
                let taken_back = scope.planned_unless_they_write(channel, address)?;
                let thread = scope.thread_and_plans(channel, address)?;
                let count = scope.scheduled_count(viewer)?;
                Ok::<_, StoreError>((lists.pop().unwrap(), sent, count, taken_back, thread))
            })
            .await
            .unwrap();
        let of_mine = MESSAGES / 40;
        assert_eq!(i64::try_from(scheduled.len()).unwrap(), of_mine, "{}", engine.name);
        assert_eq!(count, of_mine, "{}", engine.name);
        assert!(scheduled.windows(2).all(|w| w[0].1 < w[1].1), "{}: the next to leave first", engine.name);
        assert_eq!(i64::try_from(sent.len()).unwrap(), MESSAGES / 4 - of_mine, "{}", engine.name);
        assert!(sent.windows(2).all(|w| w[0].0 > w[1].0), "{}: the newest first", engine.name);
        assert_eq!(i64::try_from(taken_back.len()).unwrap(), MESSAGES / 80, "{}", engine.name);
        assert_eq!(thread, Some((conversation, true)), "{}", engine.name);
    }
}
