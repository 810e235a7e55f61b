//! Pictures, in and out.

use bytes::Bytes;
use partyline_carrier::Picture;
use partyline_core::time::{DAY, MINUTE};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::engine::behaviours;
use crate::person::{Answer, Person, id};
use crate::world::{LEASING, MAYA, WEST, World};

/// A picture of one pixel.
pub const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 6,
    0, 0, 0, 0x1F, 0x15, 0xC4, 0x89, 0, 0, 0, 13, b'I', b'D', b'A', b'T', 0x78, 0x9C, 0x62, 0, 1, 0, 0, 5, 0, 1, 0x0D,
    0x0A, 0x2D, 0xB4, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xAE, 0x42, 0x60, 0x82,
];

pub async fn upload(person: &Person, name: &str, declared: &str, bytes: &[u8]) -> Answer {
    let part = Part::bytes(bytes.to_vec()).file_name(name.to_owned()).mime_str(declared).unwrap();
    person.ask(person.request(Method::POST, "/attachments").multipart(Form::new().part("file", part))).await
}

/// The bytes at an address of the API, and their type.
async fn bytes_of(person: &Person, path: &str) -> (u16, String, Bytes) {
    let response = person.request(Method::GET, path).send().await.unwrap();
    let status = response.status().as_u16();
    let kind = response.headers().get("content-type").map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
    (status, kind, response.bytes().await.unwrap())
}

/// The first attachment of the newest message, once it has been fetched.
pub async fn fetched(w: &World, conversation: &str) -> Value {
    w.until("the picture is fetched", async || {
        let messages = w.olga.messages(conversation).await;
        let file = messages.last()?["attachments"][0].clone();
        (file["size"].as_i64()? > 0).then_some(file)
    })
    .await
}

