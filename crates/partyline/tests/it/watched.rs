//! What somebody sees who runs the program: its log, its spans, its figures.

use partyline_carrier::{Faults, Switch, demo};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::engine::Engine;
use crate::hooks;
use crate::person::{Answer, PASSWORD, Person, id};
use crate::program::Business;
use crate::socket::Socket;
use crate::world::{DANA, LEASING, MAYA, STRANGER, WEST, WREN, run, until};

/// The whole road: a text, a reply, a failure, a refusal, STOP, garbage, a wrong signature, trouble at the provider, a wrong
/// password. Every string here is one that the log must not hold.
async fn the_road(b: &Business) -> Vec<String> {
    let maya = b.text(1, "The blue canoe is leaking \u{1F6F6}").await;
    let reply = id(&b.olga.reply(&maya, "We will bring glue on Thursday").await.is(202));
    b.delivery(&maya, &reply, "delivered").await;
    b.olga.post(&format!("/conversations/{maya}/notes"), json!({ "text": "She paid in pearls" })).await.is(201);
    b.olga.get(&format!("/conversations?view=all&q={}", MAYA.trim_start_matches('+'))).await;

    b.carrier.set_faults(&Faults { filter_as_spam: Switch::Times(1), ..Faults::default() });
    let filtered = id(&b.olga.reply(&maya, "Cheap loans tonight").await.is(202));
    b.delivery(&maya, &filtered, "failed").await;
    b.carrier.set_faults(&Faults { server_error: Switch::Times(1), ..Faults::default() });
    let doubtful = id(&b.olga.reply(&maya, "Is the gate open").await.is(202));
    b.delivery(&maya, &doubtful, "unknown").await;
    b.carrier.set_faults(&Faults::default());
    // what is unknown holds back the next to the same phone, so this goes to another
    b.hook(demo::AUTH_TOKEN, &hooks::text(&hooks::sid(5), DANA, WEST, "Good morning to you")).await.is(200);
    let rows = b.olga.view("all").await;
    let dana = id(rows.iter().find(|c| c["contact"]["address"] == DANA).unwrap());
    b.road.cut().await;
    b.olga.reply(&dana, "Nobody can hear this").await.is(202);

    b.hook(demo::AUTH_TOKEN, &hooks::text(&hooks::sid(2), WREN, WEST, "STOP")).await.is(200);
    b.hook(demo::AUTH_TOKEN, &hooks::text(&hooks::sid(3), STRANGER, LEASING, "Is the loft still free")).await.is(200);
    let account = ("AccountSid".to_owned(), demo::ACCOUNT_SID.to_owned());
    b.hook(demo::AUTH_TOKEN, &vec![account, ("Gibberish".to_owned(), "xylophone lessons".to_owned())]).await.is(200);
    b.hook("another token", &hooks::text(&hooks::sid(4), STRANGER, WEST, "Believe me anyway")).await.is(403);
    let wrong = json!({ "email": "mallory@example.com", "password": "open sesame please" });
    b.http.post(format!("{}/api/v1/session", b.program.base)).json(&wrong).send().await.unwrap();
    let ana = json!({ "name": "Ana Lindqvist", "email": "ana@example.com", "password": PASSWORD, "role": "agent", "team_ids": [] });
    b.olga.post("/users", ana).await.is(201);
    Person::sign_in(&b.http, &b.program.base, "ana@example.com").await;
    a_team_s_day(b, &maya).await;

    let mut secret: Vec<String> = [
        "canoe",
        "\u{1F6F6}",
        "glue",
        "pearls",
        "Cheap loans",
        "Is the gate",
        "Nobody can hear",
        "Good morning to",
        "loft",
        "xylophone",
        "Believe me",
        "Olga",
        "Novak",
        "Lindqvist",
        "Harbor",
        "@example.com",
        "mallory",
        PASSWORD,
        "open sesame",
        demo::AUTH_TOKEN,
        "another token",
    ]
    .map(str::to_owned)
    .to_vec();
    secret.push(b.olga.cookie.split_once('=').unwrap().1.to_owned());
    secret.extend(AMONG_THEMSELVES.map(str::to_owned));
    // in whatever way a number is written
    secret.extend([MAYA, WREN, DANA, STRANGER, WEST, LEASING].map(|number| number[2..].to_owned()));
    secret
}

