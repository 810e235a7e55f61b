//! Push, to a push service of the test's own: it reads what a browser would read, and says what push services say.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use partyline_channels::Http;
use partyline_core::time::{MINUTE, SECOND};
use partyline_push::WebPush;
use partyline_store::notifications::PUSHED_AFTER;
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey as Verifier};
use serde_json::{Value, json};

use crate::engine::behaviours;
use crate::person::{Person, id};
use crate::socket::Socket;
use crate::world::{MAYA, World};

const SECRET: [u8; 16] = [7; 16];

/// What came, with its headers.
type Came = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

/// A push service; it says 201, or what it was told to say.
struct Service {
    address: String,
    came: Came,
    says: Arc<Mutex<VecDeque<u16>>>,
}

async fn take(
    State((came, says)): State<(Came, Arc<Mutex<VecDeque<u16>>>)>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    came.lock().unwrap().push((headers, body));
    StatusCode::from_u16(says.lock().unwrap().pop_front().unwrap_or(201)).unwrap()
}

impl Service {
    async fn open() -> Service {
        let (came, says) = (Came::default(), Arc::<Mutex<VecDeque<u16>>>::default());
        let router = axum::Router::new().route("/send/{id}", post(take)).with_state((came.clone(), says.clone()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Service { address, came, says }
    }

    fn count(&self) -> usize {
        self.came.lock().unwrap().len()
    }

    fn says(&self, statuses: &[u16]) {
        self.says.lock().unwrap().extend(statuses);
    }
}

/// A browser: it has a key for one message.
struct Browser {
    key: EphemeralPrivateKey,
    public: Vec<u8>,
}

impl Browser {
    fn new() -> Browser {
        let key = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new()).unwrap();
        let public = key.compute_public_key().unwrap().as_ref().to_vec();
        Browser { key, public }
    }

    fn subscription(&self, service: &Service, name: &str) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let keys = json!({ "p256dh": text(&self.public), "auth": text(&SECRET) });
        json!({ "endpoint": format!("{}/send/{name}", service.address), "keys": keys })
    }

    /// As RFC 8291 has a browser read it.
    fn read(self, body: &[u8]) -> Value {
        let (salt, rest) = body.split_at(16);
        let (theirs, record) = rest[5..].split_at(usize::from(rest[4]));
        struct Length(usize);
        impl KeyType for Length {
            fn len(&self) -> usize {
                self.0
            }
        }
        let expand = |salt: &[u8], secret: &[u8], info: &[u8], length: usize| {
            let mut out = vec![0; length];
            let parts = [info];
            Salt::new(HKDF_SHA256, salt)
                .extract(secret)
                .expand(&parts, Length(length))
                .unwrap()
                .fill(&mut out)
                .unwrap();
            out
        };
        let info = [b"WebPush: info\0".as_slice(), &self.public, theirs].concat();
        let point = UnparsedPublicKey::new(&ECDH_P256, theirs);
        let input = agree_ephemeral(self.key, &point, |shared| expand(&SECRET, shared, &info, 32)).unwrap();
        let key = expand(salt, &input, b"Content-Encoding: aes128gcm\0", 16);
        let nonce = expand(salt, &input, b"Content-Encoding: nonce\0", 12);
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).unwrap());
        let mut record = record.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(&nonce).unwrap();
        let plain = key.open_in_place(nonce, Aad::empty(), &mut record).unwrap();
        let (end, said) = plain.split_last().unwrap();
        assert_eq!(*end, 2, "the last record");
        serde_json::from_slice(said).unwrap()
    }
}

async fn with_push(w: &World) -> Service {
    w.kill();
    *w.place.pusher.lock().unwrap() = Some(Arc::new(WebPush::to_this_machine(Http::new().unwrap())));
    w.start().await;
    Service::open().await
}

async fn mention(w: &World, conversation: &str, who: &Person) {
    let text = format!("@[{}]({}) the key is in the box", who.name, who.id);
    w.olga.post(&format!("/conversations/{conversation}/notes"), json!({ "text": text })).await.is(201);
    // an open screen has had its time
    w.advance(PUSHED_AFTER);
}

async fn comes(w: &World, service: &Service, count: usize) {
    w.until("it is pushed", async || (service.count() >= count).then_some(())).await;
}

/// Nothing is to be pushed any more.
async fn settled(w: &World) {
    let due = async || w.desk().db().read_root(|root| root.push_due()).await.unwrap().is_none().then_some(());
    w.until("nothing is due", due).await;
}

