//! Pictures of people: given, shown to the others, replaced, taken away.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::engine::behaviours;
use crate::media::PNG;
use crate::person::{Answer, Person};
use crate::world::MAYA;

/// The head of a PNG of this size, and what makes it another one.
fn square(side: u32, mark: u8) -> Vec<u8> {
    [b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".as_slice(), &side.to_be_bytes(), &side.to_be_bytes(), &[8, 6, 0, 0, 0, mark]]
        .concat()
}

async fn give(who: &Person, bytes: Vec<u8>) -> Answer {
    let part = Part::bytes(bytes).file_name("me.png").mime_str("image/png").unwrap();
    who.ask(who.request(Method::PUT, "/me/picture").multipart(Form::new().part("file", part))).await
}

async fn picture_of(who: &Person, whose: &Person) -> Value {
    who.get(&format!("/users/{}", whose.id)).await.is(200)["picture_id"].clone()
}

behaviours! {
    async fn a_picture_is_shown_to_all_kept_by_its_id_and_taken_away_again(w) {
        let ana = w.person("Ana", "viewer", &[]).await;
        let before = w.olga.seq().await;
        let me = give(&ana, square(256, 1)).await.is(200);
        let first = me["user"]["picture_id"].as_str().unwrap().to_owned();
        assert_eq!(picture_of(&w.olga, &ana).await, first);
        let told = w.olga.events(before).await;
        assert_eq!((&told[0]["changed"], &told[0]["data"]["picture_id"]), (&json!(["picture_id"]), &json!(first)));
        let response = w.olga.request(Method::GET, &format!("/attachments/{first}")).send().await.unwrap();
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "image/png");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert!(header("cache-control").starts_with("private, max-age="), "{}", header("cache-control"));
        assert!(header("content-security-policy").contains("default-src 'none'"));
        assert_eq!(response.bytes().await.unwrap(), square(256, 1));
        // another one has another id, and the one before is nobody's
        let second = give(&ana, square(256, 2)).await.is(200)["user"]["picture_id"].as_str().unwrap().to_owned();
        assert_ne!(first, second);
        w.olga.get(&format!("/attachments/{first}")).await.refuses(404, "not_found");
        assert_eq!(w.olga.get(&format!("/attachments/{second}")).await.status, 200);
        ana.delete("/me/picture").await.is(204);
        assert_eq!(picture_of(&w.olga, &ana).await, Value::Null);
        w.olga.get(&format!("/attachments/{second}")).await.refuses(404, "not_found");
        ana.delete("/me/picture").await.is(204);
    }

    async fn only_a_small_square_picture_is_one(w) {
        for (bytes, code) in [
            (PNG.to_vec(), "wrong_size"),
            (square(63, 0), "wrong_size"),
            (square(4_000, 0), "wrong_size"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), "unknown_type"),
            (b"GIF89a\x40\0\x40\0".to_vec(), "unknown_type"),
            (Vec::new(), "required"),
        ] {
            let said = give(&w.olga, bytes).await.refuses(422, "invalid");
            assert_eq!(said["errors"][0]["code"], code, "{said}");
        }
        let mut large = square(256, 0);
        large.resize((512 << 10) + 1, 0);
        give(&w.olga, large).await.refuses(413, "too_large");
        w.olga.put("/me/picture", json!({})).await.refuses(415, "unsupported_media_type");
        assert_eq!(picture_of(&w.olga, &w.olga).await, Value::Null);
    }

    async fn a_picture_is_no_file_to_be_sent(w) {
        let picture = give(&w.olga, square(256, 1)).await.is(200)["user"]["picture_id"].clone();
        let conversation = crate::person::id(&w.text(MAYA, "Hello").await);
        let body = json!({ "text": "Me", "attachment_ids": [picture] });
        w.olga.post(&format!("/conversations/{conversation}/messages"), body).await.refuses(422, "invalid");
        let canned = json!({ "scope": "personal", "name": "me", "text": "Me", "attachment_ids": [picture] });
        w.olga.post("/canned_responses", canned).await.refuses(422, "invalid");
        assert_eq!(picture_of(&w.olga, &w.olga).await, picture);
    }

    async fn a_keyboard_follows_its_person_and_is_nobody_elses(w) {
        let ana = w.person("Ana", "agent", &[]).await;
        assert_eq!(ana.get("/me").await["settings"]["keys"], json!({ "preset": "default", "own": {} }));
        let keys = json!({ "preset": "gmail", "own": { "conversation.close": ["Shift+X", "G X"], "app.help": [] } });
        let changed = ana.patch("/me", json!({ "keys": keys, "signature": "A." })).await.is(200);
        assert_eq!((&changed["settings"]["keys"], &changed["settings"]["signature"]), (&keys, &json!("A.")));
        ana.patch("/me", json!({ "name": "Ana R." })).await.is(200);
        let again = Person::sign_in(&w.http, &ana.base, "ana@example.com").await;
        assert_eq!(again.get("/me").await["settings"]["keys"], keys, "what is not named stays");
        assert_eq!(w.olga.get("/me").await["settings"]["keys"]["preset"], "default");
        for wrong in [json!({ "preset": "vim" }), json!({ "preset": "off", "own": { "x": ["E"] } }), json!({ "preset": "off", "own": { "a.b": ["Ctrl+"] } })] {
            ana.patch("/me", json!({ "keys": wrong })).await.refuses(422, "invalid");
        }
    }
}