/// What a team says among itself, saves, and looks for.
async fn a_team_s_day(b: &Business, conversation: &str) {
    let olga = &b.olga;
    let at = |path: &str| format!("/conversations/{conversation}{path}");
    let me = id(&olga.get("/me").await.is(200)["user"]);
    let note =
        olga.post(&at("/notes"), json!({ "text": format!("@[Olga Novak]({me}) the moorings are rotten") })).await;
    let note = id(&note.is(201));
    olga.patch(&format!("/notes/{note}"), json!({ "text": "The moorings are quite rotten" })).await.is(200);
    let thumb = url::form_urlencoded::byte_serialize("\u{1F44D}".as_bytes()).collect::<String>();
    olga.put(&format!("/notes/{note}/reactions/{thumb}"), json!({})).await.is(200);
    olga.put(&format!("/notes/{note}/task"), json!({ "assignee_id": me, "due_at": null })).await.is(200);
    olga.post(&format!("/notes/{note}/task/done"), json!({ "done": true })).await.is(200);
    let label = id(&olga.post("/labels", json!({ "name": "Barnacles/Scraped", "colour": "red" })).await.is(201));
    let many = json!({ "conversation_ids": [conversation], "patch": { "label_ids": [label] } });
    olga.post("/conversations/bulk", many).await.is(202);
    let answer = json!({ "scope": "workspace", "name": "Tarpaulin", "shortcut": "tarp", "text": "A {{contact.name}} under tarpaulin" });
    let answer = id(&olga.post("/canned_responses", answer).await.is(201));
    let asked = json!({ "conversation_id": conversation });
    olga.post(&format!("/canned_responses/{answer}/render"), asked).await;
    for query in ["anchovies", "from:anchovies", "%22salty+anchovies", "label:barnacles", "14155550142"] {
        olga.get(&format!("/search?q={query}")).await.is(200);
        olga.get(&format!("/search/facets?q={query}")).await;
    }
    olga.get("/contacts?q=Brunhilde").await;
    let saved = json!({ "scope": "personal", "name": "Driftwood", "query": "driftwood in:west" });
    olga.post("/saved_searches", saved).await.is(201);
    let invited = json!({ "email": "quartermaster@example.org", "role": "agent" });
    let link = olga.post("/invitations", invited).await.is(201)["path"].as_str().unwrap().to_owned();
    b.http.get(format!("{}/api/v1{link}", b.program.base)).send().await.unwrap();
    let sheet = [b"%PDF-1.7\n".as_slice(), b"sextant"].concat();
    let form = Form::new().part("file", Part::bytes(sheet).file_name("galleon-lease.pdf"));
    Answer::of(olga.request(Method::POST, "/attachments").multipart(form).send().await.unwrap()).await.is(201);
    olga.patch("/me", json!({ "name": "Olga Marlinspike", "signature": "Ahoy" })).await.is(200);
}

/// Words of [`a_team_s_day`].
const AMONG_THEMSELVES: [&str; 13] = [
    "moorings",
    "rotten",
    "\u{1F44D}",
    "%F0%9F%91%8D",
    "Barnacles",
    "barnacles",
    "arpaulin",
    "anchovies",
    "Brunhilde",
    "riftwood",
    "quartermaster",
    "galleon",
    "Marlinspike",
];

