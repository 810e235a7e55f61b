//! Who is told of what: the table, the live socket, what one may see, and what one wishes for.

use partyline_core::time::{DAY, HOUR, Millis, SECOND};
use serde_json::{Value, json};

use crate::engine::behaviours;
use crate::person::{Person, id};
use crate::socket::Socket;
use crate::work::fails_after_closing;
use crate::world::{MAYA, WREN, World};

/// What somebody is told, the newest first: kinds.
async fn kinds(who: &Person) -> Vec<String> {
    let list = who.get("/notifications").await.is(200);
    list["data"].as_array().unwrap().iter().map(|n| n["kind"].as_str().unwrap().to_owned()).collect()
}

async fn unseen(who: &Person) -> i64 {
    who.get("/notifications?limit=1").await.is(200)["unseen"].as_i64().unwrap()
}

async fn note(who: &Person, conversation: &str, names: &[&str]) -> Value {
    let names: Vec<String> = names.iter().map(|id| format!("@[Somebody]({id})")).collect();
    let text = format!("{} please look", names.join(" "));
    who.post(&format!("/conversations/{conversation}/notes"), json!({ "text": text })).await.is(201)
}

async fn assign(who: &Person, conversation: &str, people: &[&str]) {
    who.patch(&format!("/conversations/{conversation}"), json!({ "assignee_ids": people })).await.is(200);
}

/// A customer writes again, and it is in the inbox.
async fn writes(w: &World, text: &str) {
    w.text(MAYA, text).await;
}

type Step = for<'a> fn(&'a World, &'a Cast) -> std::pin::Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Ana and Ben are in the team; the conversation is Maya's.
struct Cast {
    ana: Person,
    ben: Person,
    conversation: String,
}

/// One line of the table: what happens before, what happens, and what Ana and Ben are told of that.
struct Line {
    name: &'static str,
    before: Step,
    then: Step,
    ana: &'static [&'static str],
    ben: &'static [&'static str],
}

macro_rules! step {
    (|$w:ident, $c:ident| $body:expr) => {
        |$w, $c| {
            Box::pin(async move {
                $body;
            })
        }
    };
}

fn nothing<'a>(_: &'a World, _: &'a Cast) -> std::pin::Pin<Box<dyn Future<Output = ()> + 'a>> {
    Box::pin(async {})
}

