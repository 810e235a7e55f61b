//! Drafts: what is not sent yet. One per conversation and channel; everybody who sees the conversation reads it, one person writes it, and
//! who may answer can take it over. What it says stands in its row and nowhere else: the log has its words without text, and the live bus
//! says where to look.

use std::collections::HashMap;

use partyline_core::event::EventType;
use partyline_core::id::{CannedId, ChannelId, ConversationId, DraftId, FileId, UserId, Uuid};
use partyline_core::permission::{Permission, may};
use partyline_core::time::Millis;
pub use partyline_store::drafts::{DraftCount, DraftList, DraftRow};
use partyline_store::files::AttachmentRow;
use partyline_store::scope::entropy;
use partyline_store::{NewEvent, Scope, Tx, Viewer};
use serde::{Deserialize, Serialize};

use crate::error::{DeskError, Result};
use crate::live::{DraftPlace, Signal};
use crate::note;
use crate::notify;
use crate::reply::{ReplyIn, says_nothing};
use crate::view::{AsOf, ConversationView, Page, conversation_views, see};
use crate::{Desk, Who};

/// Characters of a draft: what a note may have, and far more than any text message.
pub const DRAFT_MAX: usize = 20_000;
/// Files in a draft: what the most generous carrier takes with one message.
pub const DRAFT_FILES_MAX: usize = 10;

/// Versions that one draft has room for below those of the next: three days of writing without a pause. The numbers stay within what
/// JavaScript counts exactly until the log has eight thousand million events.
const VERSIONS: i64 = 1 << 20;

const NO_DRAFT: DeskError = DeskError::NotFound("The draft");

/// What is kept of a draft beside what it says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Meta {
    /// The canned response that it was made with.
    #[serde(skip_serializing_if = "Option::is_none")]
    canned: Option<CannedId>,
    /// Who has asked that somebody looks at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    asked_by: Option<UserId>,
}

impl Meta {
    /// What a newer program has written is not ours to read.
    fn of(row: &DraftRow) -> Meta {
        serde_json::from_str(&row.meta).unwrap_or_default()
    }

    fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned())
    }
}

/// A draft as everybody who sees its conversation sees it.
#[derive(Debug, Clone)]
pub struct DraftView {
    /// The row.
    pub row: DraftRow,
    /// Its files, in order.
    pub files: Vec<AttachmentRow>,
    /// The canned response that it was made with.
    pub canned: Option<CannedId>,
    /// Who has asked that somebody looks at it.
    pub asked_by: Option<UserId>,
}

impl DraftView {
    /// Has its holder left, or do they only read here now? Then whoever answers may write it as it is.
    #[must_use]
    pub fn is_free(&self) -> bool {
        is_free(&self.row)
    }
}

/// What is written.
#[derive(Debug, Clone, Default)]
pub struct DraftIn {
    /// What it says.
    pub text: String,
    /// Its files, in order.
    pub attachment_ids: Vec<FileId>,
    /// The canned response that it was made with.
    pub canned_response_id: Option<CannedId>,
    /// The version that this changes; none: there was no draft.
    pub version: Option<i64>,
}

/// A list of drafts.
#[derive(Debug, Clone)]
pub struct DraftsIn {
    /// Which.
    pub list: DraftList,
    /// What the page before said comes next.
    pub cursor: Option<String>,
    /// How many.
    pub limit: usize,
}

/// A draft in a list.
#[derive(Debug, Clone)]
pub struct ListedDraft {
    /// The draft.
    pub draft: DraftView,
    /// Where it is.
    pub conversation: ConversationView,
}

fn is_free(row: &DraftRow) -> bool {
    row.holder_left.is_some() || row.holder_role.is_none_or(|role| !may(role, Permission::Reply))
}

fn view(scope: &mut Scope<'_>, row: DraftRow) -> Result<DraftView> {
    let Meta { canned, asked_by } = Meta::of(&row);
    Ok(DraftView { files: scope.draft_files(row.id)?, canned, asked_by, row })
}