async fn the_log_tells_nothing(engine: Engine) {
    let mut b = Business::open(engine, "trace").await;
    let watch = Socket::open(&b.olga, Some(0)).await;
    let secret = the_road(&b).await;
    watch.reaches(b.olga.seq().await).await;
    b.program.terminate();
    assert_eq!(b.program.ended().await.code(), Some(0));
    for line in b.program.lines() {
        for word in &secret {
            assert!(!line.contains(word.as_str()), "{word:?} stands in the log: {line}");
        }
    }
    let events = b.program.events();
    let told = |message: &str| events.iter().filter(|e| e["fields"]["message"] == message).count();
    assert_eq!(told("a webhook was refused"), 1, "what an operator needs is there all the same");
    assert_eq!(told("partyline is ready"), 1);
    assert_eq!(told("stopped"), 1);
}

/// The lines that say that a span of this name has ended.
fn ends<'a>(events: &'a [Value], name: &str) -> Vec<&'a Value> {
    events.iter().filter(|e| e["fields"]["message"] == "close" && e["span"]["name"] == name).collect()
}

async fn a_text_is_followed(engine: Engine) {
    let b = Business::open(engine, "debug").await;
    let watch = Socket::open(&b.olga, Some(0)).await;
    watch.reaches(b.olga.seq().await).await;
    let text = hooks::text(&hooks::sid(1), MAYA, WEST, "Hello");
    let answer = b.hook(demo::AUTH_TOKEN, &text).await;
    assert_eq!(answer.status, 200);
    let request = answer.headers["x-request-id"].to_str().unwrap().to_owned();
    let seq = b.olga.seq().await;
    watch.reaches(seq).await;
    until("its spans have ended", async || {
        let events = b.program.events();
        let within =
            |event: &Value| event["spans"].as_array().is_some_and(|s| s.iter().any(|s| s["id"] == request.as_str()));
        let webhook = ends(&events, "webhook").into_iter().find(|e| within(e))?;
        assert_eq!(webhook["span"]["outcome"], "taken");
        assert_eq!(webhook["span"]["connection"], b.connection.as_str());
        let unit = ends(&events, "unit").into_iter().find(|e| within(e) && e["span"]["seq"] == seq)?;
        for field in ["waited_us", "commit_us", "units", "workspace"] {
            assert!(unit["span"][field].is_number(), "{field}: {unit}");
        }
        let covers = |e: &&Value| {
            e["span"]["workspace"] == unit["span"]["workspace"]
                && e["span"]["after"].as_i64() < Some(seq)
                && e["span"]["seq"].as_i64() >= Some(seq)
        };
        ends(&events, "frame").into_iter().find(covers)?;
        ends(&events, "socket").into_iter().find(covers).map(drop)
    })
    .await;
}

