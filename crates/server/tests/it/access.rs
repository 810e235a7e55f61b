//! Who may ask for what: the route table, held to.

use partyline_core::permission::{Permission, Role, may};
use partyline_server::routes::{Access, Route, TABLE};
use reqwest::Method;
use serde_json::json;

use crate::house::House;

/// An id of each kind that names nothing here.
fn path(route: &Route) -> String {
    let noun = route.path.trim_start_matches('/').split('/').next().unwrap();
    let prefix = match noun {
        "users" => "user",
        "teams" => "team",
        "connections" => "conn",
        "channels" => "chan",
        "inbound" => "inb",
        "conversations" => "conv",
        "messages" => "msg",
        "notes" => "note",
        "attachments" => "file",
        "bulk" => "bulk",
        "canned_responses" => "canned",
        _ => "none",
    };
    route.path.replace("{id}", &format!("{prefix}_01h455vb4pex5vsknk084sn02q"))
}

fn method(route: &Route) -> Method {
    route.method.parse().unwrap()
}

#[tokio::test]
async fn without_a_session_only_the_public_routes_answer() {
    let (house, _) = House::set_up().await;
    for route in TABLE {
        let answer = house.ask(method(route), None, &path(route), Some(&json!({}))).await;
        if route.access == Access::Public {
            assert_ne!(answer.status.as_u16(), 401, "{route:?}");
        } else {
            answer.problem(401, "not_signed_in");
        }
    }
}

#[tokio::test]
async fn a_session_that_is_none_is_no_session() {
    let (house, owner) = House::set_up().await;
    for cookie in ["partyline_session=", "partyline_session=0000", "other=1", &format!("x{}", owner.cookie)] {
        let answer = house.send(Method::GET, "/api/v1/me", &[("cookie", cookie)], None).await;
        answer.problem(401, "not_signed_in");
    }
    let among_others = format!("theme=dark; {}; x=y", owner.cookie);
    house.send(Method::GET, "/api/v1/me", &[("cookie", &among_others)], None).await.expect(200);
}

#[tokio::test]
async fn every_role_may_what_the_table_says() {
    let (house, owner) = House::set_up().await;
    for role in Role::ALL {
        let person = if role == Role::Owner { owner.clone() } else { house.person(&owner, role).await };
        // signing out comes last, or the rest would be 401
        let routes = TABLE.iter().filter(|r| !(r.method == "DELETE" && r.path == "/session"));
        for route in routes {
            let answer = house.ask(method(route), Some(&person), &path(route), Some(&json!({}))).await;
            let allowed = match route.access {
                Access::Public | Access::SignedIn => true,
                Access::Needs(permission) => may(role, permission),
            };
            // one's own work may be handed over by whoever has any; somebody else's asks for more
            let is_anothers = route.path == "/users/{id}/handover" && !may(role, Permission::ManagePeople);
            if allowed && is_anothers {
                assert_eq!(answer.problem(403, "forbidden")["permission"], "people.manage");
            } else if allowed {
                assert!(!matches!(answer.status.as_u16(), 401 | 403), "{role} {route:?}: {}", answer.text);
            } else {
                let problem = answer.problem(403, "forbidden");
                assert!(problem["permission"].is_string(), "{role} {route:?}: {problem}");
            }
        }
    }
}

#[tokio::test]
async fn a_change_needs_the_header_that_no_other_site_can_send() {
    let (house, owner) = House::set_up().await;
    let send = async |headers: &[(&str, &str)]| {
        let mut all = vec![("cookie", owner.cookie.as_str())];
        all.extend_from_slice(headers);
        house.send(Method::POST, "/api/v1/sms/preview", &all, Some(&json!({ "text": "x" }))).await
    };
    let own = format!("http://{}", house.address);
    send(&[]).await.problem(403, "csrf");
    send(&[("x-partyline-csrf", "1")]).await.expect(200);
    send(&[("x-partyline-csrf", "1"), ("origin", &own)]).await.expect(200);
    // behind a proxy that speaks https, a page of ours is an https one
    let proxied = own.replace("http:", "https:");
    send(&[("x-partyline-csrf", "1"), ("origin", &proxied)]).await.expect(200);
    for other in ["https://evil.example", "null", "http://127.0.0.1:1", "", "x"] {
        send(&[("x-partyline-csrf", "1"), ("origin", other)]).await.problem(403, "foreign_origin");
    }
    // reading changes nothing, and what was read stays with us
    house.send(Method::GET, "/api/v1/me", &[("cookie", &owner.cookie)], None).await.expect(200);
}

#[tokio::test]
async fn every_get_says_at_which_seq_it_was_true() {
    let (house, owner) = House::set_up().await;
    let me = house.get(&owner, "/me").await;
    let seq: i64 = me.header("partyline-seq").parse().unwrap();
    assert_eq!(me.json()["seq"], seq);
    for route in TABLE.iter().filter(|r| r.method == "GET" && r.access != Access::Public && !r.path.contains('{')) {
        // sessions and workspaces are the account's, the key of push is the installation's: they stand in no business's log
        if !["/live", "/me/sessions", "/me/workspaces", "/push/key"].contains(&route.path) {
            // of messages one must say which
            let path = if route.path == "/messages" { "/messages?view=sent" } else { route.path };
            let answer = house.get(&owner, path).await;
            assert_eq!(answer.header("partyline-seq"), seq.to_string(), "{route:?}");
        }
    }
}