behaviours! {
    async fn a_picture_that_comes_is_fetched_and_shown_as_what_it_is(w) {
        let pictures = vec![Picture { bytes: Bytes::from_static(PNG) }];
        w.carrier.text(MAYA, WEST, "Look", pictures.clone()).unwrap();
        let conversation = id(&w.until("it came", async || w.olga.view("all").await.pop()).await);
        let file = fetched(w, &conversation).await;
        assert_eq!((&file["content_type"], &file["size"]), (&json!("image/png"), &json!(PNG.len())));
        let path = file["url"].as_str().unwrap().trim_start_matches("/api/v1").to_owned();
        let (status, kind, bytes) = bytes_of(&w.olga, &path).await;
        assert_eq!((status, kind.as_str(), &bytes[..]), (200, "image/png", PNG));
        assert!(w.olga.events(0).await.iter().any(|e| e["type"] == "message.updated" && e["changed"] == json!(["attachments"])));
        w.until("nothing is left to fetch", async || (w.jobs().await == 0).then_some(())).await;
    }

    async fn a_picture_outlasts_a_storage_that_is_away(w) {
        let (files, away) = (w.place.folder.path().join("files"), w.place.folder.path().join("away"));
        std::fs::rename(&files, &away).unwrap();
        std::fs::write(&files, "in its place").unwrap();
        w.carrier.text(MAYA, WEST, "Look", vec![Picture { bytes: Bytes::from_static(PNG) }]).unwrap();
        let conversation = id(&w.until("it came", async || w.olga.view("all").await.pop()).await);
        // longer than a file that the provider does not have is looked for
        for _ in 0..14 {
            w.advance(20 * MINUTE);
            w.desk().work_once().await.unwrap();
            w.until("that was tried", async || (!w.claimed().await).then_some(())).await;
        }
        assert_eq!(w.olga.messages(&conversation).await.last().unwrap()["attachments"][0]["state"], "fetching");
        std::fs::remove_file(&files).unwrap();
        std::fs::rename(&away, &files).unwrap();
        w.advance(MINUTE);
        assert_eq!(fetched(w, &conversation).await["size"], PNG.len());
    }

    async fn a_picture_that_goes_is_fetched_by_the_provider_through_an_address_of_its_own(w) {
        let conversation = id(&w.text(MAYA, "Where are you?").await);
        let file = upload(&w.olga, "map.png", "image/png", PNG).await.is(201);
        let body = json!({ "text": "Here", "attachment_ids": [id(&file)] });
        let sent = id(&w.olga.post(&format!("/conversations/{conversation}/messages"), body.clone()).await.is(202));
        let message = w.delivery(&conversation, &sent, "delivered").await;
        assert_eq!(message["attachments"][0]["name"], "map.png");
        let got = &w.sent_to(MAYA)[0];
        assert_eq!(got.media.len(), 1);
        assert_eq!(got.media[0].content_type, "image/png");
        w.olga.post(&format!("/conversations/{conversation}/messages"), body).await.refuses(422, "invalid");
        let request = &w.send_requests().await[0];
        let form: Vec<(String, String)> = url::form_urlencoded::parse(request["request_body"].as_str().unwrap().as_bytes()).into_owned().collect();
        let address = &form.iter().find(|(n, _)| n == "MediaUrl").unwrap().1;
        assert!(address.starts_with(&format!("{}/files/", w.base)));
        let response = w.http.get(address).send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert!(response.headers()["content-security-policy"].to_str().unwrap().contains("sandbox"));
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        w.advance(partyline_core::time::DAY + 1);
        assert_eq!(w.http.get(address).send().await.unwrap().status(), 404, "it expires");
        assert_eq!(w.http.get(format!("{}/files/{}", w.base, "0".repeat(64))).send().await.unwrap().status(), 404);
    }

    async fn a_picture_that_was_never_answered_is_found_by_its_files_too(w) {
        let conversation = id(&w.text(MAYA, "Where are you?").await);
        let file = upload(&w.olga, "map.png", "image/png", PNG).await.is(201);
        w.faults(&partyline_carrier::Faults { drop_after_accept: partyline_carrier::Switch::Times(1), lose_receipts_percent: 100, ..partyline_carrier::Faults::default() });
        let body = json!({ "text": "", "attachment_ids": [id(&file)] });
        let sent = id(&w.olga.post(&format!("/conversations/{conversation}/messages"), body).await.is(202));
        w.delivery(&conversation, &sent, "unknown").await;
        w.until("the provider has its picture", async || (w.sent_to(MAYA)[0].media.len() == 1).then_some(())).await;
        w.advance(2 * partyline_core::time::SECOND);
        w.until("it is found", async || w.olga.message(&conversation, &sent).await["delivery"]["provider_id"].as_str().map(drop)).await;
        assert_eq!(w.on_phone(MAYA).len(), 1);
    }

    async fn what_is_not_what_it_says_is_refused(w) {
        upload(&w.olga, "page.html", "text/html", b"<html><script>alert(1)</script></html>").await.refuses(422, "attachment_type");
        upload(&w.olga, "a.png", "image/png", b"<svg xmlns='http://www.w3.org/2000/svg'/>").await.refuses(422, "attachment_type");
        upload(&w.olga, "empty.png", "image/png", b"").await.refuses(422, "invalid");
        let huge: Vec<u8> = PNG.iter().copied().chain(std::iter::repeat_n(0, 16 << 20)).collect();
        upload(&w.olga, "huge.png", "image/png", &huge).await.refuses(413, "too_large");
        let two: Vec<u8> = PNG.iter().copied().chain(std::iter::repeat_n(0, 3 << 20)).collect();
        let conversation = id(&w.text(MAYA, "Hello").await);
        let files = [id(&upload(&w.olga, "1.png", "image/png", &two).await.is(201)), id(&upload(&w.olga, "2.png", "image/png", &two).await.is(201))];
        let body = json!({ "text": "Big", "attachment_ids": files });
        w.olga.post(&format!("/conversations/{conversation}/messages"), body).await.refuses(422, "attachment_too_large");
    }

    async fn a_file_of_a_closed_team_is_not_there_for_others(w) {
        let ana = w.person("Ana", "agent", &[]).await;
        let tom = w.person("Tom", "agent", &[&w.team]).await;
        let closed = id(&w.olga.post("/teams", json!({ "name": "Legal", "closed": true, "member_ids": [ana.id] })).await.is(201));
        w.channel("Leasing", LEASING, &closed).await;
        w.carrier.text(MAYA, LEASING, "For your eyes", vec![Picture { bytes: Bytes::from_static(PNG) }]).unwrap();
        let conversation = id(&w.until("it came", async || w.olga.view("all").await.pop()).await);
        let file = fetched(w, &conversation).await;
        let path = format!("/attachments/{}", id(&file));
        assert_eq!(bytes_of(&ana, &path).await.0, 200);
        assert_eq!(bytes_of(&tom, &path).await.0, 404);
        let hers = id(&upload(&ana, "draft.png", "image/png", PNG).await.is(201));
        assert_eq!(bytes_of(&tom, &format!("/attachments/{hers}")).await.0, 404, "what is not sent yet is its uploader's");
        assert_eq!(bytes_of(&ana, &format!("/attachments/{hers}")).await.0, 200);
    }

    async fn a_part_of_a_file_is_given_to_who_asks_for_it(w) {
        let file = upload(&w.olga, "map.png", "image/png", PNG).await.is(201);
        let path = format!("/attachments/{}", id(&file));
        let ask = async |range: &str| {
            let answer = w.olga.request(Method::GET, &path).header("Range", range).send().await.unwrap();
            let range = answer.headers().get("content-range").map(|v| v.to_str().unwrap().to_owned());
            (answer.status().as_u16(), range, answer.bytes().await.unwrap())
        };
        let size = PNG.len();
        let (status, range, bytes) = ask("bytes=1-3").await;
        assert_eq!((status, range.unwrap(), &bytes[..]), (206, format!("bytes 1-3/{size}"), &b"PNG"[..]));
        assert_eq!(&ask("bytes=-4").await.2[..], &PNG[size - 4..]);
        let (status, range, bytes) = ask("bytes=9999-").await;
        assert_eq!((status, range, &bytes[..]), (200, None, PNG), "what can't be given in part is given whole");
    }

    async fn bytes_that_nothing_names_are_taken_away_after_a_week_and_no_sooner(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let folder = w.place.folder.path().join("files");
        let unused = upload(&w.olga, "unused.png", "image/png", PNG).await;
        unused.is(201);
        let used = [PNG, b"used"].concat();
        let used = id(&upload(&w.olga, "used.png", "image/png", &used).await.is(201));
        let note = json!({ "text": "Here", "attachment_ids": [used], "undo_seconds": 60 });
        w.olga.post(&format!("/conversations/{conversation}/messages"), note).await.is(202);
        let sweep = async || {
            w.desk().expire().await.unwrap();
            w.desk().sweep().await.unwrap();
        };
        sweep().await;
        assert_eq!(files_under(&folder), 2);
        w.advance(6 * DAY);
        sweep().await;
        assert_eq!(files_under(&folder), 2, "nobody's for a week, almost");
        // the same bytes come once more, and are young again
        upload(&w.olga, "again.png", "image/png", PNG).await.is(201);
        w.advance(6 * DAY);
        sweep().await;
        assert_eq!(files_under(&folder), 2);
        w.advance(2 * DAY);
        sweep().await;
        assert_eq!(files_under(&folder), 1, "the used one stays");
        upload(&w.olga, "anew.png", "image/png", PNG).await.is(201);
        assert_eq!(files_under(&folder), 2);
    }
}

/// Files in a folder and in what is under it.
fn files_under(folder: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { files_under(&path) } else { 1 }).sum()
}