async fn the_figures_move(engine: Engine) {
    let b = Business::open(engine, "warn").await;
    let main = b.http.get(format!("{}/metrics", b.program.base)).send().await.unwrap();
    assert_eq!(main.status(), 404, "whoever reaches the inbox does not see the figures");
    let before = b.program.figures(&b.http).await;
    assert_eq!(before.get("partyline_database_up"), Some(1.0));
    assert_eq!(before.get("partyline_quarantined"), Some(0.0));
    let units = |f: &crate::program::Figures| f.get("partyline_units_total{outcome=\"committed\"}").unwrap();
    let began = units(&before);
    let watch = Socket::open(&b.olga, Some(0)).await;
    the_road(&b).await;
    let waiting = json!({ "text": "Later", "undo_seconds": 60 });
    let maya = b.text(9, "Once more").await;
    b.olga.post(&format!("/conversations/{maya}/messages"), waiting).await.is(202);
    watch.reaches(b.olga.seq().await).await;
    let hook = |outcome: &str| {
        format!("partyline_webhooks_total{{hook=\"message\",outcome=\"{outcome}\",provider=\"twilio\"}}")
    };
    let after = until("the queues were looked at again", async || {
        let now = b.program.figures(&b.http).await;
        let never_left =
            "partyline_provider_requests_total{operation=\"send\",outcome=\"never_left\",provider=\"twilio\"}";
        let due = now.get("partyline_quarantined")? > 0.0
            && now.get("partyline_jobs{kind=\"deliver\",state=\"waiting\"}")? > 0.0
            && now.get(never_left)? > 0.0;
        due.then_some(now)
    })
    .await;
    for (row, least) in [
        (hook("taken").as_str(), 5.0),
        (hook("wrong_signature").as_str(), 1.0),
        ("partyline_webhook_seconds_count{hook=\"message\",provider=\"twilio\"}", 6.0),
        ("partyline_inbound_total{state=\"applied\"}", 3.0),
        ("partyline_inbound_total{state=\"quarantined\"}", 2.0),
        ("partyline_quarantined", 2.0),
        ("partyline_deliveries_total{code=\"none\",status=\"delivered\"}", 1.0),
        ("partyline_deliveries_total{code=\"none\",status=\"unknown\"}", 1.0),
        ("partyline_provider_requests_total{operation=\"send\",outcome=\"accepted\",provider=\"twilio\"}", 2.0),
        ("partyline_provider_requests_total{operation=\"send\",outcome=\"unknown\",provider=\"twilio\"}", 1.0),
        ("partyline_provider_requests_total{operation=\"send\",outcome=\"never_left\",provider=\"twilio\"}", 1.0),
        ("partyline_provider_request_seconds_count{operation=\"send\",provider=\"twilio\"}", 4.0),
        ("partyline_job_seconds_count{kind=\"deliver\"}", 4.0),
        ("partyline_commit_seconds_count", 10.0),
        ("partyline_unit_wait_seconds_count", 10.0),
        ("partyline_read_seconds_count", 10.0),
        ("partyline_live_frame_seconds_count", 3.0),
        ("partyline_socket_frames_total{kind=\"events\"}", 3.0),
        ("partyline_http_requests_total{method=\"POST\",route=\"/conversations/{id}/messages\",status=\"2xx\"}", 5.0),
        ("process_resident_memory_bytes", 1.0),
        ("process_cpu_seconds_total", 0.0),
    ] {
        assert!(
            after.get(row).is_some_and(|value| value >= least),
            "{row} is {:?}, not {least}\n{}",
            after.get(row),
            after.0
        );
    }
    assert_eq!(after.get("partyline_sockets"), Some(1.0));
    assert_eq!(after.get("partyline_panics_total"), Some(0.0));
    assert!(units(&after) > began);
    let failed: f64 = after
        .0
        .lines()
        .filter(|l| l.starts_with("partyline_deliveries_total") && l.contains("status=\"failed\""))
        .filter_map(|l| l.rsplit(' ').next()?.parse::<f64>().ok())
        .sum();
    assert!(failed >= 1.0, "{}", after.0);
    drop(watch);
    until("the socket is gone", async || {
        (b.program.figures(&b.http).await.get("partyline_sockets") == Some(0.0)).then_some(())
    })
    .await;
    assert_eq!(b.program.figures(&b.http).await.get("partyline_socket_frames_waiting"), Some(0.0));
    // no label is somebody's: not a number, an id, a workspace
    for line in after.0.lines().filter(|l| !l.starts_with('#')) {
        let labels = line.rsplit_once('}').map_or("", |(labels, _)| labels);
        assert!(!labels.contains("4155550") && !labels.contains("conn_") && !labels.contains("AC0"), "{line}");
    }
    assert!(after.0.lines().count() < 2_000, "as many rows as the program has words for, and no more");
}

macro_rules! on_both_engines {
    ($($name:ident: $proof:ident;)*) => {$(
        mod $name {
            use super::*;

            #[test]
            fn on_sqlite() {
                run($proof(Engine::Sqlite));
            }

            #[test]
            fn on_postgres() {
                run($proof(Engine::Postgres));
            }
        }
    )*};
}

on_both_engines! {
    the_log_holds_no_text_name_address_or_secret_at_any_level: the_log_tells_nothing;
    a_webhook_is_followed_from_its_request_to_its_commit_and_to_the_sockets: a_text_is_followed;
    the_figures_move_when_they_should_and_are_nowhere_else: the_figures_move;
}
