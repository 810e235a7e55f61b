//! A long timeline, read from anywhere in it.

use serde_json::{Value, json};

use crate::engine::behaviours;
use crate::person::{Person, id};
use crate::world::{DANA, MAYA};

async fn page(who: &Person, conversation: &str, ask: &str) -> Value {
    who.get(&format!("/conversations/{conversation}/entries?{ask}")).await.is(200)
}

fn ids(page: &Value) -> Vec<String> {
    page["data"].as_array().unwrap().iter().map(id).collect()
}

behaviours! {
    async fn a_timeline_is_read_from_an_entry_to_both_ends(w) {
        let conversation = id(&w.text(MAYA, "first").await);
        for n in 0..40 {
            // several in the same moment
            if n % 3 == 0 {
                w.advance(1_000);
            }
            w.olga.post(&format!("/conversations/{conversation}/notes"), json!({ "text": format!("note {n}") })).await.is(201);
        }
        let mut all: Vec<String> = w.olga.entries(&conversation).await.iter().map(id).collect();
        all.reverse();
        for (at, limit) in [(20, 7), (20, 8), (0, 7), (1, 7), (all.len() - 1, 7), (all.len() - 2, 6), (5, 200), (20, 1), (20, 2)] {
            let mut whole = page(&w.olga, &conversation, &format!("around={}&limit={limit}", all[at])).await;
            let middle = ids(&whole);
            assert!(middle.contains(&all[at]) && middle.len() <= limit, "{at} {limit}: {middle:?}");
            if (limit..all.len().saturating_sub(limit)).contains(&at) {
                assert_eq!(middle.len(), limit, "as much as was asked for");
            }
            let (mut newer, mut older) = (whole["newer_cursor"].take(), whole["next_cursor"].take());
            let mut read = middle;
            while let Some(cursor) = newer.as_str() {
                let more = page(&w.olga, &conversation, &format!("cursor={cursor}&limit={limit}")).await;
                assert_eq!(more["next_cursor"], Value::Null);
                read = [ids(&more), read].concat();
                newer = more["newer_cursor"].clone();
            }
            while let Some(cursor) = older.as_str() {
                let more = page(&w.olga, &conversation, &format!("cursor={cursor}&limit={limit}")).await;
                assert_eq!(more["newer_cursor"], Value::Null);
                read.extend(ids(&more));
                older = more["next_cursor"].clone();
            }
            assert_eq!(read, all, "{at} {limit}: everything once, in order");
        }
        let newest = page(&w.olga, &conversation, "limit=5").await;
        assert_eq!((ids(&newest), &newest["newer_cursor"]), (all[..5].to_vec(), &Value::Null));
    }

    async fn only_an_entry_of_the_conversation_is_a_place_in_it(w) {
        let (here, there) = (id(&w.text(MAYA, "here").await), id(&w.text(DANA, "there").await));
        let other = id(&w.olga.messages(&there).await[0]);
        let path = format!("/conversations/{here}/entries");
        for (ask, status, code) in [
            (format!("around={other}"), 404, "not_found"),
            ("around=msg_0".to_owned(), 404, "not_found"),
            (format!("around={}&cursor=1.1", id(&w.olga.messages(&here).await[0])), 422, "invalid"),
            ("cursor=n".to_owned(), 422, "invalid"),
            ("cursor=n1".to_owned(), 422, "invalid"),
            ("cursor=nn1.1".to_owned(), 422, "invalid"),
        ] {
            w.olga.get(&format!("{path}?{ask}")).await.refuses(status, code);
        }
        let closed = id(&w.olga.post("/teams", json!({ "name": "Leasing", "closed": true })).await.is(201));
        w.olga.patch(&format!("/conversations/{there}"), json!({ "team_id": closed })).await.is(200);
        let ana = w.person("Ana", "agent", &[]).await;
        ana.get(&format!("/conversations/{there}/entries?around={other}")).await.refuses(404, "not_found");
    }
}
