//! The first set-up, signing in and out.

use reqwest::Method;
use serde_json::json;

use crate::house::{House, PASSWORD};

#[tokio::test]
async fn the_first_visitor_makes_the_workspace_and_the_second_can_t() {
    let house = House::empty().await;
    let before = house.ask(Method::GET, None, "/setup", None).await.expect(200);
    assert_eq!((&before["needed"], &before["token_required"]), (&json!(true), &json!(false)));
    assert_eq!(
        before["checks"][0],
        json!({ "name": "storage", "state": "ok", "detail": before["checks"][0]["detail"] })
    );

    let made = house.send(Method::POST, "/api/v1/setup", &[], Some(&House::set_up_body())).await;
    let cookie = made.header("set-cookie").to_owned();
    let me = made.expect(201);
    assert_eq!(me["workspace"]["name"], "Harbor & Pine");
    assert_eq!(me["user"]["role"], "owner");
    assert!(me["permissions"].as_array().unwrap().contains(&json!("channels.manage")));
    assert_eq!(me["counts"]["all"], json!({ "total": 0, "unread": 0 }));
    for part in ["partyline_session=", "; HttpOnly", "; SameSite=Lax", "; Path=/", "; Max-Age=1209600"] {
        assert!(cookie.contains(part), "{part}: {cookie}");
    }
    assert!(!cookie.contains("Secure"), "the server is reached over http: {cookie}");

    let again = house.send(Method::POST, "/api/v1/setup", &[], Some(&House::set_up_body())).await;
    again.problem(409, "already_set_up");
    let after = house.ask(Method::GET, None, "/setup", None).await.expect(200);
    assert_eq!((&after["needed"], &after["workspace_name"]), (&json!(false), &json!("Harbor & Pine")));
}

#[tokio::test]
async fn the_set_up_says_what_is_wrong_field_by_field() {
    let house = House::empty().await;
    let body = json!({ "workspace_name": " ", "name": "", "email": "ana@example.com", "password": "short" });
    let problem = house.send(Method::POST, "/api/v1/setup", &[], Some(&body)).await.problem(422, "invalid");
    let fields: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["workspace_name", "name", "password"]);
}

#[tokio::test]
async fn where_anybody_could_come_the_set_up_needs_the_token() {
    let house = House::guarded("sesame").await;
    assert_eq!(house.ask(Method::GET, None, "/setup", None).await.expect(200)["token_required"], true);
    let mut body = House::set_up_body();
    house.send(Method::POST, "/api/v1/setup", &[], Some(&body)).await.problem(403, "setup_token");
    body["token"] = json!("Sesame");
    house.send(Method::POST, "/api/v1/setup", &[], Some(&body)).await.problem(403, "setup_token");
    body["token"] = json!("sesame");
    house.send(Method::POST, "/api/v1/setup", &[], Some(&body)).await.expect(201);
}

#[tokio::test]
async fn a_name_that_was_made_to_point_here_can_t_make_the_workspace() {
    let house = House::empty().await;
    let port = house.address.port();
    for (host, origin) in [("evil.example", None), ("evil.example", Some("http://evil.example"))] {
        let host = format!("{host}:{port}");
        let origin = origin.map(|o| format!("{o}:{port}"));
        let mut headers = vec![("host", host.as_str())];
        headers.extend(origin.as_deref().map(|o| ("origin", o)));
        let answer = house.send(Method::POST, "/api/v1/setup", &headers, Some(&House::set_up_body())).await;
        answer.problem(403, "foreign_origin");
    }
    let local = format!("localhost:{port}");
    let answer = house.send(Method::POST, "/api/v1/setup", &[("host", &local)], Some(&House::set_up_body())).await;
    answer.expect(201);
}

#[tokio::test]
async fn signing_in_and_out() {
    let (house, owner) = House::set_up().await;
    let sign_in = async |email: &str, password: &str| {
        let body = json!({ "email": email, "password": password });
        house.send(Method::POST, "/api/v1/session", &[], Some(&body)).await
    };
    let wrong = sign_in(&owner.email, "something else").await.problem(401, "wrong_credentials");
    let unknown = sign_in("nobody@example.com", PASSWORD).await.problem(401, "wrong_credentials");
    assert_eq!(wrong, unknown, "nobody learns which emails have accounts");

    let ana = house.sign_in(" ANA@example.com", PASSWORD).await;
    assert_eq!(ana.id, owner.id);
    let gone = house.ask(Method::DELETE, Some(&ana), "/session", None).await;
    assert!(gone.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(gone.status.as_u16(), 204);
    house.get(&ana, "/me").await.problem(401, "not_signed_in");
    house.get(&owner, "/me").await.expect(200);
}

#[tokio::test]
async fn guessing_is_slow() {
    let (house, owner) = House::set_up().await;
    let wrong = json!({ "email": owner.email, "password": "guess guess guess" });
    for _ in 0..10 {
        house.send(Method::POST, "/api/v1/session", &[], Some(&wrong)).await.problem(401, "wrong_credentials");
    }
    let right = json!({ "email": owner.email, "password": PASSWORD });
    let answer = house.send(Method::POST, "/api/v1/session", &[], Some(&right)).await;
    assert_eq!(answer.header("retry-after"), "901");
    answer.problem(429, "too_many_attempts");
    house.clock.set(house.clock.now() + 15 * 60_000);
    house.sign_in(&owner.email, PASSWORD).await;
}

#[tokio::test]
async fn a_page_of_another_site_can_t_sign_anybody_in() {
    let (house, owner) = House::set_up().await;
    let right = json!({ "email": owner.email, "password": PASSWORD });
    let answer = house.send(Method::POST, "/api/v1/session", &[("origin", "https://evil.example")], Some(&right)).await;
    answer.problem(403, "foreign_origin");
}

#[tokio::test]
async fn who_is_deactivated_is_out_at_once() {
    let (house, owner) = House::set_up().await;
    let agent = house.person(&owner, partyline_core::permission::Role::Agent).await;
    house.get(&agent, "/me").await.expect(200);
    let changed = house.patch(&owner, &format!("/users/{}", agent.id), &json!({ "active": false })).await.expect(200);
    assert_eq!(changed["active"], false);
    house.get(&agent, "/me").await.problem(401, "not_signed_in");
}

#[tokio::test]
async fn a_server_that_is_reached_over_https_stays_on_it() {
    let house = House::public("https://inbox.example.com").await;
    let own = [("origin", "https://inbox.example.com"), ("host", "inbox.example.com")];
    let made = house.send(Method::POST, "/api/v1/setup", &own, Some(&House::set_up_body())).await;
    assert!(made.header("set-cookie").ends_with("; Secure"), "{}", made.header("set-cookie"));
    assert_eq!(made.header("strict-transport-security"), "max-age=63072000");
    assert!(made.header("content-security-policy").contains("connect-src 'self' wss://inbox.example.com"));
    made.expect(201);
}

#[tokio::test]
async fn a_browser_that_is_used_stays_signed_in() {
    let (house, owner) = House::set_up().await;
    for _ in 0..5 {
        house.clock.set(house.clock.now() + 10 * 24 * 3_600_000);
        let me = house.get(&owner, "/me").await;
        let cookie = me.header("set-cookie");
        assert!(cookie.starts_with(&owner.cookie) && cookie.contains("Max-Age=1209600"), "{cookie}");
        me.expect(200);
    }
    house.clock.set(house.clock.now() + 15 * 24 * 3_600_000);
    house.get(&owner, "/me").await.problem(401, "not_signed_in");
}
