//! Clients in a storm: customers text and agents answer them, and nobody who was not answered thinks that it is done.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fastrand::Rng;
use partyline_carrier::{Carrier, demo, signing};
use reqwest::Client;
use serde_json::json;
use tokio_util::task::TaskTracker;

use crate::hooks;
use crate::person::{PASSWORD, Person, id};
use crate::world::{CROWD, WEST, credentials, fast, until};

/// Clients at once.
const VISITORS: usize = 4;
/// Milliseconds that one waits between two things that it does, at most.
const PAUSE_MAX: u64 = 40;

/// What somebody was told is done.
#[derive(Debug, Default)]
pub struct Acknowledged {
    conversations: Mutex<HashMap<String, String>>,
    /// Texts that the provider's list does not have: they are here, or nowhere.
    texts: Mutex<Vec<(String, String)>>,
    /// Text of a reply, the phone it goes to, and the message that it is.
    replies: Mutex<Vec<(String, String, String)>>,
}

impl Acknowledged {
    pub fn conversation(&self, phone: &str) -> Option<String> {
        self.conversations.lock().unwrap().get(phone).cloned()
    }

    /// Texts by hand, as phone and text.
    pub fn texts(&self) -> Vec<(String, String)> {
        self.texts.lock().unwrap().clone()
    }

    /// Replies as text, phone and message.
    pub fn replies(&self) -> Vec<(String, String, String)> {
        self.replies.lock().unwrap().clone()
    }
}

/// A business with a crowd of customers, at an address behind which there may be anything.
pub struct Visitors {
    pub olga: Person,
    pub carrier: Carrier,
    pub acknowledged: Arc<Acknowledged>,
    http: Client,
    hook: String,
    done: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
    running: TaskTracker,
}

impl Visitors {
    /// Sets up a workspace with one number whose provider is at `provider`; everybody in the crowd has texted once.
    pub async fn arrive(carrier: &Carrier, base: &str, provider: &str) -> Visitors {
        // no connection is kept: behind the address another server may answer each time
        let patience = Duration::from_secs(5);
        let http = Client::builder().no_proxy().timeout(patience).pool_max_idle_per_host(0).build().unwrap();
        let setup = json!({ "workspace_name": "Harbor & Pine", "name": "Olga", "email": "olga@example.com", "password": PASSWORD });
        let olga = Person::enter(&http, base, "/setup", &setup).await;
        let connection =
            json!({ "provider": "twilio", "name": "Twilio", "credentials": credentials(), "api_base_url": provider });
        let connection = id(&olga.post("/connections", connection).await.is(201));
        let channel = json!({ "kind": "sms", "name": "West", "address": WEST, "connection_id": connection, "set_webhooks": true, "rate": fast() });
        olga.post("/channels", channel).await.is(201);
        for phone in CROWD {
            carrier.text(phone, WEST, &format!("hello from {phone}"), Vec::new()).unwrap();
        }
        let rows = until("everybody has a conversation", async || {
            Some(olga.view("all").await).filter(|rows| rows.len() == CROWD.len())
        })
        .await;
        let of = |row: &serde_json::Value| (row["contact"]["address"].as_str().unwrap().to_owned(), id(row));
        let conversations = rows.iter().map(of).collect();
        Visitors {
            hook: format!("{base}/hooks/twilio/{connection}/message"),
            olga,
            carrier: carrier.clone(),
            acknowledged: Arc::new(Acknowledged {
                conversations: Mutex::new(conversations),
                ..Acknowledged::default()
            }),
            http,
            done: Arc::default(),
            over: Arc::default(),
            running: TaskTracker::new(),
        }
    }

    /// Lets them begin.
    pub fn begin(&self, rng: &mut Rng) {
        let sids = Arc::new(AtomicU32::new(1));
        for number in 0..VISITORS {
            let visitor = Visitor {
                number,
                olga: self.olga.clone(),
                carrier: self.carrier.clone(),
                acknowledged: self.acknowledged.clone(),
                http: self.http.clone(),
                hook: self.hook.clone(),
                sids: sids.clone(),
                done: self.done.clone(),
                over: self.over.clone(),
                rng: rng.fork(),
            };
            self.running.spawn(visitor.stay());
        }
    }

    /// Waits until they have done so many things more.
    pub async fn have_done(&self, more: u64) {
        let enough = self.done.load(Ordering::Relaxed) + more;
        until("they go on", async || (self.done.load(Ordering::Relaxed) >= enough).then_some(())).await;
    }

    /// They leave; what was not acknowledged by then may be there or not.
    pub async fn leave(&self) {
        self.over.store(true, Ordering::Relaxed);
        self.running.close();
        self.running.wait().await;
    }
}

struct Visitor {
    number: usize,
    olga: Person,
    carrier: Carrier,
    acknowledged: Arc<Acknowledged>,
    http: Client,
    hook: String,
    sids: Arc<AtomicU32>,
    done: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
    rng: Rng,
}

impl Visitor {
    async fn stay(mut self) {
        let phones: Vec<&str> = CROWD.iter().skip(self.number).step_by(VISITORS).copied().collect();
        let mut n = 0;
        while !self.over.load(Ordering::Relaxed) {
            let phone = phones[self.rng.usize(0..phones.len())];
            match self.rng.u8(0..4) {
                // whether this one's webhook was answered is in the carrier's own log
                0 => drop(self.carrier.text(phone, WEST, &format!("text {}-{n}", self.number), Vec::new())),
                1 => self.text(phone, &format!("by hand {}-{n}", self.number)).await,
                _ => self.reply(phone, &format!("reply {}-{n}", self.number)).await,
            }
            n += 1;
            self.pause().await;
        }
    }

    async fn pause(&mut self) {
        tokio::time::sleep(Duration::from_millis(self.rng.u64(1..PAUSE_MAX))).await;
    }

    /// A webhook, again until it is answered, and sometimes once more.
    async fn text(&mut self, phone: &str, text: &str) {
        let fields = hooks::text(&hooks::sid(self.sids.fetch_add(1, Ordering::Relaxed)), phone, WEST, text);
        let signature = signing::sign(demo::AUTH_TOKEN, &self.hook, &fields);
        while !self.over.load(Ordering::Relaxed) {
            let request = self.http.post(&self.hook).header("X-Twilio-Signature", &signature).form(&fields);
            if request.send().await.is_ok_and(|answer| answer.status() == 200) {
                self.acknowledged.texts.lock().unwrap().push((phone.to_owned(), text.to_owned()));
                self.done.fetch_add(1, Ordering::Relaxed);
                if self.rng.bool() {
                    let again = self.http.post(&self.hook).header("X-Twilio-Signature", &signature).form(&fields);
                    drop(again.send().await);
                }
                return;
            }
            self.pause().await;
        }
    }

    /// A reply, again with the same key until it is answered.
    async fn reply(&mut self, phone: &str, text: &str) {
        let conversation = self.acknowledged.conversation(phone).unwrap();
        let path = format!("/conversations/{conversation}/messages");
        while !self.over.load(Ordering::Relaxed) {
            let request = self.olga.request(reqwest::Method::POST, &path).header("Idempotency-Key", text);
            if let Ok(answer) = request.json(&json!({ "text": text })).send().await
                && answer.status() == 202
                && let Ok(message) = answer.json::<serde_json::Value>().await
            {
                let reply = (text.to_owned(), phone.to_owned(), id(&message));
                self.acknowledged.replies.lock().unwrap().push(reply);
                self.done.fetch_add(1, Ordering::Relaxed);
                return;
            }
            self.pause().await;
        }
    }
}
