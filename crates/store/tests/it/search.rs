//! The index of words: it finds the same on both engines, is filled once whoever fills it, and is used.

use std::collections::HashSet;
use std::time::Duration;

use partyline_core::conversation::EntryId;
use partyline_core::event::{Actor, ActorKind, EventType};
use partyline_core::id::{ConversationId, MessageId};
use partyline_core::permission::Role;
use partyline_core::query::Query;
use partyline_core::time::{DAY, Millis};
use partyline_store::entries::NewEntry;
use partyline_store::labels::with_those_above;
use partyline_store::scope::entropy;
use partyline_store::search::walk::{Bounds, Condition, Found, Seek, Test};
use partyline_store::sql::Sql;
use partyline_store::{NewEvent, StoreError, Viewer};

use crate::engines::{Dice, NOW, World, engines, world};

const ENOUGH: Bounds = Bounds { candidates: 100_000, time: Duration::from_secs(60) };

impl World {
    /// Somebody outside says something.
    async fn say(&self, conversation: ConversationId, at: Millis, text: &str) -> i64 {
        let texts = vec![text.to_owned()];
        self.say_all(conversation, at, texts).await[0]
    }

    async fn say_all(&self, conversation: ConversationId, at: Millis, texts: Vec<String>) -> Vec<i64> {
        let said = self.db.write(self.workspace, at, move |tx| {
            let mut seqs = Vec::new();
            for text in texts {
                let id = MessageId::new(at, &entropy());
                let event = NewEvent::new(Actor::System, EventType::MessageReceived);
                let seq = tx.append(event.conversation(conversation).subject(id.uuid()))?.seq;
                tx.insert_entry(NewEntry {
                    seq,
                    id: EntryId::Message(id),
                    conversation,
                    at,
                    direction: Some("inbound"),
                    channel: None,
                    address: None,
                    author_kind: ActorKind::Contact,
                    author: None,
                    text: Some(text),
                    provider_key: None,
                    late: false,
                    data: None,
                })?;
                seqs.push(seq);
            }
            Ok::<_, StoreError>(seqs)
        });
        said.await.unwrap()
    }

    /// Brings the index up to the log.
    async fn fill(&self) {
        let workspace = self.workspace;
        while let Some(mut batch) = self.db.read(workspace, |scope| scope.to_index()).await.unwrap() {
            for id in std::mem::take(&mut batch.conversations) {
                let mut after = None;
                loop {
                    let read = self.db.read(workspace, move |scope| {
                        let (page, next) = scope.to_index_of(&batch, id, after)?;
                        Ok::<_, StoreError>((batch, page, next))
                    });
                    let (same, page, next) = read.await.unwrap();
                    batch = same;
                    assert!(self.db.machinery(NOW, move |root| root.index(workspace, &page)).await.unwrap());
                    after = next;
                    if after.is_none() {
                        break;
                    }
                }
            }
            assert!(self.db.machinery(NOW, move |root| root.index(workspace, &batch)).await.unwrap());
        }
    }

    async fn seek(
        &self,
        q: &str,
        conditions: Vec<Condition>,
        before: Option<i64>,
        limit: usize,
        bounds: Bounds,
    ) -> Found {
        let (looks, viewer) = (Query::parse(q).looks(), Viewer { user: self.users[0], role: Role::Owner });
        let found = self.db.read(self.workspace, move |scope| {
            let mut range = scope.range_of(None, None)?;
            range.before = before.unwrap_or(range.before);
            scope.seek(viewer, &Seek { looks, conditions, range }, limit, bounds)
        });
        found.await.unwrap()
    }

    async fn finds(&self, q: &str) -> Vec<i64> {
        self.seek(q, Vec::new(), None, 100, ENOUGH).await.hits.into_iter().map(|(seq, _)| seq).collect()
    }
}

