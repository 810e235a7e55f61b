//! Letters to the people of this installation, and the links that replace a forgotten password. Neither belongs to a workspace: an
//! account may be in several.
//!
//! A claim is a lease that ends by itself: the letter is due again then. Who lost its lease finds another fence, and can't settle it.

use partyline_core::id::{AccountId, MailId, Uuid};
use partyline_core::time::{DAY, Millis};

use crate::error::Result;
use crate::scope::{Root, Scope, Tx};
use crate::sql::{Sql, queries};
use crate::value::{Value, row, values};

/// How long what became of a letter is kept.
pub const MAILS_KEPT: i64 = 30 * DAY;
/// How long it is known that a link was used, or is too old.
pub const RESETS_KEPT: i64 = 7 * DAY;

queries! {
    ADD = "INSERT INTO mails (workspace, id, kind, about, letter, state, due_at, until, created_at) VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $7, $6)";
    DUE = "SELECT min(due_at) FROM mails WHERE state = 'waiting'";
    TAKE_BACK = "UPDATE mails SET due_at = $1, fence = fence + 1 WHERE state = 'waiting' AND attempts > 0 AND due_at > $1 AND due_at <= $2";
    REWRITE = "UPDATE mails SET letter = $3 WHERE id = $1 AND fence = $2 AND state = 'waiting'";
    AGAIN = "UPDATE mails SET due_at = $3, reason = $4 WHERE id = $1 AND fence = $2 AND state = 'waiting'";
    END = "UPDATE mails SET state = $3, reason = $4, ended_at = $5, letter = NULL WHERE id = $1 AND fence = $2 AND state = 'waiting'";
    FORGET = "DELETE FROM mails WHERE id = $1 AND fence = $2 AND state = 'waiting'";
    TOO_LATE = "UPDATE mails SET state = 'failed', reason = $2, ended_at = $1, letter = NULL WHERE state = 'waiting' AND until <= $1 AND due_at <= $1";
    EXPIRE = "DELETE FROM mails WHERE state <> 'waiting' AND created_at <= $1";
    WITHDRAW = "UPDATE mails SET state = 'failed', reason = $4, ended_at = $5, letter = NULL WHERE workspace = $1 AND kind = $2 AND about = $3 AND state = 'waiting'";
    ABOUT = "SELECT about, state, attempts, reason, created_at, ended_at FROM mails WHERE workspace = $1 AND kind = $2 AND created_at > $3 ORDER BY created_at, id LIMIT $4";
    WRITTEN = "SELECT count(*) FROM mails WHERE workspace = $1 AND kind = $2 AND created_at > $3";
    WAITING = "SELECT count(*) FROM mails WHERE state = 'waiting'";
    OF_KIND = "SELECT count(*) FROM mails WHERE state = 'waiting' AND kind = $1";
    TROUBLE = "SELECT reason FROM mails WHERE state = 'waiting' AND reason IS NOT NULL ORDER BY due_at LIMIT 1";
    WAITING_HERE = "SELECT count(*) FROM mails WHERE workspace = $1 AND state = 'waiting'";
    TROUBLE_HERE = "SELECT reason FROM mails WHERE workspace = $1 AND state = 'waiting' AND reason IS NOT NULL ORDER BY due_at LIMIT 1";
    FAILED_HERE = "SELECT count(*) FROM mails WHERE workspace = $1 AND state = 'failed' AND ended_at > $2";
    FAILED = "SELECT count(*) FROM mails WHERE state = 'failed' AND ended_at > $1";
    ADD_RESET = "INSERT INTO password_resets (token_hash, account_id, created_at, expires_at) VALUES ($1, $2, $3, $4)";
    RESET = "SELECT r.account_id, a.email, r.expires_at, r.used_at FROM password_resets r JOIN accounts a ON a.id = r.account_id WHERE r.token_hash = $1";
    RESETS_SINCE = "SELECT count(*) FROM password_resets WHERE account_id = $1 AND created_at > $2";
    USE_RESETS = "UPDATE password_resets SET used_at = $2 WHERE account_id = $1 AND used_at IS NULL";
    EXPIRE_RESETS = "DELETE FROM password_resets WHERE created_at <= $1";
    EMAIL_OF = "SELECT email FROM accounts WHERE id = $1";
}

