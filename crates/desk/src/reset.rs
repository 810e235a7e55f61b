//! A forgotten password: a link to the address of the account, which lets whoever reads its mail choose another.
//!
//! Asking tells nothing: for every address the same is written and answered, and whoever sends the letter finds out whether there is one.

use partyline_core::event::{Actor, EventType};
use partyline_core::time::{HOUR, MINUTE, Millis};
use partyline_store::mails::{ClaimedMail, ResetRow};
use partyline_store::scope::random;
use partyline_store::{NewEvent, Root, StoreError};

use crate::Desk;
use crate::account::{bad_email, email, hash_of, password_problem};
use crate::error::{DeskError, Result};
use crate::live::Signal;
use crate::mail::{Content, RESET, Text, not_set_up};

/// A link works for this long.
pub const RESET_FOR: i64 = HOUR;
/// Links that an account is given within [`RESET_FOR`]: more would only fill a mailbox.
pub const RESETS_AT_ONCE: i64 = 3;
/// How long it is tried to find out whom a letter would go to: the link's own hour begins then.
const ASKED_FOR: i64 = 30 * MINUTE;
/// Addresses that wait to be looked up, of all who ask.
const ASKING_MAX: usize = 1_000;

/// What somebody sees who opens a link.
#[derive(Debug, Clone)]
pub struct ResetView {
    /// Whose password it replaces.
    pub email: String,
}

fn unknown() -> DeskError {
    DeskError::refused("reset_unknown", "This link leads nowhere. Was it copied whole? If so, ask for a new one.")
}

fn is_open(row: &ResetRow, now: Millis) -> Result<()> {
    if row.used_at.is_some() {
        let detail = "This link was used, or another one that was sent later. Sign in, or ask for a new one.";
        return Err(DeskError::refused("reset_used", detail));
    }
    if row.expires_at <= now {
        return Err(DeskError::refused("reset_expired", "This link is more than an hour old. Ask for a new one."));
    }
    Ok(())
}

fn inactive() -> DeskError {
    let detail = "This account is in no workspace any more. Ask an admin to invite you again.";
    DeskError::refused("reset_inactive", detail)
}

impl Desk {
    /// Asks for a letter with a link. It answers the same for every address, and takes the same time.
    pub async fn ask_for_reset(&self, address: &str) -> Result<()> {
        if self.mailer().is_none() {
            return Err(not_set_up());
        }
        let email = email(address).ok_or_else(|| DeskError::Invalid(vec![bad_email()]))?;
        let now = self.now();
        let mail = self.new_mail(RESET, None, &Content::Reset { email }, now + ASKED_FOR);
        self.inner
            .db
            .machinery(now, move |root| {
                if usize::try_from(root.mails_of_kind(RESET)?).unwrap_or(0) >= ASKING_MAX {
                    return Err(StoreError::Busy(ASKING_MAX).into());
                }
                Ok::<_, DeskError>(root.add_mail(mail, now)?)
            })
            .await
    }

    /// Finds out whether somebody has this address, and writes the letter that they get. `None`: there is nobody to write to, or they have
    /// had enough letters.
    pub(crate) async fn reset_letter(&self, mail: &ClaimedMail, address: String) -> Result<Option<Text>> {
        let now = self.now();
        let (desk, held, token) = (self.clone(), mail.clone(), hex::encode(random::<32>()));
        self.inner
            .db
            .machinery(now, move |root| {
                let account = root.account(&address)?;
                let Some(account) = account else {
                    root.forget_mail(&held)?;
                    return Ok(None);
                };
                if root.resets_since(account.id, now - RESET_FOR)? >= RESETS_AT_ONCE {
                    root.forget_mail(&held)?;
                    return Ok(None);
                }
                // counted for who is in no workspace too, whose letter has no link
                root.add_reset(&hash_of(&token), account.id, now, now + RESET_FOR)?;
                let is_gone = root.memberships(account.id)?.is_empty();
                let text = if is_gone { desk.nothing_to_sign_in_to(address) } else { desk.with_link(address, &token) };
                // what another server writes instead of us has a link of its own
                if desk.replace(root, &held, &text)? {
                    Ok(Some(text))
                } else {
                    Err(DeskError::from(StoreError::GaveUp))
                }
            })
            .await
    }