behaviours! {
    async fn a_browser_that_is_not_open_is_told_and_only_it_can_read_what(w) {
        let service = with_push(w).await;
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        let browser = Browser::new();
        ana.post("/push/subscriptions", browser.subscription(&service, "a")).await.is(200);
        mention(w, &conversation, &ana).await;
        comes(w, &service, 1).await;
        let (headers, body) = service.came.lock().unwrap().remove(0);
        let header = |name: &str| headers[name].to_str().unwrap().to_owned();
        assert_eq!((header("content-encoding"), header("ttl")), ("aes128gcm".to_owned(), "86400".to_owned()));
        assert_eq!(header("urgency"), "high");
        let topic = header("topic");
        assert!(topic.len() == 32 && !conversation.contains(&topic), "{topic}");
        // it is signed by the key that the browser was told
        let public = ana.get("/push/key").await.is(200)["key"].as_str().unwrap().to_owned();
        let authorization = header("authorization");
        let (token, key) = authorization.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        assert_eq!(key, public);
        let (said, signature) = token.rsplit_once('.').unwrap();
        let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        Verifier::new(&ECDSA_P256_SHA256_FIXED, decoded(key)).verify(said.as_bytes(), &decoded(signature)).unwrap();
        let told = browser.read(&body);
        assert_eq!((&told["kind"], &told["actor"]), (&json!("mention"), &json!("Olga")));
        assert_eq!(told["conversation_id"], json!(conversation));
        assert_eq!(told.get("text"), None, "what was written stays here");
        settled(w).await;
        // where the workspace allows it, what was written goes along
        w.olga.patch("/workspace", json!({ "texts_outside": true })).await.is(200);
        let browser = Browser::new();
        ana.post("/push/subscriptions", browser.subscription(&service, "a")).await.is(200);
        mention(w, &conversation, &ana).await;
        comes(w, &service, 1).await;
        let (headers, body) = service.came.lock().unwrap().remove(0);
        assert_eq!(headers["topic"], topic.as_str(), "what is newer takes the place of what was older");
        assert_eq!(browser.read(&body)["text"], "@Ana the key is in the box");
        // the key and the browser stay, also over a restart
        settled(w).await;
        let browser = Browser::new();
        ana.post("/push/subscriptions", browser.subscription(&service, "a")).await.is(200);
        w.kill();
        w.start().await;
        assert_eq!(ana.get("/push/key").await.is(200)["key"], json!(public));
        mention(w, &conversation, &ana).await;
        comes(w, &service, 1).await;
        let (_, body) = service.came.lock().unwrap().remove(0);
        assert_eq!(browser.read(&body)["kind"], "mention");
    }

    async fn what_names_a_customer_by_number_alone_names_nobody(w) {
        let service = with_push(w).await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.olga.post(&format!("/conversations/{conversation}/follow"), json!({})).await.is(204);
        let browser = Browser::new();
        w.olga.post("/push/subscriptions", browser.subscription(&service, "a")).await.is(200);
        w.text(MAYA, "My door code is 4711").await;
        w.advance(PUSHED_AFTER);
        comes(w, &service, 1).await;
        let (_, body) = service.came.lock().unwrap().remove(0);
        let told = browser.read(&body);
        assert_eq!(told["kind"], "reply");
        let said = told.to_string();
        assert!(!said.contains("4711") && !said.contains(&MAYA[MAYA.len() - 6..]), "{said}");
    }

    async fn it_is_quiet_while_the_conversation_is_open_on_a_screen_of_theirs(w) {
        let service = with_push(w).await;
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        ana.post("/push/subscriptions", Browser::new().subscription(&service, "a")).await.is(200);
        let (looking, elsewhere) = (Socket::open(&ana, None).await, Socket::open(&ana, None).await);
        looking.say(&json!({ "view": conversation }));
        let looks = |s: &Socket| s.frames().into_iter().find(|f| f["presence"]["viewers"][0].is_object());
        elsewhere.hears("that she looks", looks).await;
        let text = format!("@[{}]({}) look", ana.name, ana.id);
        w.olga.post(&format!("/conversations/{conversation}/notes"), json!({ "text": text })).await.is(201);
        let seen = async || ana.get("/notifications?limit=1").await.is(200)["data"][0]["seen_at"].as_str().map(drop);
        w.until("it is seen", seen).await;
        w.advance(PUSHED_AFTER);
        settled(w).await;
        assert_eq!(service.count(), 0);
    }

    async fn a_browser_that_is_gone_is_forgotten_and_one_that_is_busy_is_tried_again(w) {
        let service = with_push(w).await;
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        ana.post("/push/subscriptions", Browser::new().subscription(&service, "a")).await.is(200);
        service.says(&[503]);
        mention(w, &conversation, &ana).await;
        comes(w, &service, 1).await;
        w.advance(11 * SECOND);
        comes(w, &service, 2).await;
        settled(w).await;
        service.says(&[410]);
        mention(w, &conversation, &ana).await;
        comes(w, &service, 3).await;
        settled(w).await;
        mention(w, &conversation, &ana).await;
        settled(w).await;
        assert_eq!(service.count(), 3, "it is asked no more");
    }

    async fn a_push_that_no_service_takes_is_given_up(w) {
        let service = with_push(w).await;
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        ana.post("/push/subscriptions", Browser::new().subscription(&service, "a")).await.is(200);
        service.says(&[500; 20]);
        mention(w, &conversation, &ana).await;
        for tries in 1..=4 {
            comes(w, &service, tries).await;
            w.advance(6 * MINUTE);
        }
        settled(w).await;
        assert_eq!(service.count(), 4);
    }

    async fn nothing_is_pushed_to_who_signed_out_does_not_want_it_or_is_away(w) {
        let service = with_push(w).await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        let (ana, ben, cleo) = (
            w.person("Ana", "agent", &[&w.team]).await,
            w.person("Ben", "agent", &[&w.team]).await,
            w.person("Cleo", "agent", &[&w.team]).await,
        );
        for (who, name) in [(&ana, "a"), (&ben, "b"), (&cleo, "c")] {
            who.post("/push/subscriptions", Browser::new().subscription(&service, name)).await.is(200);
        }
        // another of her sessions is ended from here
        let dora = w.person("Dora", "agent", &[&w.team]).await;
        let email = dora.get("/me").await["user"]["email"].as_str().unwrap().to_owned();
        let phone = Person::sign_in(&dora.http, &dora.base, &email).await;
        phone.post("/push/subscriptions", Browser::new().subscription(&service, "d")).await.is(200);
        let sessions = dora.all("/me/sessions").await;
        let other = sessions.iter().find(|s| s["current"] == false).unwrap();
        dora.delete(&format!("/me/sessions/{}", id(other))).await.is(204);
        ana.delete("/session").await.is(204);
        w.forget(&ana);
        ben.patch("/notifications/settings", json!({ "mention": { "push": false } })).await.is(200);
        let until = partyline_core::time::Millis(w.clock.now().0 + MINUTE);
        cleo.patch("/me", json!({ "away_until": until })).await.is(200);
        for who in [&ana, &ben, &cleo, &dora] {
            mention(w, &conversation, who).await;
        }
        settled(w).await;
        assert_eq!(service.count(), 0);
        // one is taken away by its own, and by nobody else
        let subscribed = ben.post("/push/subscriptions", Browser::new().subscription(&service, "b")).await.is(200);
        let path = format!("/push/subscriptions/{}", id(&subscribed));
        cleo.delete(&path).await.refuses(404, "not_found");
        ben.delete(&path).await.is(204);
        ben.delete(&path).await.refuses(404, "not_found");
    }

    async fn what_nothing_can_be_sent_to_is_refused(w) {
        let service = with_push(w).await;
        let mut wrong = Browser::new().subscription(&service, "a");
        wrong["keys"]["auth"] = json!("c2hvcnQ");
        w.olga.post("/push/subscriptions", wrong).await.refuses(422, "invalid");
        let mut wrong = Browser::new().subscription(&service, "a");
        wrong["endpoint"] = json!("https://10.0.0.1/send");
        w.olga.post("/push/subscriptions", wrong).await.refuses(422, "invalid");
        // as the program itself speaks to push services: over https, and with the open internet
        w.kill();
        *w.place.pusher.lock().unwrap() = Some(Arc::new(WebPush::new(Http::new().unwrap())));
        w.start().await;
        for endpoint in [service.address.as_str(), "https://127.0.0.1/send", "https://[fd00::1]/send", "https://printer/send"] {
            let mut wrong = Browser::new().subscription(&service, "a");
            wrong["endpoint"] = json!(endpoint);
            w.olga.post("/push/subscriptions", wrong).await.refuses(422, "invalid");
        }
    }
}
