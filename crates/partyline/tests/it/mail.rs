//! Letters to the team, through a real mail server: they arrive, once, whatever happens meanwhile, and a forgotten password is replaced.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use partyline_core::time::{DAY, HOUR, MINUTE, Millis, SECOND};
use partyline_desk::account::{SessionFrom, SetupIn};
use partyline_desk::mail::{Letter, MailTrouble, Mailer};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::engine::{Engine, behaviours};
use crate::killed::program;
use crate::mailbox::{Arrived, FROM, OneWay, inside, mailbox, outside, smtp, somebody, with_a_mail_server};
use crate::person::{Answer, PASSWORD, Person, id};
use crate::program::{Program, free_address};
use crate::road::Road;
use crate::socket::Socket;
use crate::world::{World, until};

/// A new password.
const NEW: &str = "another pass phrase of theirs";

/// From here on the server has a mail server.
pub async fn with(w: &World, mailer: Arc<dyn Mailer>) {
    w.kill();
    *w.place.mailer.lock().unwrap() = Some(mailer);
    w.start().await;
}

pub async fn with_mail(w: &World) {
    with(w, smtp(&format!("smtp://{}", inside()))).await;
}

/// The only letter that somebody has got.
async fn letter(w: &World, to: &str) -> Arrived {
    let mut all = w.until("a letter arrives", async || Some(mailbox(to)).filter(|all| !all.is_empty())).await;
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

async fn invite(w: &World, email: &str) -> Value {
    w.olga
        .post("/invitations", json!({ "email": email, "role": "agent", "team_ids": [w.team], "send": true }))
        .await
        .is(201)
}

/// What became of the letter of the only invitation to somebody.
async fn became(w: &World, email: &str) -> Value {
    let all = w.olga.all("/invitations").await;
    all.iter().find(|i| i["email"] == email).unwrap()["mail"].clone()
}

async fn becomes(w: &World, email: &str, state: &str) -> Value {
    w.until(state, async || Some(became(w, email).await).filter(|mail| mail["state"] == state)).await
}

/// Asks without a session.
async fn ask(w: &World, method: Method, path: &str, body: Value) -> Answer {
    let request = Client::new().request(method, format!("{}/api/v1{path}", w.base)).json(&body);
    Answer::of(request.send().await.unwrap()).await
}

async fn forgot(w: &World, email: &str) -> Answer {
    ask(w, Method::POST, "/session/reset", json!({ "email": email })).await
}

async fn choose(w: &World, token: &str, password: &str) -> Answer {
    ask(w, Method::POST, &format!("/reset/{token}"), json!({ "password": password })).await
}

async fn look(w: &World, token: &str) -> Answer {
    ask(w, Method::GET, &format!("/reset/{token}"), Value::Null).await
}

async fn sign_in(w: &World, email: &str, password: &str) -> Answer {
    ask(w, Method::POST, "/session", json!({ "email": email, "password": password })).await
}

/// A colleague with an address of their own.
pub async fn colleague(w: &World, name: &str) -> (Person, String) {
    let email = somebody(&name.to_lowercase());
    let new = json!({ "name": name, "email": email, "password": PASSWORD, "role": "agent", "team_ids": [] });
    w.olga.post("/users", new).await.is(201);
    (Person::sign_in(&w.http, &w.base, &email).await, email)
}

async fn waiting(w: &World) -> i64 {
    w.desk().db().read_root(|root| root.mails_waiting()).await.unwrap().0
}

/// Hands a letter over, and never hears that it was taken.
#[derive(Debug)]
struct Deaf {
    to: Arc<dyn Mailer>,
    handed: Mutex<usize>,
}

#[async_trait]
impl Mailer for Deaf {
    async fn send(&self, letter: &Letter) -> Result<(), MailTrouble> {
        self.to.send(letter).await?;
        *self.handed.lock().unwrap() += 1;
        std::future::pending().await
    }
    async fn check(&self) -> Result<(), MailTrouble> {
        self.to.check().await
    }
    fn server(&self) -> String {
        self.to.server()
    }
    fn from(&self) -> String {
        self.to.from()
    }
}

/// What the command says, and whether it went well.
fn command(w: &World, act: &[&str]) -> (bool, String, String) {
    let output = tokio::task::block_in_place(|| program(&w.place, act).output().unwrap());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout), text(&output.stderr))
}

