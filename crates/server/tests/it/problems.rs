//! What is wrong with a request is said in one form, and says nothing of our insides.

use reqwest::Method;
use serde_json::json;

use crate::house::{House, answer};

#[tokio::test]
async fn a_malformed_id_names_nothing() {
    let (house, owner) = House::set_up().await;
    for path in [
        "/users/1",
        "/users/team_01h455vb4pex5vsknk084sn02q",
        "/users/USER_01H455VB4PEX5VSKNK084SN02Q",
        "/users/user_01h455vb4pex5vsknk084sn02",
        "/users/user_8zzzzzzzzzzzzzzzzzzzzzzzzz",
        "/users/%00",
        "/users/%ff",
        "/teams/x",
        "/connections/x",
        "/channels/x",
        "/conversations/x",
        "/conversations/x/entries",
        "/conversations?team=x",
        "/attachments/x",
        // well formed, and nobody's
        "/conversations/conv_01h455vb4pex5vsknk084sn02q",
    ] {
        house.get(&owner, path).await.problem(404, "not_found");
    }
    house.ask(Method::DELETE, Some(&owner), "/messages/x", None).await.problem(404, "not_found");
    house.post(&owner, "/conversations/x/messages", &json!({ "text": "x" })).await.problem(404, "not_found");
}

#[tokio::test]
async fn an_address_that_is_none_and_a_method_that_is_none() {
    let (house, owner) = House::set_up().await;
    for path in ["/api", "/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v1/users/", "/api/v2/me"] {
        house.send(Method::GET, path, &[("accept", "text/html")], None).await.problem(404, "not_found");
    }
    house.ask(Method::PUT, Some(&owner), "/users", None).await.problem(405, "method_not_allowed");
    let answer = house.ask(Method::DELETE, Some(&owner), "/me", None).await;
    assert_eq!(answer.header("allow"), "GET,HEAD,PATCH");
    answer.problem(405, "method_not_allowed");
    house.send(Method::POST, "/somewhere", &[], None).await.problem(405, "method_not_allowed");
    house.send(Method::GET, "/somewhere.js", &[("accept", "text/html")], None).await.problem(404, "not_found");
    house.send(Method::GET, "/somewhere", &[("accept", "application/json")], None).await.problem(404, "not_found");
}

#[tokio::test]
async fn a_body_that_can_t_be_read_says_where() {
    let (house, owner) = House::set_up().await;
    let post = async |content_type: &str, body: &str| {
        let headers = [("x-partyline-csrf", "1"), ("cookie", owner.cookie.as_str()), ("content-type", content_type)];
        answer(house.request(Method::POST, "/api/v1/teams", &headers).body(body.to_owned())).await
    };
    let json = "application/json";
    let malformed = post(json, "{\"name\": ").await.problem(400, "malformed_json");
    assert!(malformed["detail"].as_str().unwrap().contains("line 1"), "{malformed}");
    post(json, "{\"name\": \"x\"} x").await.problem(400, "malformed_json");
    post(json, &"[".repeat(10_000)).await.problem(400, "malformed_json");
    post("text/plain", "{}").await.problem(415, "unsupported_media_type");
    post("", "{}").await.problem(415, "unsupported_media_type");
    let big = format!("{{\"name\": \"{}\"}}", "x".repeat(300_000));
    post(json, &big).await.problem(413, "too_large");

    for (body, field, code) in [
        ("{}", "name", "required"),
        ("", "name", "required"),
        ("[]", "", "malformed"),
        ("[\"West\"]", "", "malformed"),
        ("null", "", "malformed"),
        ("{\"name\": 1}", "name", "malformed"),
        ("{\"name\": \"x\", \"member_ids\": [\"user_x\"]}", "member_ids[0]", "malformed"),
        ("{\"name\": \"x\\u0000\"}", "", "malformed"),
        ("{\"name\": \" \"}", "name", "required"),
        ("{\"name\": \"x\", \"member_ids\": [\"user_01h455vb4pex5vsknk084sn02q\"]}", "member_ids", "unknown"),
    ] {
        let problem = post(json, body).await.problem(422, "invalid");
        assert_eq!(
            (&problem["errors"][0]["field"], &problem["errors"][0]["code"]),
            (&json!(field), &json!(code)),
            "{body}"
        );
    }
    // what a newer client says more is no mistake
    let made = post("application/json; charset=utf-8", "{\"name\": \"West \\\\u0000\", \"colour\": \"red\"}")
        .await
        .expect(201);
    assert_eq!(made["name"], "West \\u0000");
}

