//! The same request with the same key is done once.

use serde_json::json;

use crate::engine::behaviours;
use crate::person::id;
use crate::world::{DANA, MAYA, at_once};

behaviours! {
    async fn the_same_key_and_body_get_the_first_answer_and_one_message(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let path = format!("/conversations/{conversation}/messages");
        let body = json!({ "text": "Once" });
        let first = w.olga.post_once(&path, "key-1", body.clone()).await.is(202);
        w.delivery(&conversation, &id(&first), "delivered").await;
        let again = w.olga.post_once(&path, "key-1", body.clone()).await;
        assert_eq!(again.headers["idempotency-replayed"], "true");
        assert_eq!(again.is(202), first, "word for word");
        w.olga.post_once(&path, "key-1", json!({ "text": "Twice" })).await.refuses(409, "idempotency_mismatch");
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let hers = id(&ana.post_once(&path, "key-1", body).await.is(202));
        assert_ne!(hers, id(&first), "another person's key is another key");
        w.delivery(&conversation, &hers, "delivered").await;
        assert_eq!(w.on_phone(MAYA), ["Once", "Once"]);
    }

    async fn twins_at_the_same_moment_make_one_message(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let path = format!("/conversations/{conversation}/messages");
        let twins = (0..8).map(|_| {
            let (olga, path) = (w.olga.clone(), path.clone());
            async move { olga.post_once(&path, "twin", json!({ "text": "Only one of me" })).await }
        });
        let answers = at_once(twins).await;
        let first = id(&answers[0].body);
        for answer in answers {
            assert_eq!(id(&answer.is(202)), first);
        }
        w.delivery(&conversation, &first, "delivered").await;
        assert_eq!(w.on_phone(MAYA).len(), 1);
        assert_eq!(w.olga.messages(&conversation).await.len(), 2);
    }

    async fn a_refusal_is_not_kept_so_the_key_can_be_used_with_a_person_s_word(w) {
        let body = json!({ "channel_id": w.channel, "to": DANA, "text": "Hello" });
        w.olga.post_once("/conversations", "start", body).await.refuses(409, "first_contact");
        let body = json!({ "channel_id": w.channel, "to": DANA, "text": "Hello", "confirm": ["first_contact"], "source": "asked us" });
        let started = w.olga.post_once("/conversations", "start", body.clone()).await.is(201);
        let again = w.olga.post_once("/conversations", "start", body).await.is(201);
        assert_eq!(id(&again["message"]), id(&started["message"]));
        w.delivery(&id(&started["conversation"]), &id(&started["message"]), "delivered").await;
        assert_eq!(w.on_phone(DANA).len(), 1);
    }

    async fn notes_teams_and_people_are_made_once_too(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let notes = format!("/conversations/{conversation}/notes");
        let note = id(&w.olga.post_once(&notes, "n", json!({ "text": "Once" })).await.is(201));
        assert_eq!(id(&w.olga.post_once(&notes, "n", json!({ "text": "Once" })).await.is(201)), note);
        let team = json!({ "name": "East" });
        let made = id(&w.olga.post_once("/teams", "t", team.clone()).await.is(201));
        assert_eq!(id(&w.olga.post_once("/teams", "t", team).await.is(201)), made);
        let user = json!({ "name": "Ana", "email": "ana@example.com", "password": "a long enough password", "role": "agent" });
        let made = id(&w.olga.post_once("/users", "u", user.clone()).await.is(201));
        assert_eq!(id(&w.olga.post_once("/users", "u", user).await.is(201)), made);
    }

    async fn after_a_day_a_key_is_free_again(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let notes = format!("/conversations/{conversation}/notes");
        let first = id(&w.olga.post_once(&notes, "n", json!({ "text": "Today" })).await.is(201));
        w.advance(partyline_core::time::DAY + 1);
        let second = id(&w.olga.post_once(&notes, "n", json!({ "text": "Tomorrow" })).await.is(201));
        assert_ne!(first, second);
    }
}
