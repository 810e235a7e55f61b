//! Files go in through a form and come out harmless.

use partyline_core::permission::Role;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::Value;

use crate::house::{Answer, House, Person, answer};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";

async fn upload(house: &House, who: &Person, key: Option<&str>, form: Form) -> Answer {
    let mut headers = vec![("x-partyline-csrf", "1"), ("cookie", who.cookie.as_str())];
    headers.extend(key.map(|k| ("idempotency-key", k)));
    answer(house.request(Method::POST, "/api/v1/attachments", &headers).multipart(form)).await
}

fn picture(name: &str) -> Form {
    Form::new().part("file", Part::bytes(PNG).file_name(name.to_owned()))
}

#[tokio::test]
async fn a_picture_goes_in_and_comes_out_for_who_may_see_it() {
    let (house, owner) = House::set_up().await;
    let agent = house.person(&owner, Role::Agent).await;
    let made = upload(&house, &agent, None, picture("../ma\u{e9}p.png")).await.expect(201);
    assert_eq!((&made["content_type"], &made["size"]), (&Value::from("image/png"), &Value::from(PNG.len())));
    assert_eq!(made["name"], "maép.png");

    let path = made["url"].as_str().unwrap();
    let headers = [("cookie", agent.cookie.as_str())];
    let file = house.send(Method::GET, path, &headers, None).await;
    assert_eq!(file.header("content-type"), "image/png");
    assert_eq!(file.header("content-disposition"), "inline; filename=\"ma_p.png\"; filename*=UTF-8''ma%C3%A9p.png");
    assert_eq!(file.header("content-security-policy"), "sandbox; default-src 'none'");
    assert_eq!(file.header("x-content-type-options"), "nosniff");
    assert_ne!(file.header("partyline-seq"), "");
    let tag = file.header("etag").to_owned();
    let again = house.send(Method::GET, path, &[headers[0], ("if-none-match", &tag)], None).await;
    assert_eq!((again.status.as_u16(), again.text.as_str()), (304, ""));

    house.send(Method::GET, path, &[("cookie", &owner.cookie)], None).await.problem(404, "not_found");
}

#[tokio::test]
async fn an_upload_that_is_repeated_is_one_though_its_form_is_another() {
    let (house, owner) = House::set_up().await;
    let first = upload(&house, &owner, Some("k1"), picture("a.png")).await.expect(201);
    let again = upload(&house, &owner, Some("k1"), picture("a.png")).await.expect(201);
    assert_eq!(first, again);
    upload(&house, &owner, Some("k1"), picture("b.png")).await.problem(409, "idempotency_mismatch");
}

#[tokio::test]
async fn what_is_no_file_is_refused() {
    let (house, owner) = House::set_up().await;
    let page = Part::bytes(&b"<html><script>alert(1)</script>"[..]).file_name("x.png").mime_str("image/png").unwrap();
    upload(&house, &owner, None, Form::new().part("file", page)).await.problem(422, "attachment_type");
    let problem = upload(&house, &owner, None, Form::new().text("other", "x")).await.problem(422, "invalid");
    assert_eq!(problem["errors"][0]["field"], "file");
    house.post(&owner, "/attachments", &Value::Null).await.problem(415, "unsupported_media_type");
    let large = Form::new().part("file", Part::bytes(vec![0u8; (16 << 20) + 1]).file_name("x.png"));
    upload(&house, &owner, None, large).await.problem(413, "too_large");
    let headers = [
        ("x-partyline-csrf", "1"),
        ("cookie", owner.cookie.as_str()),
        ("content-type", "multipart/form-data; boundary=x"),
    ];
    let broken = house
        .request(Method::POST, "/api/v1/attachments", &headers)
        .body("--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nabc");
    answer(broken).await.problem(400, "malformed_multipart");
}

#[tokio::test]
async fn an_unknown_file_address_is_404() {
    let house = House::empty().await;
    house.send(Method::GET, "/files/0123", &[], None).await.problem(404, "not_found");
}