behaviours! {
    async fn without_a_mail_server_links_are_handed_over(w) {
        let (ana, email) = colleague(w, "Ana").await;
        let setup = ask(w, Method::GET, "/setup", Value::Null).await.is(200);
        assert_eq!(setup["mail"], false);
        let body = json!({ "email": "ben@example.com", "role": "agent", "send": true });
        w.olga.post("/invitations", body).await.refuses(422, "mail_not_set_up");
        assert!(w.olga.all("/invitations").await.is_empty(), "nothing was made");
        forgot(w, &email).await.refuses(422, "mail_not_set_up");
        w.olga.post("/mail/test", json!({})).await.refuses(422, "mail_not_set_up");
        assert_eq!(w.olga.get("/mail").await.is(200)["server"], Value::Null);
        ana.get("/mail").await.refuses(403, "forbidden");
        ana.post("/mail/test", json!({})).await.refuses(403, "forbidden");

        let (went_well, link, _) = command(w, &["user", "reset", "--email", &email]);
        assert!(went_well && link.starts_with("http"), "{link}");
        let token = link.trim().rsplit('/').next().unwrap();
        assert_eq!(look(w, token).await.is(200), json!({ "email": email }));
        let before = w.olga.seq().await;
        let (browser, socket) = (Person::sign_in(&w.http, &w.base, &email).await, Socket::open(&ana, None).await);
        choose(w, token, "short").await.refuses(422, "invalid");
        choose(w, token, NEW).await.is(204);
        for session in [&ana, &browser] {
            session.get("/me").await.refuses(401, "not_signed_in");
        }
        w.until("its sockets are told", async || socket.is_over().then_some(())).await;
        sign_in(w, &email, PASSWORD).await.refuses(401, "wrong_credentials");
        sign_in(w, &email, NEW).await.is(200);
        let events = w.olga.events(before).await;
        let reset: Vec<_> = events.iter().filter(|e| e["type"] == "user.password_reset").collect();
        assert_eq!((reset.len(), &reset[0]["subject_id"], &reset[0]["actor"]["id"]), (1, &json!(ana.id), &json!(ana.id)));
        choose(w, token, NEW).await.refuses(422, "reset_used");
        look(w, token).await.refuses(422, "reset_used");
    }

    async fn a_link_ends_and_leads_nowhere_for_who_is_gone(w) {
        let (ana, email) = colleague(w, "Ana").await;
        let link = |said: String| said.trim().rsplit('/').next().unwrap().to_owned();
        let (old, one, two) = (
            link(w.desk().reset_link(&email).await.unwrap()),
            link(w.desk().reset_link(&email).await.unwrap()),
            link(w.desk().reset_link(&email).await.unwrap()),
        );
        choose(w, &"0".repeat(64), NEW).await.refuses(422, "reset_unknown");
        choose(w, "olga@example.com", NEW).await.refuses(422, "reset_unknown");
        choose(w, &one, NEW).await.is(204);
        choose(w, &two, NEW).await.refuses(422, "reset_used");
        let late = link(w.desk().reset_link(&email).await.unwrap());
        w.advance(HOUR);
        choose(w, &late, NEW).await.refuses(422, "reset_expired");
        look(w, &old).await.refuses(422, "reset_used");
        let fresh = link(w.desk().reset_link(&email).await.unwrap());
        w.olga.patch(&format!("/users/{}", ana.id), json!({ "active": false })).await.is(200);
        choose(w, &fresh, NEW).await.refuses(422, "reset_inactive");
        let (went_well, _, why) = command(w, &["user", "reset", "--email", &email]);
        assert!(!went_well && why.contains("in no workspace"), "{why}");
        let (went_well, _, why) = command(w, &["user", "reset", "--email", "nobody-here@example.com"]);
        assert!(!went_well && why.contains("not found"), "{why}");
        // what is said of old links is forgotten with them
        w.advance(8 * DAY);
        w.desk().expire().await.unwrap();
        look(w, &one).await.refuses(422, "reset_unknown");
    }

    async fn a_new_password_counts_in_every_workspace_of_the_account(w) {
        let (ana, email) = colleague(w, "Ana").await;
        let setup = SetupIn {
            workspace_name: "Other".into(),
            name: "Ana".into(),
            email: email.clone(),
            password: PASSWORD.into(),
            time_zone: None,
            from: SessionFrom::default(),
        };
        let there = w.desk().create_workspace(setup, false).await.unwrap();
        let link = w.desk().reset_link(&email).await.unwrap();
        choose(w, link.rsplit('/').next().unwrap(), NEW).await.is(204);
        ana.get("/me").await.refuses(401, "not_signed_in");
        assert!(w.desk().who(&there.token).await.is_err(), "its session there is over too");
        for workspace in w.workspaces().await {
            let events = w.desk().db().read(workspace, |scope| scope.events_after(0, 1_000)).await.unwrap();
            let count = events.iter().filter(|e| e.kind.as_str() == "user.password_reset").count();
            assert_eq!(count, 1, "{workspace:?}");
        }
    }
}