#[tokio::test]
async fn the_same_words_find_the_same_on_both_engines() {
    let texts = [
        "The water heater in 4B is leaking again",
        "Heater: no hot water",
        "Call me at (415) 555-0142, please",
        "Żółta łódź, Straße, ﬁne",
        "it's O'Brien & dana@example.com; Lease_2026-final.pdf",
        "お湯が出ません",
        "AND OR NOT NEAR \"quoted\" :* <-> 'single' \\",
        "",
    ];
    let queries: [(&str, &[usize]); 21] = [
        ("water heater", &[1, 0]),
        ("\"water heater\"", &[0]),
        ("heat*", &[1, 0]),
        ("\"no hot wat\"*", &[1]),
        ("heater -leaking", &[1]),
        ("-water", &[7, 6, 5, 4, 3, 2]),
        ("4155550142", &[2]),
        ("+1 415 555 0142", &[2]),
        ("0142", &[2]),
        ("555-01", &[2]),
        ("zolta", &[3]),
        ("STRASSE lodz", &[3]),
        ("fine", &[3]),
        ("O’Brien", &[4]),
        ("dana@example.com", &[4]),
        ("lease final", &[4]),
        ("出ま", &[5]),
        ("near", &[6]),
        ("\"and or\"", &[6]),
        ("quoted single", &[6]),
        ("nothing of this", &[]),
    ];
    for engine in engines() {
        let world = world(&engine).await;
        let (conversation, ..) = world.conversation(1, NOW).await;
        let mut seqs = Vec::new();
        for text in texts {
            seqs.push(world.say(conversation, NOW, text).await);
        }
        world.fill().await;
        for (q, expected) in queries {
            let expected: Vec<i64> = expected.iter().map(|n| seqs[*n]).collect();
            assert_eq!(world.finds(q).await, expected, "{}: {q}", engine.name);
        }
    }
}

#[tokio::test]
async fn no_query_is_one_that_an_engine_does_not_take() {
    let pieces = [
        "a", "-b", "\"", "'", "\\", ":*", "(", ")", "*", "AND", "NOT", "0100", "x*", "{", "^", "😀", "ﬁ", "½",
        "\"a b\"*", "-", "+1 415",
    ];
    for engine in engines() {
        let world = world(&engine).await;
        let (conversation, ..) = world.conversation(1, NOW).await;
        world.say(conversation, NOW, "a b c").await;
        world.fill().await;
        let mut dice = Dice::new(0x5eed);
        for _ in 0..200 {
            let n = 1 + dice.below(6);
            let q: Vec<&str> =
                (0..n).map(|_| pieces[usize::try_from(dice.below(pieces.len() as u64)).unwrap()]).collect();
            world.finds(&q.join(" ")).await;
        }
    }
}

#[tokio::test]
async fn a_walk_that_stops_early_goes_on_and_gives_everything_once() {
    for engine in engines() {
        let world = world(&engine).await;
        let (conversation, ..) = world.conversation(1, NOW).await;
        let texts = (0..300).map(|n| if n % 3 == 0 { "a rare heater" } else { "a heater" }.to_owned()).collect();
        let said = world.say_all(conversation, NOW, texts).await;
        world.fill().await;
        let mut expected: Vec<i64> = said.iter().step_by(3).copied().collect();
        expected.reverse();
        // pages of a query, and steps of a walk in which most is left out
        let (mut found, mut before, mut olders) = (Vec::new(), None, 0);
        loop {
            let step = world.seek("rare", Vec::new(), before, 7, Bounds { candidates: 20, ..ENOUGH }).await;
            assert!(step.hits.len() <= 7 && step.candidates <= 20 && (step.next.is_none() || step.older.is_none()));
            found.extend(step.hits.into_iter().map(|(seq, _)| seq));
            olders += usize::from(step.older.is_some());
            before = step.next.or(step.older);
            if before.is_none() {
                break;
            }
        }
        assert_eq!(found, expected, "{}", engine.name);
        let nobodys = vec![Condition::any(vec![Test::Priority(9)])];
        let step = world.seek("heater", nobodys, None, 7, Bounds { candidates: 50, ..ENOUGH }).await;
        assert_eq!((step.hits.len(), step.candidates), (0, 50), "{}", engine.name);
        assert_eq!(step.older, Some(said[250]), "{}: it goes on below the last that it looked at", engine.name);
        assert_eq!(olders, 0, "{}: a full page is no early stop", engine.name);
    }
}