const CLAIM: Sql = Sql::differs(
    "mails::CLAIM",
    "UPDATE mails SET due_at = $2, fence = fence + 1, attempts = attempts + 1 WHERE id IN (SELECT id FROM mails WHERE state = 'waiting' AND due_at <= $1 ORDER BY due_at, id LIMIT $3) RETURNING id, kind, letter, until, attempts, fence, created_at",
    "UPDATE mails SET due_at = $2, fence = fence + 1, attempts = attempts + 1 WHERE id IN (SELECT id FROM mails WHERE state = 'waiting' AND due_at <= $1 ORDER BY due_at, id LIMIT $3 FOR UPDATE SKIP LOCKED) RETURNING id, kind, letter, until, attempts, fence, created_at",
);
pub(crate) const DIFFERING: &[Sql] = &[CLAIM];

/// A letter to be sent.
#[derive(Debug, Clone)]
pub struct NewMail {
    /// Its id, from which its Message-ID is made.
    pub id: MailId,
    /// What it is for: a stable word.
    pub kind: &'static str,
    /// What it is about, where that is of one workspace.
    pub about: Option<Uuid>,
    /// Sealed for this id.
    pub letter: Vec<u8>,
    /// It is of no use later than that.
    pub until: Millis,
}

row! {
    /// A letter that this server holds.
    pub struct ClaimedMail {
        /// Its id.
        pub id: MailId,
        /// What it is for.
        pub kind: String,
        /// Sealed for its id.
        pub letter: Option<Vec<u8>>,
        /// It is of no use later than that.
        pub until: Millis,
        /// How often it was claimed, this time included.
        pub attempts: i64,
        /// What proves that the lease is still ours.
        pub fence: i64,
        /// When it was written.
        pub created_at: Millis,
    }
}

row! {
    /// What became of a letter.
    pub struct MailRow {
        /// What it is about.
        pub about: Option<Uuid>,
        /// `waiting`, `sent`, `failed`.
        pub state: String,
        /// How often it was tried.
        pub attempts: i64,
        /// Why it waits or was given up, for people.
        pub reason: Option<String>,
        /// When it was written.
        pub created_at: Millis,
        /// When the mail server took it, or it was given up.
        pub ended_at: Option<Millis>,
    }
}

row! {
    /// A link that replaces a forgotten password.
    pub struct ResetRow {
        /// Whose.
        pub account: AccountId,
        /// What they sign in with.
        pub email: String,
        /// When it stops working.
        pub expires_at: Millis,
        /// When it was used, or another of the account.
        pub used_at: Option<Millis>,
    }
}

fn new_values(mail: NewMail, now: Millis) -> [Value; 6] {
    let NewMail { id, kind, about, letter, until } = mail;
    [id.into(), kind.into(), about.into(), letter.into(), now.into(), until.into()]
}

impl Tx<'_> {
    /// Adds a letter of this workspace.
    pub fn add_mail(&mut self, mail: NewMail) -> Result<()> {
        let now = self.now();
        self.run(ADD, &new_values(mail, now)).map(drop)
    }
}

impl Tx<'_> {
    /// Gives up what waits of a kind about something.
    pub fn withdraw_mail(&mut self, kind: &str, about: Uuid, reason: &str) -> Result<()> {
        let now = self.now();
        self.run(WITHDRAW, values![kind, about, reason, now]).map(drop)
    }
}

impl Scope<'_> {
    /// What became of the letters of a kind that were written after a time, the oldest first.
    pub fn mails(&mut self, kind: &str, after: Millis, limit: i64) -> Result<Vec<MailRow>> {
        self.rows(ABOUT, values![kind, after, limit])
    }

    /// Letters of this workspace that wait, and why the first of them that was tried does.
    pub fn mails_waiting(&mut self) -> Result<(i64, Option<String>)> {
        let waiting = self.row::<(i64,)>(WAITING_HERE, &[])?.map_or(0, |(n,)| n);
        Ok((waiting, self.row::<(Option<String>,)>(TROUBLE_HERE, &[])?.and_then(|(reason,)| reason)))
    }

    /// Letters of this workspace that were given up after a time.
    pub fn mails_failed(&mut self, after: Millis) -> Result<i64> {
        Ok(self.row::<(i64,)>(FAILED_HERE, values![after])?.map_or(0, |(n,)| n))
    }

    /// How many letters of a kind were written after a time.
    pub fn mails_written(&mut self, kind: &str, after: Millis) -> Result<i64> {
        Ok(self.row::<(i64,)>(WRITTEN, values![kind, after])?.map_or(0, |(n,)| n))
    }
}