fn present(scope: &mut Scope<'_>, row: Option<DraftRow>) -> Result<Option<Box<DraftView>>> {
    row.map(|row| view(scope, row).map(Box::new)).transpose()
}

/// The answer to who writes a draft that another holds.
fn held(scope: &mut Scope<'_>, row: DraftRow) -> DeskError {
    let name = row.holder_name.clone().unwrap_or_default();
    let detail = format!("{name} is writing this draft. Take it over first.");
    match present(scope, Some(row)) {
        Ok(present) => DeskError::Draft { code: "draft_held", detail, present },
        Err(error) => error,
    }
}

/// The answer to who knows another version.
fn changed(scope: &mut Scope<'_>, row: Option<DraftRow>) -> DeskError {
    let detail = match row {
        Some(_) => "The draft has changed meanwhile. Read it, then write again.",
        None => "The draft was sent or discarded meanwhile.",
    };
    match present(scope, row) {
        Ok(present) => DeskError::Draft { code: "draft_changed", detail: detail.to_owned(), present },
        Err(error) => error,
    }
}

fn tell(tx: &mut Tx<'_>, who: &Who, draft: &DraftRow, kind: EventType, words: &[&str]) -> Result<i64> {
    let event = NewEvent::new(who.actor(), kind).conversation(draft.conversation).subject(draft.id.uuid());
    Ok(tx.append(event.changed(words.iter().copied()))?.seq)
}

/// The draft on this channel, which must be there.
fn draft_on(tx: &mut Tx<'_>, who: &Who, id: ConversationId, channel: ChannelId) -> Result<DraftRow> {
    see(tx, who, id)?;
    tx.draft_on(id, channel)?.ok_or(NO_DRAFT)
}

/// The channel must be one that the conversation uses, and still be connected.
fn must_be_used(tx: &mut Tx<'_>, id: ConversationId, channel: ChannelId) -> Result<()> {
    let used = tx.routes(id)?.iter().any(|(used, _)| *used == channel);
    let live = used && tx.channel(channel)?.is_some_and(|row| row.removed_at.is_none());
    if live { Ok(()) } else { Err(DeskError::NotFound("The channel")) }
}

impl Desk {
    /// The drafts of a conversation, one per channel.
    pub async fn drafts_of(&self, who: &Who, id: ConversationId) -> Result<AsOf<Vec<DraftView>>> {
        who.must(Permission::Read)?;
        let who = who.clone();
        self.inner
            .db
            .read(who.workspace, move |scope| {
                see(scope, &who, id)?;
                let rows = scope.drafts_of(id)?;
                let value = rows.into_iter().map(|row| view(scope, row)).collect::<Result<_>>()?;
                Ok(AsOf { seq: scope.seq()?, value })
            })
            .await
    }

    /// The draft in one place, if there is one: for somebody's screen, so sight is looked at anew.
    pub async fn draft_at(&self, who: &Who, place: DraftPlace) -> Result<Option<DraftView>> {
        who.must(Permission::Read)?;
        let who = who.clone();
        self.inner
            .db
            .read(who.workspace, move |scope| {
                see(scope, &who, place.conversation)?;
                let row = scope.draft_on(place.conversation, place.channel)?;
                row.map(|row| view(scope, row)).transpose()
            })
            .await
    }

