//! The digest: one letter to who is away, through a real mail server, and never with what they have seen.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use partyline_core::time::{MINUTE, SECOND};
use partyline_desk::mail::{Letter, MailTrouble, Mailer};
use serde_json::json;

use crate::mail::{colleague, with, with_mail};
use crate::mailbox::{Arrived, inside, mailbox, smtp, with_a_mail_server};
use crate::person::{Person, id};
use crate::world::{MAYA, WREN, World};

async fn mention(w: &World, conversation: &str, who: &Person, words: &str) {
    let text = format!("@[{}]({}) {words}", who.name, who.id);
    w.olga.post(&format!("/conversations/{conversation}/notes"), json!({ "text": text })).await.is(201);
}

async fn letters(w: &World, to: &str, count: usize) -> Vec<Arrived> {
    w.until("the letters arrive", async || Some(mailbox(to)).filter(|all| all.len() >= count)).await
}

/// Letters that wait.
async fn waiting(w: &World) -> i64 {
    w.desk().db().read_root(|root| root.mails_waiting()).await.unwrap().0
}

async fn nothing_waits(w: &World) {
    w.until("no letter waits", async || (waiting(w).await == 0).then_some(())).await;
}

/// A mail server that is away until it is said that it is there.
#[derive(Debug)]
struct Gone {
    to: Arc<dyn Mailer>,
    is_there: Arc<AtomicBool>,
    tried: Arc<AtomicBool>,
}

#[async_trait]
impl Mailer for Gone {
    async fn send(&self, letter: &Letter) -> Result<(), MailTrouble> {
        self.tried.store(true, Ordering::SeqCst);
        if self.is_there.load(Ordering::SeqCst) {
            return self.to.send(letter).await;
        }
        Err(MailTrouble::Passing("it is away".into()))
    }
    async fn check(&self) -> Result<(), MailTrouble> {
        Ok(())
    }
    fn server(&self) -> String {
        self.to.server()
    }
    fn from(&self) -> String {
        self.to.from()
    }
}

with_a_mail_server! {
    async fn who_is_away_gets_one_letter_an_hour_with_what_is_new(w) {
        with_mail(w).await;
        let (ana, email) = colleague(w, "Ana").await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        mention(w, &conversation, &ana, "please look").await;
        w.desk().digest().await.unwrap();
        assert_eq!(waiting(w).await, 0, "she is here");
        w.advance(21 * MINUTE);
        w.desk().digest().await.unwrap();
        w.desk().digest().await.unwrap();
        let first = letters(w, &email, 1).await.remove(0);
        assert_eq!(first.header("Subject"), "Something waits for you in Harbor & Pine");
        assert!(first.text.contains("- Olga mentioned you in the conversation with a customer."), "{}", first.text);
        assert!(first.text.contains("/notifications") && first.text.starts_with("Ana, "), "{}", first.text);
        for private in ["please look", MAYA, "Hello"] {
            assert!(!first.text.contains(private), "{private}: {}", first.text);
        }
        nothing_waits(w).await;
        // more comes within the hour, and waits for it to pass
        mention(w, &conversation, &ana, "once more").await;
        w.olga.patch(&format!("/conversations/{conversation}"), json!({ "assignee_ids": [ana.id] })).await.is(200);
        w.advance(30 * MINUTE);
        w.desk().digest().await.unwrap();
        assert_eq!((waiting(w).await, mailbox(&email).len()), (0, 1));
        w.advance(31 * MINUTE);
        w.desk().digest().await.unwrap();
        let all = letters(w, &email, 2).await;
        let second = all.iter().find(|l| l.raw != first.raw).unwrap();
        assert_eq!(second.header("Subject"), "2 things wait for you in Harbor & Pine");
        assert_eq!(second.text.matches("mentioned you").count(), 1, "what was in a letter is in no other: {}", second.text);
        assert!(second.text.contains("Olga put you on the conversation"), "{}", second.text);
        nothing_waits(w).await;
        w.advance(61 * MINUTE);
        w.desk().digest().await.unwrap();
        assert_eq!((waiting(w).await, mailbox(&email).len()), (0, 2), "nothing is new");
    }

    async fn what_was_seen_while_the_letter_waited_is_not_in_it(w) {
        let (is_there, tried) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let to = smtp(&format!("smtp://{}", inside()));
        with(w, Arc::new(Gone { to, is_there: is_there.clone(), tried: tried.clone() })).await;
        let (ana, email) = colleague(w, "Ana").await;
        let (first, second) = (id(&w.text(MAYA, "Hello").await), id(&w.text(WREN, "Hello").await));
        mention(w, &first, &ana, "the boiler").await;
        mention(w, &second, &ana, "the key").await;
        w.advance(21 * MINUTE);
        w.desk().digest().await.unwrap();
        w.until("it is tried", async || tried.load(Ordering::SeqCst).then_some(())).await;
        assert_eq!(waiting(w).await, 1);
        // she comes back and reads one of them: the letter is of no use, and is not sent when the server is there again
        ana.post(&format!("/conversations/{first}/read"), json!({})).await.is(204);
        is_there.store(true, Ordering::SeqCst);
        w.advance(11 * SECOND);
        nothing_waits(w).await;
        assert!(mailbox(&email).is_empty());
        // and goes away again
        w.olga.patch("/workspace", json!({ "texts_outside": true })).await.is(200);
        w.advance(61 * MINUTE);
        w.desk().digest().await.unwrap();
        let letter = letters(w, &email, 1).await.remove(0);
        assert_eq!(letter.text.matches("mentioned you").count(), 1, "{}", letter.text);
        assert!(letter.text.contains("with a customer: @Ana the key"), "the workspace allows texts: {}", letter.text);
        assert!(!letter.text.contains("the boiler"), "{}", letter.text);
        nothing_waits(w).await;
    }

    async fn no_letter_goes_to_who_does_not_want_one_is_out_of_office_or_has_no_sight(w) {
        with_mail(w).await;
        let (ana, of_ana) = colleague(w, "Ana").await;
        let (ben, of_ben) = colleague(w, "Ben").await;
        let (cleo, of_cleo) = colleague(w, "Cleo").await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        ana.patch("/notifications/settings", json!({ "mention": { "mail": false } })).await.is(200);
        let until = partyline_core::time::Millis(w.clock.now().0 + 100 * MINUTE);
        ben.patch("/me", json!({ "away_until": until })).await.is(200);
        cleo.post(&format!("/conversations/{conversation}/follow"), json!({})).await.is(204);
        cleo.patch("/notifications/settings", json!({ "reply": { "mail": true } })).await.is(200);
        mention(w, &conversation, &ana, "look").await;
        mention(w, &conversation, &ben, "look").await;
        w.text(MAYA, "Hello again").await;
        w.olga.patch(&format!("/teams/{}", w.team), json!({ "closed": true })).await.is(200);
        w.advance(21 * MINUTE);
        w.desk().digest().await.unwrap();
        nothing_waits(w).await;
        for mail in [of_ana, of_ben, of_cleo] {
            assert!(mailbox(&mail).is_empty());
        }
    }
}