with_a_mail_server! {
    async fn an_invitation_arrives_once_and_lets_its_reader_in(w) {
        with_mail(w).await;
        let email = somebody("dana");
        let invited = invite(w, &email).await;
        assert_eq!(invited["invitation"]["mail"]["state"], "waiting");
        let arrived = letter(w, &email).await;
        assert_eq!(arrived.header("Subject"), "Olga invites you to Harbor & Pine");
        assert_eq!(arrived.header("Auto-Submitted"), "auto-generated");
        assert!(arrived.header("From").contains("inbox@example.com"), "{FROM}");
        let mail = becomes(w, &email, "sent").await;
        assert_eq!(mail["reason"], Value::Null);
        let token = arrived.token("/join/");
        assert_eq!(format!("/join/{token}"), invited["path"], "the same link as on the screen");
        assert_eq!(ask(w, Method::GET, &format!("/join/{token}"), Value::Null).await.is(200)["email"], email);
        w.advance(DAY);
        w.until("nothing waits", async || (waiting(w).await == 0).then_some(())).await;
        assert_eq!(mailbox(&email).len(), 1);
        for _ in 0..3 {
            w.advance(10 * DAY);
            w.olga.get("/me").await.is(200);
        }
        w.desk().expire().await.unwrap();
        let of = |scope: &mut partyline_store::Scope<'_>| scope.mails("invitation", Millis(0), 10);
        let kept = w.desk().db().read(w.workspaces().await[0], of).await.unwrap();
        assert!(kept.is_empty(), "what became of it is forgotten after a month");
    }

    async fn what_is_refused_says_why_and_what_is_put_off_comes_later(w) {
        with_mail(w).await;
        invite(w, "nobody@example.com").await;
        let mail = becomes(w, "nobody@example.com", "failed").await;
        assert!(mail["reason"].as_str().unwrap().contains("550 5.1.1"), "{mail}");
        let grey = somebody("grey");
        invite(w, &grey).await;
        let mail = w.until("it waits", async || Some(became(w, &grey).await).filter(|m| m["reason"].is_string())).await;
        assert_eq!(mail["state"], "waiting");
        assert!(mail["reason"].as_str().unwrap().contains("greylisted"), "{mail}");
        let state = w.olga.get("/mail").await.is(200);
        assert_eq!((&state["waiting"], &state["failed"]), (&json!(1), &json!(1)));
        assert!(mailbox(&grey).is_empty());
        w.advance(10 * SECOND);
        letter(w, &grey).await;
        assert_eq!(becomes(w, &grey, "sent").await["reason"], Value::Null);
    }

    async fn a_server_that_is_killed_after_handing_over_sends_the_very_same_once_more(w) {
        let deaf = Arc::new(Deaf { to: smtp(&format!("smtp://{}", inside())), handed: Mutex::new(0) });
        with(w, deaf.clone()).await;
        let email = somebody("eve");
        invite(w, &email).await;
        let first = letter(w, &email).await;
        w.until("it was taken", async || (*deaf.handed.lock().unwrap() == 1).then_some(())).await;
        with_mail(w).await;
        // on a database that others may work on, nobody takes it before its lease has ended
        w.advance(2 * MINUTE);
        becomes(w, &email, "sent").await;
        let all = w.until("it comes again", async || Some(mailbox(&email)).filter(|all| all.len() > 1)).await;
        assert_eq!(all, vec![first.clone(), first], "to the byte");
        w.advance(DAY);
        w.until("nothing waits", async || (waiting(w).await == 0).then_some(())).await;
        assert_eq!(mailbox(&email).len(), 2);
    }

    async fn a_mail_server_that_is_away_loses_nothing(w) {
        let (mut road, near) = Road::new().await;
        road.lead(near, inside().parse().unwrap());
        road.cut().await;
        with(w, smtp(&format!("smtp://{}", road.address()))).await;
        let email = somebody("finn");
        let invited = invite(w, &email).await;
        let mail = w.until("it waits", async || Some(became(w, &email).await).filter(|m| m["reason"].is_string())).await;
        assert!(mail["reason"].as_str().unwrap().contains("can't be reached"), "{mail}");
        assert_eq!(w.http.get(format!("{}/readyz", w.base)).send().await.unwrap().status(), 200);
        // what waits lets nobody in who reads the database
        let (token, folder) = (invited["path"].as_str().unwrap().trim_start_matches("/join/"), w.place.folder.path());
        for file in ["partyline.db", "partyline.db-wal"] {
            let bytes = std::fs::read(folder.join(file)).unwrap_or_default();
            assert!(!bytes.windows(token.len()).any(|w| w == token.as_bytes()), "{file}");
        }
        for wait in [10, 60, 300] {
            w.advance(wait * SECOND);
            w.until("it is tried", async || (waiting(w).await == 1).then_some(())).await;
        }
        w.kill();
        w.start().await;
        road.mend().await;
        w.in_time("it is back", 5 * MINUTE, async || (became(w, &email).await["state"] == "sent").then_some(())).await;
        letter(w, &email).await;

        // what was taken back meanwhile is not sent, and what nobody took for a day is given up
        road.cut().await;
        let (gone, late) = (somebody("gone"), somebody("late"));
        let taken_back = id(&invite(w, &gone).await["invitation"]);
        invite(w, &late).await;
        w.olga.delete(&format!("/invitations/{taken_back}")).await.is(204);
        assert_eq!(became(w, &gone).await["reason"], "the invitation was taken back");
        w.in_time("it is given up", HOUR, async || (became(w, &late).await["state"] == "failed").then_some(())).await;
        road.mend().await;
        assert!(mailbox(&gone).is_empty() && mailbox(&late).is_empty());
    }

    async fn the_line_is_encrypted_or_nothing_is_sent(w) {
        let good = smtp(&outside());
        good.check().await.unwrap();
        let reason = async |url: &str| smtp(url).check().await.unwrap_err().reason().to_owned();
        let wrong = outside().replace("correct%20horse", "wrong");
        assert!(reason(&wrong).await.contains("535"), "{}", reason(&wrong).await);
        let unknown = outside().split("&ca=").next().unwrap().to_owned();
        assert!(reason(&unknown).await.contains("certificate"), "{}", reason(&unknown).await);
        let elsewhere = outside().replace("@localhost", "@127.0.0.1");
        assert!(reason(&elsewhere).await.contains("certificate"), "{}", reason(&elsewhere).await);
        let plain = format!("smtps://{}", inside());
        assert!(reason(&plain).await.contains("encrypted"), "{}", reason(&plain).await);
        // who did not let us in may do so later
        with(w, smtp(&wrong)).await;
        let email = somebody("gil");
        invite(w, &email).await;
        let mail = w.until("it waits", async || Some(became(w, &email).await).filter(|m| m["reason"].is_string())).await;
        assert!(mail["state"] == "waiting" && mail["reason"].as_str().unwrap().contains("password"), "{mail}");
        with(w, good).await;
        w.advance(2 * MINUTE);
        letter(w, &email).await;
        let (_, said, _) = command(w, &["doctor", "--smtp-url", &wrong, "--mail-from", FROM]);
        assert!(said.contains("FAULT   mail") && said.contains("--smtp-url") && !said.contains("wrong@"), "{said}");
        let (_, said, _) = command(w, &["doctor", "--smtp-url", &outside(), "--mail-from", FROM]);
        assert!(said.contains("ok      mail") && !said.contains("horse"), "{said}");
        let to = somebody("hal");
        let (went_well, said, why) = command(w, &["mail", "test", &to, "--smtp-url", &outside(), "--mail-from", FROM]);
        assert!(went_well && said.contains(&to), "{said}{why}");
        assert_eq!(letter(w, &to).await.header("Subject"), "Mail works");
        let (went_well, _, why) = command(w, &["mail", "test", "nobody@example.com", "--smtp-url", &outside(), "--mail-from", FROM]);
        assert!(!went_well && why.contains("550"), "{why}");
    }

    async fn a_forgotten_password_is_replaced_by_whoever_reads_the_mail(w) {
        with_mail(w).await;
        let (ana, email) = colleague(w, "Ana").await;
        forgot(w, &email.to_uppercase()).await.is(202);
        let arrived = letter(w, &email).await;
        let token = arrived.token("/reset/");
        assert_eq!(look(w, &token).await.is(200), json!({ "email": email }));
        ana.get("/me").await.is(200);
        choose(w, &token, NEW).await.is(204);
        ana.get("/me").await.refuses(401, "not_signed_in");
        sign_in(w, &email, NEW).await.is(200);
        let told = w.until("she is told", async || mailbox(&email).into_iter().nth(1)).await;
        assert_eq!(told.header("Subject"), "Your password was changed");
        assert!(told.text.contains("/forgot"), "{}", told.text);
        let id = arrived.header("Message-ID").to_owned();
        assert!(id.ends_with("@example.com>") && id != told.header("Message-ID"), "{id}");
    }

    async fn asking_tells_nothing_of_who_is_here(w) {
        with_mail(w).await;
        let (ana, email) = colleague(w, "Ana").await;
        let (gone, address) = colleague(w, "Gone").await;
        w.olga.patch(&format!("/users/{}", gone.id), json!({ "active": false })).await.is(200);
        let unknown = somebody("unknown");
        let answers = [forgot(w, &email).await, forgot(w, &unknown).await, forgot(w, &address).await];
        assert!(answers.iter().all(|a| (a.status, &a.body) == (202, &answers[0].body)), "{answers:?}");
        forgot(w, "no address").await.refuses(422, "invalid");
        letter(w, &email).await;
        let told = letter(w, &address).await;
        assert!(!told.text.contains("/reset/") && told.text.contains("Ask an admin"), "{}", told.text);
        w.until("nothing waits", async || (waiting(w).await == 0).then_some(())).await;
        assert!(mailbox(&unknown).is_empty());
        // three letters an hour, however often it is asked; ten times a quarter of an hour
        for _ in 1..10 {
            forgot(w, &email).await.is(202);
            forgot(w, &address).await.is(202);
        }
        forgot(w, &email).await.refuses(429, "too_many_attempts");
        sign_in(w, &email, PASSWORD).await.is(200);
        ana.get("/me").await.is(200);
        w.until("nothing waits", async || (waiting(w).await == 0).then_some(())).await;
        let three = w.until("they arrive", async || Some(mailbox(&email)).filter(|all| all.len() == 3)).await;
        assert_ne!(three[0].token("/reset/"), three[1].token("/reset/"));
        w.until("they arrive", async || (mailbox(&address).len() == 3).then_some(())).await;
        // a page of another site may not ask
        let request = Client::new().post(format!("{}/api/v1/session/reset", w.base)).header("Origin", "https://evil.example");
        Answer::of(request.json(&json!({ "email": email })).send().await.unwrap()).await.refuses(403, "foreign_origin");
    }

    async fn an_owner_tries_whether_mail_works(w) {
        let (mut road, near) = Road::new().await;
        road.lead(near, inside().parse().unwrap());
        with(w, smtp(&format!("smtp://{}", road.address()))).await;
        assert_eq!(w.olga.post("/mail/test", json!({})).await.is(200), json!({ "to": "olga@example.com" }));
        w.until("it arrives", async || mailbox("olga@example.com").into_iter().find(|l| l.header("Subject") == "Mail works")).await;
        let state = w.olga.get("/mail").await.is(200);
        assert!(state["server"].as_str().unwrap().contains("not encrypted"), "{state}");
        assert_eq!((&state["from"], &state["waiting"]), (&json!("inbox@example.com"), &json!(0)));
        road.cut().await;
        let said = w.olga.post("/mail/test", json!({})).await.refuses(422, "mail_failed");
        assert!(said["detail"].as_str().unwrap().contains("can't be reached"), "{said}");
        for _ in 2..10 {
            w.olga.post("/mail/test", json!({})).await.refuses(422, "mail_failed");
        }
        w.olga.post("/mail/test", json!({})).await.refuses(429, "too_many_attempts");
        road.mend().await;
    }

    async fn not_the_whole_world_is_invited_at_once(w) {
        let (mut road, near) = Road::new().await;
        road.lead(near, inside().parse().unwrap());
        road.cut().await;
        with(w, smtp(&format!("smtp://{}", road.address()))).await;
        for _ in 0..50 {
            invite(w, &somebody("many")).await;
        }
        let body = json!({ "email": somebody("many"), "role": "agent", "send": true });
        w.olga.post("/invitations", body.clone()).await.refuses(422, "too_many_letters");
        w.advance(HOUR);
        w.olga.post("/invitations", body).await.is(201);
        road.mend().await;
    }
}