fn table() -> Vec<Line> {
    vec![
        Line {
            name: "a customer's message in what is nobody's",
            before: nothing,
            then: step!(|w, _c| writes(w, "Hello?").await),
            ana: &[],
            ben: &[],
        },
        Line {
            name: "a customer's message in mine",
            before: step!(|_w, c| assign(&c.ana, &c.conversation, &[&c.ana.id]).await),
            then: step!(|w, _c| writes(w, "Hello?").await),
            ana: &["reply"],
            ben: &[],
        },
        Line {
            name: "a customer's message in what I follow",
            before: step!(|_w, c| c
                .ben
                .post(&format!("/conversations/{}/follow", c.conversation), json!({}))
                .await
                .is(204)),
            then: step!(|w, _c| writes(w, "Hello?").await),
            ana: &[],
            ben: &["reply"],
        },
        Line {
            name: "a customer's message in mine, muted",
            before: step!(|_w, c| {
                assign(&c.ana, &c.conversation, &[&c.ana.id]).await;
                c.ana.post(&format!("/conversations/{}/mute", c.conversation), json!({})).await.is(204)
            }),
            then: step!(|w, _c| writes(w, "Hello?").await),
            ana: &[],
            ben: &[],
        },
        Line {
            name: "a customer's message in what is spam",
            before: step!(|w, c| {
                assign(&c.ana, &c.conversation, &[&c.ana.id]).await;
                w.olga.patch(&format!("/conversations/{}", c.conversation), json!({ "status": "spam" })).await.is(200)
            }),
            then: step!(|w, c| {
                w.carrier.text(MAYA, crate::world::WEST, "Again", Vec::new()).unwrap();
                let more = async || (c.ana.entries(&c.conversation).await.len() > 3).then_some(());
                w.until("it came", more).await;
            }),
            ana: &[],
            ben: &[],
        },
        Line {
            name: "a mention by somebody else",
            before: nothing,
            then: step!(|_w, c| note(&c.ben, &c.conversation, &[&c.ana.id]).await),
            ana: &["mention"],
            ben: &[],
        },
        Line {
            name: "a mention by oneself",
            before: nothing,
            then: step!(|_w, c| note(&c.ana, &c.conversation, &[&c.ana.id]).await),
            ana: &[],
            ben: &[],
        },
        Line {
            name: "a mention of the team tells its others",
            before: nothing,
            then: step!(|w, c| note(&c.ana, &c.conversation, &[&w.team]).await),
            ana: &[],
            ben: &["mention"],
        },
        Line {
            name: "a mention in what I muted",
            before: step!(|_w, c| c
                .ana
                .post(&format!("/conversations/{}/mute", c.conversation), json!({}))
                .await
                .is(204)),
            then: step!(|_w, c| note(&c.ben, &c.conversation, &[&c.ana.id]).await),
            ana: &[],
            ben: &[],
        },
        Line {
            name: "an edited note tells only who is named anew",
            before: nothing,
            then: step!(|_w, c| {
                let made = note(&c.ben, &c.conversation, &[&c.ana.id]).await;
                let text = format!("@[Ana]({}) @[Ben]({}) changed", c.ana.id, c.ben.id);
                c.ben.patch(&format!("/notes/{}", id(&made)), json!({ "text": text })).await.is(200)
            }),
            ana: &["mention"],
            ben: &[],
        },
        Line {
            name: "a note without a name in mine",
            before: step!(|_w, c| assign(&c.ana, &c.conversation, &[&c.ana.id]).await),
            then: step!(|_w, c| note(&c.ben, &c.conversation, &[]).await),
            ana: &[],
            ben: &[],
        },
        Line {
            name: "assigned by somebody else",
            before: nothing,
            then: step!(|_w, c| assign(&c.ben, &c.conversation, &[&c.ana.id]).await),
            ana: &["assigned"],
            ben: &[],
        },
        Line {
            name: "assigned by oneself",
            before: nothing,
            then: step!(|_w, c| assign(&c.ana, &c.conversation, &[&c.ana.id]).await),
            ana: &[],
            ben: &[],
        },
        Line {
            name: "a second one beside me is no news to me",
            before: step!(|_w, c| assign(&c.ana, &c.conversation, &[&c.ana.id]).await),
            then: step!(|w, c| assign(&w.olga, &c.conversation, &[&c.ana.id, &c.ben.id]).await),
            ana: &[],
            ben: &["assigned"],
        },
        Line {
            name: "handed over by somebody else",
            before: step!(|_w, c| assign(&c.ana, &c.conversation, &[&c.ana.id]).await),
            then: step!(|_w, c| c
                .ana
                .post(&format!("/users/{}/handover", c.ana.id), json!({ "to_user_id": c.ben.id }))
                .await
                .is(200)),
            ana: &[],
            ben: &["assigned"],
        },
        Line {
            name: "a task given by somebody else",
            before: nothing,
            then: step!(|_w, c| {
                let made = id(&note(&c.ben, &c.conversation, &[]).await);
                c.ben.put(&format!("/notes/{made}/task"), json!({ "assignee_id": c.ana.id })).await.is(200)
            }),
            ana: &["task"],
            ben: &[],
        },
        Line {
            name: "a task of one's own that is due",
            before: step!(|w, c| {
                let made = id(&note(&c.ana, &c.conversation, &[]).await);
                let due = Millis(w.clock.now().0 + HOUR);
                c.ana
                    .put(&format!("/notes/{made}/task"), json!({ "assignee_id": c.ana.id, "due_at": due }))
                    .await
                    .is(200)
            }),
            then: step!(|w, c| {
                w.advance(HOUR + SECOND);
                w.in_time("it is told", SECOND, async || (!kinds(&c.ana).await.is_empty()).then_some(())).await;
                // once, however often it is looked
                for _ in 0..3 {
                    w.desk().remind().await.unwrap();
                }
            }),
            ana: &["task"],
            ben: &[],
        },
        Line {
            name: "a task that is done is never due",
            before: step!(|w, c| {
                let made = id(&note(&c.ana, &c.conversation, &[]).await);
                let due = Millis(w.clock.now().0 + HOUR);
                c.ana
                    .put(&format!("/notes/{made}/task"), json!({ "assignee_id": c.ana.id, "due_at": due }))
                    .await
                    .is(200);
                c.ana.post(&format!("/notes/{made}/task/done"), json!({ "done": true })).await.is(200)
            }),
            then: step!(|w, _c| {
                w.advance(HOUR + SECOND);
                w.desk().remind().await.unwrap();
            }),
            ana: &[],
            ben: &[],
        },
        Line {
            name: "who is out of office finds it when they are back",
            before: step!(|w, c| c
                .ana
                .patch("/me", json!({ "away_until": Millis(w.clock.now().0 + DAY) }))
                .await
                .is(200)),
            then: step!(|_w, c| note(&c.ben, &c.conversation, &[&c.ana.id]).await),
            ana: &["mention"],
            ben: &[],
        },
        Line {
            name: "who wants to hear nothing of it hears nothing",
            before: step!(|_w, c| {
                let none = json!({ "app": false, "desktop": false, "push": false, "mail": false });
                c.ana.patch("/notifications/settings", json!({ "mention": none })).await.is(200)
            }),
            then: step!(|_w, c| {
                note(&c.ben, &c.conversation, &[&c.ana.id]).await;
                assign(&c.ben, &c.conversation, &[&c.ana.id]).await;
            }),
            ana: &["assigned"],
            ben: &[],
        },
    ]
}

