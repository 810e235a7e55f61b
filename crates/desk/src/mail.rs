//! Letters to the people here: written in the transaction of what they tell, and handed to a mail server at least once.
//!
//! A letter that was handed over just before a crash goes out again, with the same Message-ID and the same bytes, so that mailboxes know
//! it for a double. Letters hold links that let somebody in: they rest sealed, and only until they have ended.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use partyline_core::id::{MailId, Uuid};
use partyline_core::permission::Permission;
use partyline_core::time::{DAY, HOUR, MINUTE, Millis, SECOND};
use partyline_meters::figures;
use partyline_store::mails::{ClaimedMail, MailRow, NewMail};
use partyline_store::scope::entropy;
use partyline_store::{Root, Scope};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::digest::{Composed, Digest};
use crate::error::{DeskError, Result};
use crate::view::AsOf;
use crate::{Desk, Who};

/// Letters on their way at once, from this server.
const AT_ONCE: usize = 4;
/// A letter is ours for this long: longer than a mail server is waited for.
pub(crate) const LEASE: i64 = 90 * SECOND;
/// How often it is looked whether a letter is due.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Waits between the tries of one letter; the last of them again and again, until it is of no use.
const WAITS: [i64; 6] = [10 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR];
/// How long a letter is tried that says nothing of its own time.
pub(crate) const TRIED_FOR: i64 = DAY;
/// Letters that were given up are told of for this long.
pub(crate) const FAILED_FOR: i64 = 7 * DAY;
/// Characters of a reason that are kept.
const REASON_MAX: usize = 400;

/// What letters are for: kinds in the database and the figures.
pub(crate) const INVITATION: &str = "invitation";
pub(crate) const RESET: &str = "reset";
pub(crate) const PASSWORD_CHANGED: &str = "password_changed";
pub(crate) const DIGEST: &str = "digest";

/// A letter, ready to go.
#[derive(Clone)]
pub struct Letter {
    /// Its id, which is its Message-ID too.
    pub id: MailId,
    /// When it was written.
    pub at: Millis,
    /// To whom: an email address.
    pub to: String,
    /// What they are called.
    pub name: Option<String>,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
}

impl Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Letter({})", self.id)
    }
}

/// Why a letter was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailTrouble {
    /// It may be taken later: the server is away or busy, or does not let us in.
    Passing(String),
    /// It never will be.
    Lasting(String),
}

impl MailTrouble {
    /// In plain words.
    #[must_use]
    pub fn reason(&self) -> &str {
        let (MailTrouble::Passing(reason) | MailTrouble::Lasting(reason)) = self;
        reason
    }
}

/// A mail server that takes letters.
#[async_trait]
pub trait Mailer: Debug + Send + Sync {
    /// Hands a letter over. `Ok`: the server has it.
    async fn send(&self, letter: &Letter) -> Result<(), MailTrouble>;
    /// Connects and signs in, and hands nothing over.
    async fn check(&self) -> Result<(), MailTrouble>;
    /// Which server, for people.
    fn server(&self) -> String;
    /// The address that letters come from.
    fn from(&self) -> String;
}

/// What rests sealed.
#[derive(Serialize, Deserialize)]
pub(crate) enum Content {
    /// What is handed over.
    Letter(Text),
    /// Whoever has this address may want a new password. Whether anybody does is looked up by who sends it, so that asking takes the same
    /// time for every address.
    Reset { email: String },
    /// What waits for somebody who is away. It is looked up at every try: what they have seen meanwhile is not in it.
    Digest(Digest),
}

/// A letter without what its row says.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Text {
    pub(crate) to: String,
    pub(crate) name: Option<String>,
    pub(crate) subject: String,
    pub(crate) text: String,
}

/// How mail is.
#[derive(Debug, Clone)]
pub struct MailView {
    /// The server; none: mail is not set up.
    pub server: Option<String>,
    /// The address that letters come from.
    pub from: Option<String>,
    /// Where links in letters lead.
    pub links: String,
    /// Letters of this workspace that wait.
    pub waiting: i64,
    /// Why the first of those that were tried waits.
    pub reason: Option<String>,
    /// Letters that were given up within a week.
    pub failed: i64,
}