    fn with_link(&self, to: String, token: &str) -> Text {
        let text = format!(
            "Somebody, most likely you, asked for a new password for {to}.\n\n\
             Choose it here:\n{}\n\n\
             The link works once, within an hour. If it was not you, do nothing: your password stays as it is.\n",
            self.link(&format!("/reset/{token}")),
        );
        Text { to, name: None, subject: "Choose a new password".to_owned(), text }
    }

    fn nothing_to_sign_in_to(&self, to: String) -> Text {
        let text = format!(
            "Somebody, most likely you, asked for a new password for {to} at {}.\n\n\
             This account is in no workspace any more, so a new password would lead nowhere. Ask an admin to invite you again.\n",
            self.link(""),
        );
        Text { to, name: None, subject: "You can't sign in any more".to_owned(), text }
    }

    /// A link for an account, for who runs the server: where there is no mail.
    pub async fn reset_link(&self, address: &str) -> Result<String> {
        let address = email(address).ok_or_else(|| DeskError::Invalid(vec![bad_email()]))?;
        let (now, token) = (self.now(), hex::encode(random::<32>()));
        let hash = hash_of(&token);
        self.inner
            .db
            .machinery(now, move |root| {
                let account = root.account(&address)?.ok_or(DeskError::NotFound("The account"))?;
                if root.memberships(account.id)?.is_empty() {
                    return Err(inactive());
                }
                Ok(root.add_reset(&hash, account.id, now, now + RESET_FOR)?)
            })
            .await?;
        Ok(self.link(&format!("/reset/{token}")))
    }

    /// What a link leads to.
    pub async fn look_at_reset(&self, token: &str) -> Result<ResetView> {
        let (hash, now) = (hash_of(token), self.now());
        self.inner.db.read_root(move |root| Ok(ResetView { email: open(root, &hash, now)?.email })).await
    }

    /// Replaces a password by a link. All links of the account end, and all its sessions, in every workspace.
    pub async fn reset_password(&self, token: &str, password: String) -> Result<()> {
        self.look_at_reset(token).await?;
        if let Some(problem) = password_problem("password", &password) {
            return Err(DeskError::Invalid(vec![problem]));
        }
        let password_hash = self.hash_password(password).await?;
        let (desk, hash, now) = (self.clone(), hash_of(token), self.now());
        let everywhere = self
            .inner
            .db
            .machinery(now, move |root| {
                let row = open(root, &hash, now)?;
                root.use_resets(row.account, now)?;
                root.set_password(row.account, &password_hash)?;
                root.end_sessions_of_account(row.account)?;
                let everywhere = root.memberships(row.account)?;
                for place in &everywhere {
                    root.within(place.workspace, |tx| {
                        let user = place.user;
                        tx.append(NewEvent::new(Actor::User(user), EventType::UserPasswordReset).subject(user.uuid()))
                    })
                    .map_err(|e: StoreError| DeskError::from(e))?;
                }
                desk.password_changed(root, &row.email)?;
                Ok::<_, DeskError>(everywhere)
            })
            .await?;
        for place in everywhere {
            self.tell(place.workspace, Signal::Sessions(place.user));
        }
        Ok(())
    }
}

/// A link that can be used now.
fn open(root: &mut Root<'_>, hash: &[u8], now: Millis) -> Result<ResetRow> {
    let row = root.reset(hash)?.ok_or_else(unknown)?;
    is_open(&row, now)?;
    if root.memberships(row.account)?.is_empty() {
        return Err(inactive());
    }
    Ok(row)
}