/// The real program, killed between the mail server's taking a letter and its hearing of it.
#[test]
#[ignore = "needs a mail server: scripts/mta.sh start"]
fn a_program_that_is_killed_at_the_worst_moment_sends_the_very_same_once_more() {
    crate::world::run(async {
        let line = OneWay::to(inside()).await;
        let place = Engine::Sqlite.place();
        let http = Client::builder().no_proxy().build().unwrap();
        let listen = free_address();
        let start = async |smtp: String| {
            let options = ["--smtp-url", &format!("smtp://{smtp}"), "--mail-from", FROM];
            Program::start_with(&place, &http, &listen, "info", &options).await
        };
        let program = start(line.address.clone()).await;
        let setup = json!({ "workspace_name": "Harbor & Pine", "name": "Olga", "email": "olga@example.com", "password": PASSWORD });
        let olga = Person::enter(&http, &program.base, "/setup", &setup).await;
        let email = somebody("ivo");
        let body = json!({ "email": email, "role": "agent", "send": true });
        let token = olga.post("/invitations", body).await.is(201)["path"].as_str().unwrap()[6..].to_owned();
        let first = until("it arrives", async || mailbox(&email).pop()).await;
        assert_eq!(olga.all("/invitations").await[0]["mail"]["state"], "waiting", "nobody has heard of it");
        let said = program.lines().join("\n");
        drop(program);
        let program = start(inside()).await;
        until("it is sent", async || (olga.all("/invitations").await[0]["mail"]["state"] == "sent").then_some(()))
            .await;
        let all = until("it comes again", async || Some(mailbox(&email)).filter(|all| all.len() > 1)).await;
        assert_eq!(all, vec![first.clone(), first], "to the byte");
        let said = format!("{said}{}", program.lines().join("\n"));
        assert!(said.contains("a letter was handed over"), "{said}");
        for secret in [&email, &token] {
            assert!(!said.contains(secret.as_str()), "{said}");
        }
        let figures = program.figures(&http).await;
        let sent = figures.get("partyline_mails_total{kind=\"invitation\",outcome=\"sent\"}");
        assert_eq!(sent, Some(1.0), "{}", figures.0);
    });
}

#[tokio::test]
#[ignore = "needs a mail server: scripts/mta.sh start"]
async fn a_line_that_is_no_mail_server_is_told_from_one() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let Err(MailTrouble::Passing(why)) = smtp(&url).check().await else { panic!("it is none") };
    assert!(why.contains("can't be reached"), "{why}");
}