/// Why somebody who wants a letter gets none.
pub(crate) fn not_set_up() -> DeskError {
    DeskError::refused("mail_not_set_up", "This server has no mail server. Its operator sets one with --smtp-url.")
}

impl Desk {
    /// Sets the mail server, once, before anything runs. Without, no letters are written.
    pub fn set_mailer(&self, mailer: Arc<dyn Mailer>) {
        if self.inner.mailer.set(mailer).is_err() {
            tracing::error!("a second mail server was set; the first one stays");
        }
    }

    /// The mail server, where there is one.
    #[must_use]
    pub fn mailer(&self) -> Option<&Arc<dyn Mailer>> {
        self.inner.mailer.get()
    }

    /// The address of one of our pages, for a letter. Never made of what a request says: whoever asks for a letter to somebody else would
    /// choose where its link leads.
    pub(crate) fn link(&self, path: &str) -> String {
        let addresses = self.addresses();
        let base = addresses.public.as_ref().unwrap_or(&addresses.local);
        format!("{}{path}", base.as_str().trim_end_matches('/'))
    }

    /// Seals a letter for a new row.
    pub(crate) fn new_mail(
        &self,
        kind: &'static str,
        about: Option<Uuid>,
        content: &Content,
        until: Millis,
    ) -> NewMail {
        let id = MailId::new(self.now(), &entropy());
        NewMail { id, kind, about, letter: self.sealed(id, content), until }
    }

    fn sealed(&self, id: MailId, content: &Content) -> Vec<u8> {
        let plain = serde_json::to_vec(content).unwrap_or_default();
        self.inner.key.seal(&context(id), &plain)
    }

    fn opened(&self, mail: &ClaimedMail) -> Option<Content> {
        let plain = self.inner.key.open(&context(mail.id), mail.letter.as_ref()?).ok()?;
        serde_json::from_slice(&plain).ok()
    }

    /// Tells somebody that their password was changed, where there is mail.
    pub(crate) fn password_changed(&self, root: &mut Root<'_>, email: &str) -> Result<()> {
        if self.mailer().is_none() {
            return Ok(());
        }
        let text = format!(
            "The password for {email} was changed, and everybody who was signed in with the old one is signed out.\n\n\
             If this was you, there is nothing to do. If it was not, choose a new one at once:\n{}\n",
            self.link("/forgot"),
        );
        let subject = "Your password was changed".to_owned();
        let content = Content::Letter(Text { to: email.to_owned(), name: None, subject, text });
        let now = self.now();
        Ok(root.add_mail(self.new_mail(PASSWORD_CHANGED, None, &content, now + TRIED_FOR), now)?)
    }

    /// How mail is: the server's, and the letters of this workspace. What became of others is nobody's business here.
    pub async fn mail(&self, who: &Who) -> Result<AsOf<MailView>> {
        who.must(Permission::ManageWorkspace)?;
        let after = self.now() - FAILED_FOR;
        let (server, from) = self.mailer().map(|m| (m.server(), m.from())).unzip();
        let links = self.link("");
        self.inner
            .db
            .read(who.workspace, move |scope| {
                let (waiting, reason) = scope.mails_waiting()?;
                let failed = scope.mails_failed(after)?;
                Ok(AsOf { seq: scope.seq()?, value: MailView { server, from, links, waiting, reason, failed } })
            })
            .await
    }

    /// Sends a letter to whoever asks, and waits for what the mail server says. Answers to which address.
    pub async fn test_mail(&self, who: &Who) -> Result<String> {
        who.must(Permission::ManageWorkspace)?;
        let mailer = self.mailer().ok_or_else(not_set_up)?;
        let user = who.user;
        let row = self.inner.db.read(who.workspace, move |scope| Ok::<_, DeskError>(scope.user(user)?)).await?;
        let row = row.ok_or(DeskError::NotSignedIn)?;
        self.test_letter(mailer, &row.email, Some(row.name)).await?;
        Ok(row.email)
    }

    /// Sends a letter to an address, from the command line.
    pub async fn test_mail_to(&self, address: &str) -> Result<()> {
        let mailer = self.mailer().ok_or_else(not_set_up)?;
        let address =
            crate::account::email(address).ok_or_else(|| DeskError::Invalid(vec![crate::account::bad_email()]))?;
        self.test_letter(mailer, &address, None).await
    }