behaviours! {
    async fn each_is_told_of_what_concerns_them_and_of_nothing_else(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let ben = w.person("Ben", "agent", &[&w.team]).await;
        for line in table() {
            let conversation = id(&w.text(MAYA, "Hello").await);
            let cast = Cast { ana: ana.clone(), ben: ben.clone(), conversation };
            (line.before)(w, &cast).await;
            let until = ana.seq().await;
            (line.then)(w, &cast).await;
            for (who, wanted) in [(&cast.ana, line.ana), (&cast.ben, line.ben)] {
                let list = who.get("/notifications").await.is(200);
                let told: Vec<&str> = list["data"].as_array().unwrap().iter()
                    .filter(|n| n["seq"].as_i64().unwrap() > until)
                    .map(|n| n["kind"].as_str().unwrap())
                    .collect();
                assert_eq!(told, wanted, "{}: {}", line.name, who.name);
            }
            // the next line begins with a conversation of its own
            w.olga.patch(&format!("/conversations/{}", cast.conversation), json!({ "status": "closed" })).await.is(200);
            for who in [&ana, &ben] {
                let path = format!("/conversations/{}", cast.conversation);
                who.delete(&format!("{path}/mute")).await.is(204);
                who.delete(&format!("{path}/follow")).await.is(204);
                who.post("/notifications/seen", json!({})).await.is(204);
                let all = json!({ "app": true, "desktop": true, "push": true, "mail": true });
                who.patch("/notifications/settings", json!({ "mention": all })).await.is(200);
                who.patch("/me", json!({ "away_until": null })).await.is(200);
            }
            w.olga.patch(&format!("/conversations/{}", cast.conversation), json!({ "assignee_ids": [] })).await.is(200);
            w.advance(5 * DAY);
        }
    }

    async fn the_author_of_what_did_not_arrive_is_told(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let conversation = fails_after_closing(w, &ana, async |_: &str| {}).await;
        let list = ana.get("/notifications").await.is(200);
        let told = list["data"].as_array().unwrap();
        assert_eq!(told.len(), 1, "{told:#?}");
        assert_eq!((&told[0]["kind"], &told[0]["event"]), (&json!("failed"), &json!("message.failed")));
        assert_eq!((&told[0]["conversation_id"], &told[0]["text"]), (&json!(conversation), &json!("Hi Maya")));
        assert!(kinds(&w.olga).await.is_empty());
    }

    async fn it_comes_live_to_ones_own_sockets_with_what_it_says(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let ben = w.person("Ben", "agent", &[&w.team]).await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        let (of_ana, of_ben) = (Socket::open(&ana, None).await, Socket::open(&ben, None).await);
        let news = |socket: &Socket| -> Vec<Value> {
            socket.frames().into_iter().map(|mut f| f["mine"]["notifications"].take()).filter(|n| !n.is_null()).collect()
        };
        of_ana.hears("that nothing waits", |s| (!news(s).is_empty()).then_some(())).await;
        assert_eq!(news(&of_ana), [json!({ "unseen": 0, "new": [] })]);
        let made = note(&ben, &conversation, &[&ana.id]).await;
        let new = of_ana.hears("the mention", |s| news(s).into_iter().find(|n| n["new"][0].is_object())).await;
        assert_eq!(new["unseen"], 1);
        let told = &new["new"][0];
        assert_eq!((&told["kind"], &told["actor_name"], &told["desktop"]), (&json!("mention"), &json!("Ben"), &json!(true)));
        assert_eq!((&told["text"], &told["entry_id"]), (&json!("@Somebody please look"), &json!(id(&made))));
        assert_eq!(told["contact_address"], MAYA);
        of_ben.reaches(w.olga.seq().await).await;
        assert!(news(&of_ben).iter().all(|n| n["new"] == json!([])), "{:#?}", news(&of_ben));
        // reading the conversation is seeing what tells of it, in every browser
        ana.post(&format!("/conversations/{conversation}/read"), json!({})).await.is(204);
        of_ana.hears("that it is seen", |s| news(s).last().filter(|n| n["unseen"] == 0 && s.frames().len() > 2).map(|_| ())).await;
        assert!(ana.get("/notifications").await.is(200)["data"][0]["seen_at"].is_string());
        assert_eq!(ana.get("/notifications?unseen=true").await.is(200)["data"], json!([]));
    }

    async fn it_is_quiet_while_the_conversation_is_on_a_screen_of_mine(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        let other = id(&w.text(WREN, "Hello").await);
        let (looking, elsewhere) = (Socket::open(&ana, None).await, Socket::open(&ana, None).await);
        looking.say(&json!({ "view": conversation }));
        elsewhere.hears("that she looks", |s| s.frames().into_iter().find(|f| f["presence"]["viewers"][0].is_object())).await;
        note(&w.olga, &conversation, &[&ana.id]).await;
        note(&w.olga, &other, &[&ana.id]).await;
        let new = |s: &Socket| -> Vec<Value> {
            s.frames().iter().filter_map(|f| f["mine"]["notifications"]["new"].as_array().cloned()).flatten().collect()
        };
        let told = elsewhere.hears("the other mention", |s| new(s).pop()).await;
        assert_eq!(told["conversation_id"], json!(other));
        assert_eq!(new(&elsewhere).len(), 1, "what is on the screen is not told");
        w.until("it counts as seen", async || (unseen(&ana).await == 1).then_some(())).await;
        assert_eq!(kinds(&ana).await, ["mention", "mention"], "it is in the list all the same");
    }

    async fn opening_a_conversation_is_seeing_what_tells_of_it_also_where_nothing_is_unread(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        ana.post(&format!("/conversations/{conversation}/read"), json!({})).await.is(204);
        assign(&w.olga, &conversation, &[&ana.id]).await;
        assert_eq!(unseen(&ana).await, 1);
        let socket = Socket::open(&ana, None).await;
        socket.say(&json!({ "view": conversation }));
        let seen = |s: &Socket| s.frames().into_iter().any(|f| f["mine"]["notifications"]["unseen"] == 0);
        socket.hears("that it is seen", |s| seen(s).then_some(())).await;
        assert_eq!(unseen(&ana).await, 0);
    }

    async fn who_loses_sight_of_a_conversation_loses_what_tells_of_it(w) {
        let ana = w.person("Ana", "agent", &[]).await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        ana.post(&format!("/conversations/{conversation}/follow"), json!({})).await.is(204);
        writes(w, "A secret").await;
        assert_eq!((kinds(&ana).await, unseen(&ana).await), (vec!["reply".to_owned()], 1));
        w.olga.patch(&format!("/teams/{}", w.team), json!({ "closed": true })).await.is(200);
        assert_eq!((kinds(&ana).await, unseen(&ana).await), (vec![], 0));
        // and is told no more of it, though she follows it still
        writes(w, "Another").await;
        w.olga.patch(&format!("/teams/{}", w.team), json!({ "closed": false })).await.is(200);
        assert_eq!(kinds(&ana).await.len(), 1);
    }

    async fn the_list_is_paged_and_seen_one_by_one_or_up_to_a_place(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        for _ in 0..5 {
            note(&w.olga, &conversation, &[&ana.id]).await;
        }
        let all = ana.all("/notifications?limit=2").await;
        let seqs: Vec<i64> = all.iter().map(|n| n["seq"].as_i64().unwrap()).collect();
        assert!(seqs.len() == 5 && seqs.is_sorted_by(|a, b| a > b), "{seqs:?}");
        ana.post("/notifications/seen", json!({ "seq": seqs[1] })).await.is(204);
        assert_eq!(unseen(&ana).await, 4);
        ana.post("/notifications/seen", json!({ "up_to": seqs[2] })).await.is(204);
        assert_eq!(unseen(&ana).await, 1);
        w.olga.post("/notifications/seen", json!({})).await.is(204);
        assert_eq!(unseen(&ana).await, 1, "another's are not mine to see");
        ana.post("/notifications/seen", json!({})).await.is(204);
        assert_eq!(unseen(&ana).await, 0);
        ana.post("/notifications/seen", json!({ "seq": 1, "up_to": 2 })).await.refuses(422, "invalid");
        ana.get("/notifications?cursor=x").await.refuses(422, "invalid");
    }

    async fn wishes_are_kept_and_unknown_ones_refused(w) {
        let default = w.olga.get("/notifications/settings").await.is(200);
        assert_eq!(default["reply"], json!({ "app": true, "desktop": true, "push": true, "mail": false }));
        let changed = w.olga.patch("/notifications/settings", json!({ "reply": { "mail": true, "push": false } })).await.is(200);
        assert_eq!(changed["reply"], json!({ "app": true, "desktop": true, "push": false, "mail": true }));
        assert_eq!(changed["mention"], default["mention"]);
        assert_eq!(w.olga.get("/notifications/settings").await.is(200), changed);
        for wrong in [json!({ "gossip": { "app": true } }), json!({ "reply": { "fax": true } }), json!({ "reply": true })] {
            w.olga.patch("/notifications/settings", wrong).await.refuses(422, "invalid");
        }
    }
}
