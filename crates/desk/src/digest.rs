//! The digest: what waited for somebody while they were away, in one letter, at most once an hour.
//!
//! What it says is looked up by whoever sends it, at every try anew: what was seen meanwhile is never in it, and when nothing is left, or
//! they are back, no letter goes out.

use std::fmt::Write as _;

use partyline_core::id::{UserId, WorkspaceId};
use partyline_core::notification::Kind;
use partyline_core::time::{DAY, HOUR, MINUTE, Millis};
use partyline_store::mails::ClaimedMail;
use partyline_store::notifications::{Away, NotificationRow};
use partyline_store::{Scope, Workspace, people::Viewer};
use serde::{Deserialize, Serialize};

use crate::Desk;
use crate::error::{DeskError, Result};
use crate::mail::{Content, DIGEST, Text};
use crate::notify::NotificationView;
use crate::settings::{self, WorkspaceSettings};

/// Who has not been here for this long is away. Sessions note every ten minutes that they are used.
pub const AWAY_AFTER: i64 = 20 * MINUTE;
/// Letters to one person are at least this far apart.
pub const LETTER_EVERY: i64 = HOUR;
/// What is older is in no letter: whoever has mail now does not want the whole month.
const TOLD_FOR: i64 = DAY;
/// How long a letter is tried: later the next one says more.
const TRIED_FOR: i64 = 6 * HOUR;
/// How often it is looked for who is away, in milliseconds.
pub const DIGEST_EVERY: i64 = MINUTE;
/// People that are written to in one unit of work.
const PEOPLE_AT_ONCE: i64 = 100;
/// Notifications that one letter counts.
const COUNTED: i64 = 200;
/// Lines of one letter; the rest is a number.
const LINES: usize = 20;

/// To whom, and in which workspace.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Digest {
    pub(crate) workspace: WorkspaceId,
    pub(crate) user: UserId,
}

/// A letter, and what it told.
pub(crate) struct Composed {
    pub(crate) text: Text,
    pub(crate) workspace: Workspace,
    pub(crate) user: UserId,
    pub(crate) seqs: Vec<i64>,
}

impl Desk {
    /// Writes to everybody who is away and for whom something waits that they want in a letter.
    pub async fn digest(&self) -> Result<()> {
        if self.mailer().is_none() {
            return Ok(());
        }
        self.for_each("digest", |workspace, id| self.digest_in(workspace, id)).await
    }

    async fn digest_in(&self, workspace: Workspace, id: WorkspaceId) -> Result<()> {
        let now = self.now();
        let away = Away { told_after: now - TOLD_FOR, here_after: now - AWAY_AFTER, mailed_after: now - LETTER_EVERY };
        let look = self
            .inner
            .db
            .read(workspace, move |scope| Ok::<_, DeskError>(scope.away_and_told(away, DIGEST, 1)?))
            .await?;
        if look.is_empty() {
            return Ok(());
        }
        let desk = self.clone();
        self.inner
            .db
            .write(workspace, now, move |tx| {
                for user in tx.away_and_told(away, DIGEST, PEOPLE_AT_ONCE)? {
                    let content = Content::Digest(Digest { workspace: id, user });
                    tx.add_mail(desk.new_mail(DIGEST, Some(user.uuid()), &content, now + TRIED_FOR))?;
                }
                Ok::<_, DeskError>(())
            })
            .await
    }

    /// What the letter says now. `None`: there is nothing to say any more, and the letter is forgotten.
    pub(crate) async fn compose_digest(&self, mail: &ClaimedMail, to: Digest) -> Result<Option<Composed>> {
        let now = self.now();
        let workspaces = self.inner.db.read_root(|root| Ok::<_, DeskError>(root.workspaces()?)).await?;
        let found = workspaces.into_iter().find(|(_, id, _)| *id == to.workspace);
        let composed = match found {
            None => None,
            Some((workspace, ..)) => {
                let desk = self.clone();
                let read = self.inner.db.read(workspace, move |scope| compose(scope, &desk, to.user, now)).await?;
                read.map(|(text, seqs)| Composed { text, workspace, user: to.user, seqs })
            }
        };
        if composed.is_none() {
            let held = mail.clone();
            self.inner.db.machinery(now, move |root| Ok::<_, DeskError>(root.forget_mail(&held)?)).await?;
        }
        Ok(composed)
    }
}