    async fn test_letter(&self, mailer: &Arc<dyn Mailer>, to: &str, name: Option<String>) -> Result<()> {
        let at = self.now();
        let text = format!("This letter shows that mail of the inbox at {} arrives.\n", self.link(""));
        let subject = "Mail works".to_owned();
        let letter = Letter { id: MailId::new(at, &entropy()), at, to: to.to_owned(), name, subject, text };
        mailer.send(&letter).await.map_err(|trouble| DeskError::refused("mail_failed", sentence(trouble.reason())))
    }

    /// Claims the letters that are due, as many as there are hands for.
    async fn claim_mails(&self, hands: usize) -> Result<Vec<ClaimedMail>> {
        let now = self.now();
        // looking is a read: claiming would write every second
        let due = self.inner.db.read_root(|root| Ok::<_, DeskError>(root.mail_due()?)).await?;
        if hands == 0 || due.is_none_or(|due| due > now) {
            return Ok(Vec::new());
        }
        let hands = i64::try_from(hands).unwrap_or(1);
        self.inner.db.machinery(now, move |root| Ok::<_, DeskError>(root.claim_mails(now, now + LEASE, hands)?)).await
    }

    async fn post(&self, mail: ClaimedMail) {
        let id = mail.id;
        if let Err(error) = self.try_post(mail).await {
            tracing::error!(%error, mail = %id, "what became of a letter could not be written; its lease ends, and it is tried again");
        }
    }

    async fn try_post(&self, mail: ClaimedMail) -> Result<()> {
        let Some(mailer) = self.mailer() else { return Ok(()) };
        if mail.until <= self.now() {
            let last = "it was tried until it was of no use any more";
            return self.settle(mail, Err(MailTrouble::Lasting(last.to_owned()))).await;
        }
        let text = match self.opened(&mail) {
            Some(Content::Letter(text)) => text,
            Some(Content::Reset { email }) => match self.reset_letter(&mail, email).await? {
                Some(text) => text,
                None => return Ok(()),
            },
            Some(Content::Digest(to)) => {
                let Some(composed) = self.compose_digest(&mail, to).await? else { return Ok(()) };
                return self.post_digest(mailer, mail, composed).await;
            }
            None => return self.settle(mail, Err(MailTrouble::Lasting("another key sealed it".to_owned()))).await,
        };
        let taken = mailer.send(&letter(&mail, text)).await;
        self.settle(mail, taken).await
    }

    /// Sends a digest; what a mail server has taken is in no other.
    async fn post_digest(&self, mailer: &Arc<dyn Mailer>, mail: ClaimedMail, composed: Composed) -> Result<()> {
        let Composed { text, workspace, user, seqs } = composed;
        let taken = mailer.send(&letter(&mail, text)).await;
        if taken.is_ok() {
            let told = self.inner.db.write(workspace, self.now(), move |tx| tx.mailed(user, &seqs)).await;
            told.map_err(|e: partyline_store::StoreError| DeskError::from(e))?;
        }
        self.settle(mail, taken).await
    }

    /// Puts what was found out in the place of what was asked for: it is what is sent, however often it is tried. `false`: the lease was lost.
    pub(crate) fn replace(&self, root: &mut Root<'_>, mail: &ClaimedMail, text: &Text) -> Result<bool> {
        Ok(root.rewrite_mail(mail, &self.sealed(mail.id, &Content::Letter(text.clone())))?)
    }

    async fn settle(&self, mail: ClaimedMail, taken: Result<(), MailTrouble>) -> Result<()> {
        let now = self.now();
        let kind = partyline_meters::word(&mail.kind);
        let (outcome, id) = (what_follows(&mail, taken, now), mail.id);
        match &outcome {
            // the reason may hold an address
            Outcome::Sent => tracing::info!(mail = %id, kind, attempts = mail.attempts, "a letter was handed over"),
            Outcome::Again(..) => {
                tracing::warn!(mail = %id, kind, attempts = mail.attempts, "a letter waits for the mail server");
            }
            Outcome::Failed(_) => tracing::error!(mail = %id, kind, attempts = mail.attempts, "a letter was given up"),
        }
        figures::MAILS.add([kind, outcome.word()]);
        self.inner
            .db
            .machinery(now, move |root| {
                match outcome {
                    Outcome::Sent => root.mail_sent(&mail, now),
                    Outcome::Again(due, reason) => root.mail_again(&mail, due, &reason),
                    Outcome::Failed(reason) => root.mail_failed(&mail, now, &reason),
                }
                .map_err(DeskError::from)
            })
            .await
            .map(drop)
    }
}

