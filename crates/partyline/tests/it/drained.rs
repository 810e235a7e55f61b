//! The real program is told to stop: what is in hand is finished, nobody is cut off, and it says so.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use partyline_carrier::{Direction, demo, signing};
use reqwest::Url;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;

use crate::engine::Engine;
use crate::hooks;
use crate::person::{Person, id};
use crate::program::{Business, Program};
use crate::world::{DANA, MAYA, WEST, run, until};

impl Business {
    /// What is on Maya's phone from us.
    fn on_phone(&self) -> Vec<String> {
        let all = self.carrier.messages_of(MAYA).into_iter();
        all.filter(|m| m.direction == Direction::ToPhone).map(|m| m.text).collect()
    }

    /// A reply has left and its answer is held back on the way.
    async fn send_in_hand(&self, conversation: &str) -> String {
        self.road.hold_answers();
        let sent = id(&self.olga.reply(conversation, "On its way").await.is(202));
        until("the provider has it", async || (self.on_phone().len() == 1).then_some(())).await;
        sent
    }

    async fn drains(&self) {
        self.program.terminate();
        until("it drains", async || {
            (self.program.figures(&self.http).await.get("partyline_draining") == Some(1.0)).then_some(())
        })
        .await;
    }
}

/// A connection on which this much of a request was said.
async fn say(listen: &str, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(listen).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

async fn finish(mut stream: TcpStream, rest: &str) -> String {
    stream.write_all(rest.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

async fn what_is_in_hand_is_finished(engine: Engine) {
    let mut b = Business::open(engine, "info").await;
    let maya = b.text(1, "Hello").await;
    // a socket, a send, a webhook of which half has come, and somebody who asks whether it is ready
    let mut request = format!("ws://{}/api/v1/live", b.listen).into_client_request().unwrap();
    request.headers_mut().insert("Cookie", HeaderValue::from_str(&b.olga.cookie).unwrap());
    request.headers_mut().insert("Origin", HeaderValue::from_str(&b.olga.base).unwrap());
    let (mut socket, _) = connect_async(request).await.unwrap();
    socket.next().await.unwrap().unwrap();
    let sent = b.send_in_hand(&maya).await;
    let path = format!("/hooks/twilio/{}/message", b.connection);
    let fields = hooks::text(&hooks::sid(2), DANA, WEST, "Half of me is there");
    let signature = signing::sign(demo::AUTH_TOKEN, &format!("{}{path}", b.program.base), &fields);
    let form = Url::parse_with_params("http://form/", &fields).unwrap().query().unwrap().to_owned();
    let (half, rest) = form.split_at(form.len() / 2);
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nX-Twilio-Signature: {signature}\r\nContent-Length: {}\r\n\r\n",
        form.len()
    );
    let webhook = say(&b.listen, &format!("{head}{half}")).await;
    let forged = say(&b.listen, &format!("{}{half}", head.replace(&signature, "AAAAAAAAAAAAAAAAAAAAAAAAAAA="))).await;
    let asking = say(&b.listen, "GET /readyz HTTP/1.1\r\nHost: x\r\n").await;
    // a request after them on a connection of its own: they have been taken
    assert_eq!(b.http.get(format!("{}/healthz", b.program.base)).send().await.unwrap().status(), 200);

    b.drains().await;
    let ready = finish(asking, "\r\n").await;
    assert!(ready.starts_with("HTTP/1.1 503") && ready.contains("draining"), "{ready}");
    assert!(TcpStream::connect(&b.listen).await.is_err(), "nothing new is taken");
    let code = loop {
        if let Message::Close(frame) = socket.next().await.unwrap().unwrap() {
            break u16::from(frame.unwrap().code);
        }
    };
    assert_eq!(code, 1001);
    let answer = finish(webhook, rest).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let answer = finish(forged, rest).await;
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    b.road.let_answers_through();
    assert_eq!(b.program.ended().await.code(), Some(0));
    let lines = b.program.lines().join("\n");
    assert!(lines.contains("stopped") && !lines.contains("too long"), "{lines}");

    b.program = Program::start(&b.place, &b.http, &b.listen, "info").await;
    b.olga = Person::sign_in(&b.http, &b.program.base, "olga@example.com").await;
    let found = b.olga.message(&maya, &sent).await;
    let status = found["delivery"]["status"].as_str().unwrap();
    assert!(["sent", "delivered"].contains(&status), "its answer was still heard: {found}");
    assert_eq!(b.on_phone(), ["On its way"]);
    let connection = b.olga.get(&format!("/connections/{}", b.connection)).await.is(200);
    assert_eq!(connection["signature_failures"], 1, "what was counted last is written too");
    let rows = b.olga.view("all").await;
    assert!(rows.iter().any(|c| c["preview"] == "Half of me is there"), "{rows:?}");
}

async fn a_second_signal_ends_it_at_once(engine: Engine) {
    let mut b = Business::open(engine, "info").await;
    let maya = b.text(1, "Hello").await;
    b.send_in_hand(&maya).await;
    b.drains().await;
    b.program.terminate();
    assert_eq!(b.program.ended().await.code(), Some(1));
    assert!(b.program.lines().join("\n").contains("ending at once"));
}

/// Told to stop, with a balancer in front: it says so at once, and takes what still comes until the balancer has heard.
async fn a_balancer_is_told_before_nothing_is_taken(engine: Engine) {
    let mut b = Business::open(engine, "info").await;
    b.program.terminate();
    assert_eq!(b.program.ended().await.code(), Some(0));
    b.program = Program::start_with(&b.place, &b.http, &b.listen, "info", &["--drain-wait", "6"]).await;
    b.program.terminate();
    until("it says that it drains", async || {
        let ready = b.http.get(format!("{}/readyz", b.program.base)).send().await.unwrap();
        (ready.status() == 503 && ready.text().await.unwrap().contains("draining")).then_some(())
    })
    .await;
    // a connection that is new
    let fresh = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/hooks/twilio/{}/message", b.program.base, b.connection);
    hooks::post(&fresh, &url, demo::AUTH_TOKEN, &hooks::text(&hooks::sid(3), MAYA, WEST, "In between")).await.is(200);
    let told = Instant::now();
    assert_eq!(b.program.ended().await.code(), Some(0));
    assert!(told.elapsed() < Duration::from_secs(6 + 3), "nothing was in hand: {:?}", told.elapsed());
    let again = Program::start(&b.place, &b.http, &b.listen, "info").await;
    let olga = Person::sign_in(&b.http, &again.base, "olga@example.com").await;
    assert_eq!(olga.view("all").await[0]["preview"], "In between");
}

#[test]
fn a_balancer_is_told_before_nothing_is_taken_on_sqlite() {
    run(a_balancer_is_told_before_nothing_is_taken(Engine::Sqlite));
}

#[test]
fn what_is_in_hand_is_finished_on_sqlite() {
    run(what_is_in_hand_is_finished(Engine::Sqlite));
}

#[test]
fn what_is_in_hand_is_finished_on_postgres() {
    run(what_is_in_hand_is_finished(Engine::Postgres));
}

#[test]
fn told_twice_it_ends_at_once() {
    run(a_second_signal_ends_it_at_once(Engine::Sqlite));
}