    /// One page of the drafts that one holds, is to look at, or may pick up.
    pub async fn drafts(&self, who: &Who, asked: DraftsIn) -> Result<AsOf<Page<ListedDraft>>> {
        who.must(Permission::Read)?;
        let before = match &asked.cursor {
            None => (Millis(i64::MAX), DraftId::from_uuid(Uuid::max())),
            Some(text) => {
                let pair = text.split_once('.').and_then(|(at, id)| Some((Millis(at.parse().ok()?), id.parse().ok()?)));
                pair.ok_or_else(|| {
                    DeskError::field("cursor", "malformed", "Leave the cursor out to begin at the top.")
                })?
            }
        };
        let limit = i64::try_from(asked.limit).unwrap_or(i64::MAX);
        let who = who.clone();
        self.inner
            .db
            .read(who.workspace, move |scope| {
                let keys = scope.draft_list(who.viewer(), asked.list, before, limit)?;
                let next =
                    (keys.len() == asked.limit).then(|| keys.last().map(|(id, at)| format!("{}.{id}", at.0))).flatten();
                let ids: Vec<DraftId> = keys.iter().map(|(id, _)| *id).collect();
                let mut drafts: HashMap<DraftId, DraftRow> =
                    scope.drafts(&ids)?.into_iter().map(|row| (row.id, row)).collect();
                let mut of: Vec<ConversationId> = drafts.values().map(|row| row.conversation).collect();
                of.sort_unstable();
                of.dedup();
                let listed = scope.listed_some(who.user, &of)?;
                let conversations: HashMap<ConversationId, ConversationView> =
                    conversation_views(scope, listed)?.into_iter().map(|view| (view.row.id, view)).collect();
                let mut rows = Vec::with_capacity(ids.len());
                for id in ids {
                    let Some(row) = drafts.remove(&id) else { continue };
                    let Some(conversation) = conversations.get(&row.conversation).cloned() else { continue };
                    rows.push(ListedDraft { draft: view(scope, row)?, conversation });
                }
                Ok(AsOf { seq: scope.seq()?, value: Page { rows, next } })
            })
            .await
    }

    /// Writes a draft. Its first words begin it; nobody's and one's own is written on, another's has to be taken over.
    pub async fn write_draft(
        &self,
        who: &Who,
        id: ConversationId,
        channel: ChannelId,
        new: DraftIn,
    ) -> Result<DraftView> {
        who.must(Permission::Reply)?;
        check(&new)?;
        let place = DraftPlace { conversation: id, channel };
        let (writer, workspace) = (who.clone(), who.workspace);
        let view = self
            .inner
            .db
            .write(workspace, self.now(), move |tx| {
                see(tx, &writer, id)?;
                let row = match tx.draft_on(id, channel)? {
                    None => begin(tx, &writer, place, &new)?,
                    Some(row) => write_on(tx, &writer, row, &new)?,
                };
                keep_files(tx, &writer, row.id, &new.attachment_ids)?;
                let row = tx.draft_on(id, channel)?.ok_or(NO_DRAFT)?;
                view(tx, row)
            })
            .await?;
        self.tell(workspace, Signal::Draft(place));
        Ok(view)
    }

    /// Takes a draft over from whom one believes to hold it; it says what it said.
    pub async fn take_draft(
        &self,
        who: &Who,
        id: ConversationId,
        channel: ChannelId,
        from: Option<UserId>,
    ) -> Result<DraftView> {
        who.must(Permission::Reply)?;
        let place = DraftPlace { conversation: id, channel };
        let (taker, workspace) = (who.clone(), who.workspace);
        let view = self
            .inner
            .db
            .write(workspace, self.now(), move |tx| {
                let mut row = draft_on(tx, &taker, id, channel)?;
                if row.holder != taker.user {
                    if from.is_some_and(|from| from != row.holder) {
                        return Err(held(tx, row));
                    }
                    let had = format!("from={}", row.holder);
                    row.holder = taker.user;
                    row.version += 1;
                    row.updated_at = tx.now();
                    tx.set_draft(&row)?;
                    tell(tx, &taker, &row, EventType::DraftTaken, &["holder_id", &had])?;
                }
                let row = tx.draft_on(id, channel)?.ok_or(NO_DRAFT)?;
                view(tx, row)
            })
            .await?;
        self.tell(workspace, Signal::Draft(place));
        Ok(view)
    }