#[tokio::test]
async fn a_query_that_can_t_be_read_says_where() {
    let (house, owner) = House::set_up().await;
    for (path, field) in [
        ("/conversations?view=everything", "view"),
        ("/conversations?sort=oldest", "sort"),
        ("/conversations?limit=0", "limit"),
        ("/conversations?limit=-1", "limit"),
        ("/conversations?limit=x", "limit"),
        ("/conversations?cursor=x", "cursor"),
        ("/events?after=x", "after"),
    ] {
        let problem = house.get(&owner, path).await.problem(422, "invalid");
        assert_eq!(problem["errors"][0]["field"], field, "{path}");
    }
    house.get(&owner, "/conversations?limit=99999&view=&colour=red").await.expect(200);
    house.get(&owner, "/events?after=-5").await.expect(200);
    house.get(&owner, "/events?after=9223372036854775807").await.expect(200);
}

#[tokio::test]
async fn a_live_address_that_is_not_opened_as_a_socket_says_so() {
    let (house, owner) = House::set_up().await;
    house.get(&owner, "/live").await.problem(426, "websocket_expected");
}

#[tokio::test]
async fn health_and_headers() {
    let house = House::empty().await;
    let up = house.send(Method::GET, "/healthz", &[], None).await;
    assert_eq!(up.header("x-content-type-options"), "nosniff");
    up.expect(200);
    house.send(Method::GET, "/readyz", &[], None).await.expect(200);
    let setup = house.ask(Method::GET, None, "/setup", None).await;
    assert_eq!(setup.header("cache-control"), "no-store");
    assert_eq!(setup.header("referrer-policy"), "same-origin");
    let permissions = setup.header("permissions-policy");
    assert!(permissions.contains("camera=()"), "{permissions}");
    assert!(
        permissions.split(", ").all(|one| one.ends_with("=()")),
        "a browser drops a list that it can't read: {permissions}"
    );
    assert_eq!(setup.header("strict-transport-security"), "", "this server has no https address");
    let policy = setup.header("content-security-policy");
    for part in
        ["default-src 'self'", "script-src 'self';", "frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'"]
    {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(policy.contains(&format!("connect-src 'self' ws://{};", house.address)), "{policy}");
}

#[tokio::test]
async fn a_webhook_of_nobody_is_404_and_one_that_is_too_large_413() {
    let (house, owner, _carrier) = House::connected().await;
    let connection = house.get(&owner, "/connections").await.expect(200)["data"][0]["id"].as_str().unwrap().to_owned();
    let nobody = "conn_01h455vb4pex5vsknk084sn02q";
    for path in [
        format!("/hooks/twilio/{nobody}/message"),
        "/hooks/twilio/x/message".to_owned(),
        format!("/hooks/twilio/{connection}/fax"),
        format!("/hooks/pigeon/{connection}/message"),
    ] {
        house.send(Method::POST, &path, &[], None).await.problem(404, "not_found");
    }
    let path = format!("/hooks/twilio/{connection}/message");
    house.send(Method::POST, &path, &[], None).await.problem(403, "wrong_signature");
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let form = [form[0], ("x-twilio-signature", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")];
    let large = house.request(Method::POST, &path, &form).body(vec![b'a'; (1 << 20) + 1]);
    answer(large).await.problem(413, "too_large");
    // they are counted together, once a second
    let counted = async {
        while house.get(&owner, "/connections").await.expect(200)["data"][0]["signature_failures"] != 1 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), counted).await.expect("it is counted");
}
