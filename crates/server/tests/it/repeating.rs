//! A request that is repeated with its key is done once.

use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{Answer, House, Person};

async fn post(house: &House, who: &Person, path: &str, key: &str, body: &Value) -> Answer {
    let headers = [("x-partyline-csrf", "1"), ("cookie", who.cookie.as_str()), ("idempotency-key", key)];
    house.send(Method::POST, &format!("/api/v1{path}"), &headers, Some(body)).await
}

#[tokio::test]
async fn the_same_key_and_body_give_the_first_answer_again() {
    let (house, owner) = House::set_up().await;
    let west = json!({ "name": "West" });
    let first = post(&house, &owner, "/teams", "k1", &west).await;
    assert_eq!(first.header("idempotency-replayed"), "");
    let again = post(&house, &owner, "/teams", "k1", &west).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!((again.status, &again.text), (first.status, &first.text));
    assert_eq!(again.header("content-type"), "application/json");

    post(&house, &owner, "/teams", "k1", &json!({ "name": "East" })).await.problem(409, "idempotency_mismatch");
    let teams = house.get(&owner, "/teams").await.expect(200);
    assert_eq!(teams["data"].as_array().unwrap().len(), 2, "the first team, and West once: {teams}");
}

#[tokio::test]
async fn many_at_once_are_one() {
    let (house, owner) = House::set_up().await;
    let west = json!({ "name": "West" });
    let (a, b, c) = tokio::join!(
        post(&house, &owner, "/teams", "k1", &west),
        post(&house, &owner, "/teams", "k1", &west),
        post(&house, &owner, "/teams", "k1", &west),
    );
    let ids: Vec<Value> = [a, b, c].into_iter().map(|answer| answer.expect(201)["id"].clone()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[tokio::test]
async fn a_refusal_is_not_kept() {
    let (house, owner) = House::set_up().await;
    post(&house, &owner, "/teams", "k1", &json!({ "name": " " })).await.problem(422, "invalid");
    post(&house, &owner, "/teams", "k1", &json!({ "name": "West" })).await.expect(201);
}

#[tokio::test]
async fn keys_of_different_people_and_routes_are_different() {
    let (house, owner) = House::set_up().await;
    let admin = house.person(&owner, partyline_core::permission::Role::Admin).await;
    let first = post(&house, &owner, "/teams", "k1", &json!({ "name": "West" })).await.expect(201);
    let other = post(&house, &admin, "/teams", "k1", &json!({ "name": "East" })).await.expect(201);
    assert_ne!(first["id"], other["id"]);
}

#[tokio::test]
async fn a_key_that_is_none_is_refused() {
    let (house, owner) = House::set_up().await;
    for key in ["", " ", &"k".repeat(256)] {
        let answer = post(&house, &owner, "/teams", key, &json!({ "name": "West" })).await;
        answer.problem(400, "malformed_idempotency_key");
    }
}