    /// Discards a draft; of this version, when one is named. One that is gone already is no error.
    pub async fn discard_draft(
        &self,
        who: &Who,
        id: ConversationId,
        channel: ChannelId,
        version: Option<i64>,
    ) -> Result<()> {
        who.must(Permission::Reply)?;
        let place = DraftPlace { conversation: id, channel };
        let (writer, workspace) = (who.clone(), who.workspace);
        self.inner
            .db
            .write(workspace, self.now(), move |tx| {
                see(tx, &writer, id)?;
                let Some(row) = tx.draft_on(id, channel)? else { return Ok(()) };
                if row.holder != writer.user && !is_free(&row) {
                    return Err(held(tx, row));
                }
                if version.is_some_and(|version| version != row.version) {
                    return Err(changed(tx, Some(row)));
                }
                tx.remove_draft(row.id)?;
                tell(tx, &writer, &row, EventType::DraftDiscarded, &[]).map(drop)
            })
            .await?;
        self.tell(workspace, Signal::Draft(place));
        Ok(())
    }

    /// Asks somebody to look at a draft before it is sent: its holder does, or who may look. Nobody named: who asks looks themself.
    pub async fn ask_for_review(
        &self,
        who: &Who,
        id: ConversationId,
        channel: ChannelId,
        reviewer: Option<UserId>,
    ) -> Result<DraftView> {
        who.must(Permission::Reply)?;
        let place = DraftPlace { conversation: id, channel };
        let (asker, workspace) = (who.clone(), who.workspace);
        let view = self
            .inner
            .db
            .write(workspace, self.now(), move |tx| {
                let mut row = draft_on(tx, &asker, id, channel)?;
                if row.holder != asker.user && !is_free(&row) && !may(asker.role, Permission::ReviewDrafts) {
                    return Err(held(tx, row));
                }
                let reviewer = reviewer.unwrap_or(asker.user);
                can_review(tx, id, reviewer)?;
                if row.review_by != Some(reviewer) {
                    row.review_by = Some(reviewer);
                    row.meta = Meta { asked_by: Some(asker.user), ..Meta::of(&row) }.text();
                    row.version += 1;
                    tx.set_draft(&row)?;
                    let by = format!("review_by={reviewer}");
                    let seq = tell(tx, &asker, &row, EventType::DraftReviewAsked, &[&by])?;
                    notify::to_review(tx, seq, id, reviewer, asker.actor())?;
                }
                let row = tx.draft_on(id, channel)?.ok_or(NO_DRAFT)?;
                view(tx, row)
            })
            .await?;
        self.tell(workspace, Signal::Draft(place));
        Ok(view)
    }

    /// Ends a review without sending: who asked takes it back, who looks sends it back, with a note to its holder where there is something
    /// to say.
    pub async fn end_review(
        &self,
        who: &Who,
        id: ConversationId,
        channel: ChannelId,
        text: Option<String>,
    ) -> Result<DraftView> {
        who.must(Permission::Reply)?;
        let text = text.filter(|text| !text.trim().is_empty());
        if let Some(text) = &text {
            note::check(text)?;
        }
        let place = DraftPlace { conversation: id, channel };
        let (asker, workspace) = (who.clone(), who.workspace);
        let view = self
            .inner
            .db
            .write(workspace, self.now(), move |tx| {
                let mut row = draft_on(tx, &asker, id, channel)?;
                if let Some(reviewer) = row.review_by {
                    let meta = Meta::of(&row);
                    let theirs = reviewer == asker.user || meta.asked_by == Some(asker.user);
                    if !theirs && !may(asker.role, Permission::ReviewDrafts) {
                        return Err(DeskError::Forbidden(Permission::ReviewDrafts));
                    }
                    row.review_by = None;
                    row.meta = Meta { asked_by: None, ..meta }.text();
                    row.version += 1;
                    tx.set_draft(&row)?;
                    let by = format!("review_by={reviewer}");
                    tell(tx, &asker, &row, EventType::DraftReviewEnded, &[&by])?;
                    if let Some(text) = text {
                        let to = row.holder_name.as_deref().filter(|_| row.holder != asker.user);
                        let text = match to {
                            Some(name) => format!("@[{name}]({}) {text}", row.holder),
                            None => text,
                        };
                        note::write(tx, &asker, id, &text)?;
                    }
                }
                let row = tx.draft_on(id, channel)?.ok_or(NO_DRAFT)?;
                view(tx, row)
            })
            .await?;
        self.tell(workspace, Signal::Draft(place));
        Ok(view)
    }
}