fn letter(mail: &ClaimedMail, text: Text) -> Letter {
    let Text { to, name, subject, text } = text;
    Letter { id: mail.id, at: mail.created_at, to, name, subject, text }
}

/// What a letter is sealed for.
fn context(id: MailId) -> [u8; 16] {
    *id.uuid().as_bytes()
}

/// A reason that stands by itself.
fn sentence(reason: &str) -> String {
    let mut letters = reason.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

/// What becomes of a letter.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Sent,
    Again(Millis, String),
    Failed(String),
}

impl Outcome {
    const fn word(&self) -> &'static str {
        match self {
            Outcome::Sent => "sent",
            Outcome::Again(..) => "again",
            Outcome::Failed(_) => "failed",
        }
    }
}

fn what_follows(mail: &ClaimedMail, taken: Result<(), MailTrouble>, now: Millis) -> Outcome {
    let kept = |reason: String| reason.chars().take(REASON_MAX).collect();
    match taken {
        Ok(()) => Outcome::Sent,
        Err(MailTrouble::Lasting(reason)) => Outcome::Failed(kept(reason)),
        Err(MailTrouble::Passing(reason)) => {
            let tries = usize::try_from(mail.attempts - 1).unwrap_or(0);
            let due = now + WAITS[tries.min(WAITS.len() - 1)];
            if due < mail.until { Outcome::Again(due, kept(reason)) } else { Outcome::Failed(kept(reason)) }
        }
    }
}

/// The newest letter of a kind about each thing, of those written after a time.
pub(crate) fn newest(scope: &mut Scope<'_>, kind: &str, after: Millis, limit: i64) -> Result<HashMap<Uuid, MailRow>> {
    // the later ones replace the earlier
    Ok(scope.mails(kind, after, limit)?.into_iter().filter_map(|row| Some((row.about?, row))).collect())
}

/// Sends what is due until `stop`, then finishes what is in hand.
pub(crate) async fn run(desk: Desk, stop: CancellationToken) {
    if desk.mailer().is_none() {
        stop.cancelled().await;
        return;
    }
    let mut posting = JoinSet::new();
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = looks.tick() => {}
            Some(_) = posting.join_next() => {}
        }
        match desk.claim_mails(AT_ONCE.saturating_sub(posting.len())).await {
            Ok(mails) => {
                for mail in mails {
                    let desk = desk.clone();
                    posting.spawn(async move { desk.post(mail).await });
                }
            }
            Err(error) => tracing::warn!(%error, "letters can't be claimed; trying again"),
        }
    }
    while posting.join_next().await.is_some() {}
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_764_000_000_000);

    fn mail(attempts: i64, until: Millis) -> ClaimedMail {
        let id = MailId::new(NOW, &[7; 10]);
        ClaimedMail { id, kind: INVITATION.into(), letter: None, until, attempts, fence: 1, created_at: NOW }
    }

    #[test]
    fn what_passes_is_tried_again_ever_more_rarely_until_it_is_of_no_use() {
        let away = || Err(MailTrouble::Passing("it is away".into()));
        let waits: Vec<i64> = (1..=8)
            .map(|n| match what_follows(&mail(n, NOW + DAY), away(), NOW) {
                Outcome::Again(due, _) => due.since(NOW) / SECOND,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(waits, [10, 60, 300, 900, 1_800, 3_600, 3_600, 3_600]);
        assert_eq!(what_follows(&mail(6, NOW + HOUR), away(), NOW), Outcome::Failed("it is away".into()));
        assert_eq!(what_follows(&mail(1, NOW + DAY), Ok(()), NOW), Outcome::Sent);
        let refused = Err(MailTrouble::Lasting("no such user".into()));
        assert_eq!(what_follows(&mail(1, NOW + DAY), refused, NOW), Outcome::Failed("no such user".into()));
    }

    #[test]
    fn a_reason_becomes_a_sentence() {
        assert_eq!(sentence("mail.example.com refused it: 550 no."), "Mail.example.com refused it: 550 no.");
    }
}