#[tokio::test]
async fn of_two_who_fill_it_one_writes_and_nothing_is_there_twice() {
    for engine in engines() {
        let world = world(&engine).await;
        let (conversation, ..) = world.conversation(1, NOW).await;
        let workspace = world.workspace;
        let seq = world.say(conversation, NOW, "one heater").await;
        let read = || async { world.db.read(workspace, |scope| scope.to_index()).await.unwrap().unwrap() };
        let (first, second) = (read().await, read().await);
        assert!(world.db.machinery(NOW, move |root| root.index(workspace, &first)).await.unwrap());
        assert!(!world.db.machinery(NOW, move |root| root.index(workspace, &second)).await.unwrap(), "{}", engine.name);
        assert_eq!(world.finds("heater").await, [seq], "{}", engine.name);
        // from the beginning again, as after a restore
        world.db.machinery(NOW, |root| root.index_anew()).await.unwrap();
        assert!(world.db.read(workspace, |scope| scope.index_behind()).await.unwrap() > 0);
        world.fill().await;
        assert_eq!(world.finds("heater").await, [seq], "{}", engine.name);
        assert_eq!(world.db.read(workspace, |scope| scope.index_behind()).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn what_is_edited_or_erased_leaves_the_index() {
    for engine in engines() {
        let world = world(&engine).await;
        let (conversation, ..) = world.conversation(1, NOW).await;
        let (workspace, kept) = (world.workspace, world.say(conversation, NOW, "a heater").await);
        let changed = world.say(conversation, NOW, "a heater").await;
        world.fill().await;
        let touched = || async {
            let told = world.db.write(workspace, NOW, move |tx| {
                let id = tx.message_at(changed)?.unwrap();
                tx.append(NewEvent::new(Actor::System, EventType::NoteEdited).subject(id.uuid())).map(drop)
            });
            told.await.unwrap();
            world.fill().await;
        };
        world
            .db
            .tamper("UPDATE entries SET text = 'a boiler' WHERE seq = (SELECT max(seq) FROM entries)", false)
            .await
            .unwrap();
        touched().await;
        assert_eq!(
            (world.finds("heater").await, world.finds("boiler").await),
            (vec![kept], vec![changed]),
            "{}",
            engine.name
        );
        let stale = world.db.read_root(|root| root.index_is_stale()).await.unwrap();
        assert_eq!(stale, engine.name == "SQLite", "what was taken out is in its bytes");
        let mut begin = true;
        while world.db.machinery(NOW, move |root| root.merge_index(begin)).await.unwrap() {
            begin = false;
        }
        assert!(!world.db.read_root(|root| root.index_is_stale()).await.unwrap());
        if engine.name == "SQLite" {
            let bytes = world.db.inspect(|connection| {
                let all = Sql::declared("test::bytes", "SELECT group_concat(hex(block), '') FROM entry_search_data");
                connection.row::<(String,)>(all, &[])
            });
            let bytes = bytes.await.unwrap().unwrap().0;
            assert!(bytes.contains(&hex::encode_upper("boiler")), "the words are there as they are");
        }
        world
            .db
            .tamper("UPDATE entries SET erased_at = 1 WHERE seq = (SELECT max(seq) FROM entries)", false)
            .await
            .unwrap();
        assert_eq!(world.finds("boiler").await, Vec::<i64>::new(), "{}: at once", engine.name);
        touched().await;
        let left = if engine.name == "SQLite" {
            "SELECT count(*) FROM entry_search WHERE entry_search MATCH 'boiler'"
        } else {
            "SELECT count(*) FROM entry_search WHERE words @@ 'boiler'::tsquery"
        };
        let left = world.db.inspect(move |connection| connection.row::<(i64,)>(Sql::declared("test::left", left), &[]));
        assert_eq!(left.await.unwrap(), Some((0,)), "{}", engine.name);
    }
}

#[tokio::test]
async fn another_workspace_is_not_found() {
    for engine in engines() {
        let (here, there) = (world(&engine).await, world(&engine).await);
        let (ours, ..) = here.conversation(1, NOW).await;
        let (theirs, ..) = there.conversation(2, NOW).await;
        let seq = here.say(ours, NOW, "our heater").await;
        there.say_all(theirs, NOW, vec!["their heater".to_owned(); 5]).await;
        here.fill().await;
        there.fill().await;
        assert_eq!(here.finds("heater").await, [seq], "{}", engine.name);
        assert_eq!(there.finds("heater").await.len(), 5, "{}", engine.name);
    }
}

#[tokio::test]
async fn a_label_leads_to_what_has_it_however_much_has_not() {
    for engine in engines() {
        let world = world(&engine).await;
        let labels = world.labels(&["vip"]).await;
        let label = labels[0].id;
        let (crowd, ..) = world.conversation(1, NOW).await;
        let (one, ..) = world.conversation(2, NOW).await;
        let seq = world.say(one, NOW, "a heater").await;
        world.say_all(crowd, NOW, vec!["a heater".to_owned(); 200]).await;
        world.fill().await;
        let labelled = || vec![Condition::any(vec![Test::Label(HashSet::from([label]))])];
        let few = Bounds { candidates: 10, ..ENOUGH };
        assert!(world.seek("heater", labelled(), None, 5, few).await.hits.is_empty());
        world
            .db
            .write(world.workspace, NOW, move |tx| {
                tx.change(one, |held| held.labels = with_those_above(&labels, &[label]))?;
                tx.append(NewEvent::new(Actor::System, EventType::ConversationLabelled).conversation(one)).map(drop)
            })
            .await
            .unwrap();
        world.fill().await;
        let found = world.seek("heater", labelled(), None, 5, few).await;
        assert_eq!((found.hits, found.candidates), (vec![(seq, one)], 1), "{}", engine.name);
        let without =
            world.seek("heater", vec![Condition::none(vec![Test::Label(HashSet::from([label]))])], None, 300, ENOUGH);
        assert_eq!(without.await.hits.len(), 200, "{}", engine.name);
    }
}

#[tokio::test]
async fn a_period_is_a_range_of_the_log() {
    for engine in engines() {
        let world = world(&engine).await;
        let (conversation, ..) = world.conversation(1, NOW).await;
        let mut seqs = Vec::new();
        for day in 0..100i64 {
            seqs.push(world.say(conversation, NOW + day * DAY, "heater").await);
        }
        let range = |since: Option<i64>, before: Option<i64>| {
            let at = |day: i64| NOW + day * DAY;
            world.db.read(world.workspace, move |scope| scope.range_of(since.map(at), before.map(at)))
        };
        let since = range(Some(90), None).await.unwrap();
        assert!(since.above < seqs[90] && since.above >= seqs[88], "{}: {since:?}", engine.name);
        let before = range(None, Some(10)).await.unwrap();
        assert!(before.before > seqs[10] && before.before <= seqs[42], "{}: {before:?}", engine.name);
        let all = range(None, None).await.unwrap();
        assert!(all.above == 0 && all.before > seqs[99], "{}", engine.name);
    }
}

#[tokio::test]
async fn the_index_is_used() {
    for engine in engines() {
        let world = world(&engine).await;
        let (conversation, ..) = world.conversation(1, NOW).await;
        let said = (0..3_000).map(|n| if n == 7 { "a rare word".into() } else { format!("common {n}") }).collect();
        world.say_all(conversation, NOW, said).await;
        world.fill().await;
        let (workspace, rare) = (world.workspace, if engine.name == "SQLite" { "\"rare\"" } else { "'rare'" });
        let plan = world.db.inspect(move |connection| {
            connection.analyze()?;
            let all = [
                workspace.into(),
                rare.into(),
                0i64.into(),
                1_000_000i64.into(),
                50i64.into(),
                0i64.into(),
                10i64.into(),
            ];
            connection.plan(partyline_store::search::sample(), &all)
        });
        let plan = plan.await.unwrap().join("\n");
        let wanted = if engine.name == "SQLite" { "VIRTUAL TABLE INDEX" } else { "entry_search_words" };
        assert!(plan.contains(wanted) && !plan.contains("TEMP B-TREE"), "{}: {plan}", engine.name);
    }
}