/// The first of somebody's names; of who has none, nothing that would tell who they are.
fn first(name: Option<&str>) -> &str {
    name.and_then(|name| name.split_whitespace().next()).unwrap_or("a customer")
}

fn compose(scope: &mut Scope<'_>, desk: &Desk, user: UserId, now: Millis) -> Result<Option<(Text, Vec<i64>)>> {
    let Some(person) = scope.user(user)?.filter(|u| u.deactivated_at.is_none()) else { return Ok(None) };
    let is_here = scope.was_here(user, now - AWAY_AFTER)?;
    if is_here || person.away_until.is_some_and(|until| until > now) {
        return Ok(None);
    }
    let viewer = Viewer { user, role: person.role };
    let rows = scope.unmailed(viewer, now - TOLD_FOR, COUNTED)?;
    if rows.is_empty() {
        return Ok(None);
    }
    let seqs = rows.iter().map(|row| row.seq).collect();
    let workspace = scope.workspace_row()?;
    let with_texts = settings::parse::<WorkspaceSettings>(&workspace.settings).texts_outside;
    let count = rows.len();
    let mut text = format!("{}, this came while you were away:\n\n", first(Some(&person.name)));
    let lines = lines(rows, with_texts)?;
    for line in lines.iter().take(LINES) {
        let _ = writeln!(text, "- {line}");
    }
    if lines.len() > LINES {
        let _ = writeln!(text, "- and more");
    }
    let _ = write!(
        text,
        "\nAnswer here:\n{}\n\nYou get such a letter at most once an hour, while you are away. Choose what it tells you of:\n{}\n",
        desk.link("/notifications"),
        desk.link("/settings/notifications"),
    );
    let subject = match count {
        1 => format!("Something waits for you in {}", workspace.name),
        _ => format!("{count} things wait for you in {}", workspace.name),
    };
    Ok(Some((Text { to: person.email, name: Some(person.name), subject, text }, seqs)))
}

/// A line for each thing; what one customer wrote several times in one.
fn lines(rows: Vec<NotificationRow>, with_texts: bool) -> Result<Vec<String>> {
    let mut lines: Vec<(Option<partyline_core::id::ConversationId>, usize, String, Option<String>)> = Vec::new();
    for row in rows {
        let view = NotificationView::of(row)?;
        let row = &view.row;
        let (by, customer) = (row.actor_name.as_deref(), first(row.contact_name.as_deref()));
        let text = view.text.clone().filter(|_| with_texts);
        if row.kind == Kind::Reply {
            let known = lines.iter_mut().find(|(of, ..)| *of == Some(row.conversation));
            match known {
                Some((_, count, _, last)) => {
                    *count += 1;
                    *last = text.or(last.take());
                }
                None => lines.push((Some(row.conversation), 1, capital(customer), text)),
            }
            continue;
        }
        let by = by.map_or("Somebody", |by| first(Some(by)));
        let line = match (row.kind, row.event.as_str()) {
            (Kind::Mention, _) => format!("{by} mentioned you in the conversation with {customer}"),
            (Kind::Assigned, _) => format!("{by} put you on the conversation with {customer}"),
            (Kind::Failed, "message.unknown") => format!("Nobody knows whether your message to {customer} arrived"),
            (Kind::Failed, _) => format!("Your message to {customer} did not arrive"),
            (Kind::Task, "task.due") => format!("Your task in the conversation with {customer} is due"),
            (Kind::Task, _) => format!("{by} gave you a task in the conversation with {customer}"),
            (Kind::DraftReview | Kind::Reply, _) => format!("{by} asks you to review a draft to {customer}"),
        };
        lines.push((None, 1, line, text));
    }
    let said = |(of, count, line, text): (Option<_>, usize, String, Option<String>)| {
        let line = match (of, count) {
            (None, _) => line,
            (Some(_), 1) => format!("{line} wrote"),
            (Some(_), 2) => format!("{line} wrote twice"),
            (Some(_), n) => format!("{line} wrote {n} times"),
        };
        text.map_or_else(|| format!("{line}."), |text| format!("{line}: {text}"))
    };
    Ok(lines.into_iter().map(said).collect())
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