/// Can they look at it: may they, are they here, and do they see the conversation?
fn can_review(tx: &mut Tx<'_>, id: ConversationId, reviewer: UserId) -> Result<()> {
    let user = tx.user(reviewer)?.filter(|u| u.deactivated_at.is_none() && may(u.role, Permission::ReviewDrafts));
    let sees = match user {
        Some(user) => tx.sees(Viewer { user: reviewer, role: user.role }, id)?,
        None => false,
    };
    if sees {
        return Ok(());
    }
    Err(DeskError::field("reviewer_id", "unknown", "Choose a lead or an admin who sees this conversation."))
}

fn check(new: &DraftIn) -> Result<()> {
    if new.text.is_empty() && new.attachment_ids.is_empty() {
        return Err(DeskError::field("text", "required", "A draft says something, or has a file. Discard it instead."));
    }
    if new.text.chars().count() > DRAFT_MAX {
        return Err(DeskError::field("text", "too_long", format!("At most {DRAFT_MAX} characters.")));
    }
    if new.attachment_ids.len() > DRAFT_FILES_MAX {
        return Err(DeskError::field("attachment_ids", "too_many", format!("At most {DRAFT_FILES_MAX} files.")));
    }
    Ok(())
}

fn begin(tx: &mut Tx<'_>, who: &Who, place: DraftPlace, new: &DraftIn) -> Result<DraftRow> {
    must_be_used(tx, place.conversation, place.channel)?;
    if new.version.is_some() {
        return Err(changed(tx, None));
    }
    let now = tx.now();
    let row = DraftRow {
        id: DraftId::new(now, &entropy()),
        conversation: place.conversation,
        channel: place.channel,
        holder: who.user,
        holder_name: Some(who.name.clone()),
        holder_role: Some(who.role),
        holder_left: None,
        text: new.text.clone(),
        meta: Meta { canned: new.canned_response_id, asked_by: None }.text(),
        // above all that an earlier draft here had: the log has grown since
        version: (tx.head() + 1) * VERSIONS,
        review_by: None,
        reviewer_name: None,
        created_at: now,
        updated_at: now,
    };
    tx.create_draft(&row)?;
    tell(tx, who, &row, EventType::DraftCreated, &[])?;
    Ok(row)
}

fn write_on(tx: &mut Tx<'_>, who: &Who, mut row: DraftRow, new: &DraftIn) -> Result<DraftRow> {
    let free = is_free(&row);
    if row.holder != who.user && !free {
        return Err(held(tx, row));
    }
    if new.version != Some(row.version) {
        return Err(changed(tx, Some(row)));
    }
    let taken = (row.holder != who.user).then(|| format!("from={}", row.holder));
    row.holder = who.user;
    row.text.clone_from(&new.text);
    row.meta = Meta { canned: new.canned_response_id, ..Meta::of(&row) }.text();
    row.version += 1;
    row.updated_at = tx.now();
    tx.set_draft(&row)?;
    if let Some(had) = taken {
        tell(tx, who, &row, EventType::DraftTaken, &["holder_id", &had])?;
    }
    Ok(row)
}

/// Makes these the files of a draft: those that it has, and uploads of who writes it.
fn keep_files(tx: &mut Tx<'_>, who: &Who, draft: DraftId, wanted: &[FileId]) -> Result<()> {
    let has: Vec<FileId> = tx.draft_files(draft)?.iter().map(|file| file.id).collect();
    if has == wanted {
        return Ok(());
    }
    tx.let_draft_files_go(draft)?;
    for (position, id) in (0i64..).zip(wanted) {
        let is_free = |f: &AttachmentRow| f.seq.is_none() && f.canned.is_none() && f.draft.is_none();
        let file = tx.attachment(*id)?.filter(|f| f.state == "ready" && is_free(f));
        let theirs = file.is_some_and(|f| f.uploaded_by == Some(who.user) || has.contains(id));
        if !theirs || !tx.keep_draft_file(*id, draft, position)? {
            let detail = "One of the files is not here. Upload it again.";
            return Err(DeskError::field("attachment_ids", "unknown", detail));
        }
    }
    Ok(())
}