impl Root<'_> {
    /// Adds a letter that is of no workspace.
    pub fn add_mail(&mut self, mail: NewMail, now: Millis) -> Result<()> {
        let mut all = vec![Value::from(None::<i64>)];
        all.extend(new_values(mail, now));
        self.connection.run(ADD, &all).map(drop)
    }

    /// Claims up to `limit` letters that are due, until `lease_until`.
    pub fn claim_mails(&mut self, now: Millis, lease_until: Millis, limit: i64) -> Result<Vec<ClaimedMail>> {
        self.connection.rows(CLAIM, values![now, lease_until, limit])
    }

    /// Has the letters tried again that a process which is gone may have held: those whose lease could last until `lease_until`. Only where
    /// nobody else can be at work; one that only waited for its next try comes a little early.
    pub fn take_back_mails(&mut self, now: Millis, lease_until: Millis) -> Result<()> {
        self.connection.run(TAKE_BACK, values![now, lease_until]).map(drop)
    }

    /// When the next letter is due, or a lease ends.
    pub fn mail_due(&mut self) -> Result<Option<Millis>> {
        Ok(self.connection.row::<(Option<Millis>,)>(DUE, &[])?.and_then(|(at,)| at))
    }

    /// Writes what was learnt into a letter that we hold. `false`: the lease was lost.
    pub fn rewrite_mail(&mut self, mail: &ClaimedMail, letter: &[u8]) -> Result<bool> {
        Ok(self.connection.run(REWRITE, values![mail.id, mail.fence, letter])? > 0)
    }

    /// It is to be tried again.
    pub fn mail_again(&mut self, mail: &ClaimedMail, due: Millis, reason: &str) -> Result<bool> {
        Ok(self.connection.run(AGAIN, values![mail.id, mail.fence, due, reason])? > 0)
    }

    /// The mail server took it.
    pub fn mail_sent(&mut self, mail: &ClaimedMail, now: Millis) -> Result<bool> {
        Ok(self.connection.run(END, values![mail.id, mail.fence, "sent", None::<String>, now])? > 0)
    }

    /// It is given up.
    pub fn mail_failed(&mut self, mail: &ClaimedMail, now: Millis, reason: &str) -> Result<bool> {
        Ok(self.connection.run(END, values![mail.id, mail.fence, "failed", reason, now])? > 0)
    }

    /// There is nothing to send after all.
    pub fn forget_mail(&mut self, mail: &ClaimedMail) -> Result<bool> {
        Ok(self.connection.run(FORGET, values![mail.id, mail.fence])? > 0)
    }

    /// Letters that wait, and why the first of them that was tried does.
    pub fn mails_waiting(&mut self) -> Result<(i64, Option<String>)> {
        let waiting = self.connection.row::<(i64,)>(WAITING, &[])?.map_or(0, |(n,)| n);
        let reason = self.connection.row::<(Option<String>,)>(TROUBLE, &[])?.and_then(|(reason,)| reason);
        Ok((waiting, reason))
    }

    /// Letters of a kind that wait.
    pub fn mails_of_kind(&mut self, kind: &str) -> Result<i64> {
        Ok(self.connection.row::<(i64,)>(OF_KIND, values![kind])?.map_or(0, |(n,)| n))
    }

    /// Letters that were given up after a time.
    pub fn mails_failed(&mut self, after: Millis) -> Result<i64> {
        Ok(self.connection.row::<(i64,)>(FAILED, values![after])?.map_or(0, |(n,)| n))
    }

    /// Gives up what is of no use any more, and forgets what ended long ago.
    pub fn expire_mails(&mut self, now: Millis, reason: &str) -> Result<()> {
        self.connection.run(TOO_LATE, values![now, reason])?;
        self.connection.run(EXPIRE, values![now - MAILS_KEPT])?;
        self.connection.run(EXPIRE_RESETS, values![now - RESETS_KEPT]).map(drop)
    }

    /// Adds a link for an account. Of what it holds only the hash is kept.
    pub fn add_reset(&mut self, token_hash: &[u8], account: AccountId, now: Millis, expires: Millis) -> Result<()> {
        self.connection.run(ADD_RESET, values![token_hash, account, now, expires]).map(drop)
    }

    /// The link with this token hash.
    pub fn reset(&mut self, token_hash: &[u8]) -> Result<Option<ResetRow>> {
        self.connection.row(RESET, values![token_hash])
    }

    /// How many links an account was given after a time.
    pub fn resets_since(&mut self, account: AccountId, after: Millis) -> Result<i64> {
        Ok(self.connection.row::<(i64,)>(RESETS_SINCE, values![account, after])?.map_or(0, |(n,)| n))
    }

    /// Ends all links of an account.
    pub fn use_resets(&mut self, account: AccountId, now: Millis) -> Result<()> {
        self.connection.run(USE_RESETS, values![account, now]).map(drop)
    }

    /// What an account signs in with.
    pub fn email_of(&mut self, account: AccountId) -> Result<Option<String>> {
        Ok(self.connection.row::<(String,)>(EMAIL_OF, values![account])?.map(|(email,)| email))
    }
}