/// The draft that a reply is, or whose place it takes; it goes with the message. Looked at before anything is sent.
pub(crate) fn sent_by(tx: &mut Tx<'_>, who: &Who, row: Option<DraftRow>, reply: &ReplyIn) -> Result<Option<DraftRow>> {
    let of_draft = row.as_ref().map(|row| row.id);
    let sent = which(tx, who, row, reply)?;
    if sent.is_none()
        && let Some(draft) = of_draft
        && tx.draft_files(draft)?.iter().any(|file| reply.attachment_ids.contains(&file.id))
    {
        let detail = "One of the files is in a draft that is not yours to send. Upload it again.";
        return Err(DeskError::field("attachment_ids", "used", detail));
    }
    Ok(sent)
}

fn which(tx: &mut Tx<'_>, who: &Who, row: Option<DraftRow>, reply: &ReplyIn) -> Result<Option<DraftRow>> {
    let confirmed = |code: &str| reply.confirm.iter().any(|c| c == code);
    if let Some(row) = &row
        && let Some(reviewer) = row.review_by
        && row.holder == who.user
        && reviewer != who.user
    {
        let name = row.reviewer_name.clone().unwrap_or_default();
        let detail = format!("{name} looks at this before it is sent. Wait for it, or take the question back.");
        let present = present(tx, Some(row.clone()))?;
        return Err(DeskError::Draft { code: "draft_in_review", detail, present });
    }
    let Some(version) = reply.draft_version else {
        // who does not know of drafts has sent what they wrote, word for word, or something else
        return Ok(row.filter(|row| row.holder == who.user && row.text == reply.text && !says_nothing(&row.text)));
    };
    match row {
        Some(row) if row.version == version => {
            let reviews =
                row.review_by == Some(who.user) || (row.review_by.is_some() && may(who.role, Permission::ReviewDrafts));
            if row.holder == who.user || is_free(&row) || reviews {
                return Ok(Some(row));
            }
            if confirmed("draft_held") { Ok(None) } else { Err(held(tx, row)) }
        }
        // its author's own last words, of which the answer was lost on the way
        Some(row) if row.holder == who.user && says_the_same(tx, &row, reply)? => Ok(Some(row)),
        // another text stands there, and stays
        _ if confirmed("draft_changed") || confirmed("draft_held") => Ok(None),
        Some(row) if row.holder != who.user && !is_free(&row) => Err(held(tx, row)),
        other => Err(changed(tx, other)),
    }
}

/// Is a reply its draft, word for word and file for file?
fn says_the_same(tx: &mut Tx<'_>, row: &DraftRow, reply: &ReplyIn) -> Result<bool> {
    if row.text.trim() != reply.text.trim() {
        return Ok(false);
    }
    let files: Vec<FileId> = tx.draft_files(row.id)?.iter().map(|file| file.id).collect();
    Ok(files == reply.attachment_ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_beside_a_draft_comes_back_and_a_newer_program_s_is_let_be() {
        let meta = Meta { canned: Some(CannedId::from_uuid(Uuid::nil())), asked_by: None };
        let read: Meta = serde_json::from_str(&meta.text()).expect("JSON");
        assert_eq!(read, meta);
        let newer: Meta = serde_json::from_str("{\"mood\": 3}").expect("JSON");
        assert_eq!(newer, Meta::default());
        assert_eq!(newer.text(), "{}");
    }

    #[test]
    fn a_draft_says_something_within_bounds() {
        let of = |text: &str| DraftIn { text: text.to_owned(), ..DraftIn::default() };
        assert!(check(&of("")).is_err());
        assert!(check(&of(" ")).is_ok(), "a space is somebody's beginning");
        assert!(check(&of(&"é".repeat(DRAFT_MAX))).is_ok());
        assert!(check(&of(&"é".repeat(DRAFT_MAX + 1))).is_err());
    }
}
