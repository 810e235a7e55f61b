//! What an event speaks of, read from state when it is shown, so that what was erased is erased here too.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use partyline_core::conversation::EntryId;
use partyline_core::id::{
    BulkId, CannedId, ChannelId, ConnectionId, ConversationId, ImportId, InboundId, LabelId, MessageId, NoteId,
    SavedSearchId, TeamId, UserId, Uuid,
};
use partyline_core::permission::{Permission, Role, may};
use partyline_store::Scope;
use partyline_store::bulk_actions::BulkRow;
use partyline_store::canned::CannedRow;
use partyline_store::conversations::UserState;
use partyline_store::held::HeldRow;
use partyline_store::imports::ImportRow;
use partyline_store::labels::LabelRow;
use partyline_store::saved::SavedRow;

use super::LiveEvent;
use crate::canned::{CannedView, is_seen};
use crate::channel::ChannelView;
use crate::connection::{ConnectionView, connection_view};
use crate::error::{DeskError, Result};
use crate::held::held_row;
use crate::label::label_row;
use crate::people::{TeamView, UserView, team_view, user_view};
use crate::saved;
use crate::view::{ConversationView, EntryView, conversation_views, entry_view};
use crate::{Desk, Who};

/// Nobody: the reader for whom shared rows are read.
const NOBODY: UserId = UserId::from_uuid(Uuid::nil());

/// A conversation for everyone, with what it takes to show it to one.
#[derive(Debug, Clone)]
pub struct SharedConversation {
    view: ConversationView,
    users: Vec<UserState>,
    /// The members of its team, where that is closed.
    members: Option<Vec<UserId>>,
}

impl SharedConversation {
    /// May they see it?
    #[must_use]
    pub fn is_visible_to(&self, user: UserId, role: Role) -> bool {
        role.sees_everything()
            || self.members.as_ref().is_none_or(|m| m.contains(&user))
            || self.users.iter().any(|u| u.user == user && u.has_access())
    }

    /// As this user sees it.
    #[must_use]
    pub fn view_for(&self, user: UserId) -> ConversationView {
        let mut view = self.view.clone();
        let mine = self.users.iter().find(|u| u.user == user);
        let read_seq = mine.map(|u| u.read_seq);
        view.row.read_seq = read_seq;
        view.row.is_read = mine.map(UserState::has_read);
        view.row.mentioned_at = mine.and_then(|u| u.mentioned_at);
        view.row.following = mine.map(|u| u.following);
        view.row.muted = mine.map(|u| u.muted);
        view.seen_entry = view.last_entry.filter(|_| read_seq.is_some_and(|seq| seq >= view.row.last_seq));
        view
    }
}

/// A canned response for all who may use it.
#[derive(Debug, Clone)]
pub struct SharedCanned {
    view: CannedView,
    /// The members of its team, where it is a team's.
    members: Vec<UserId>,
}

impl SharedCanned {
    /// May they use it, or might they before it was removed?
    fn is_seen_by(&self, who: &Who) -> bool {
        is_seen(&self.view.row, who.user, who.role, |_| self.members.contains(&who.user))
    }

    /// As it is; `None` when it is removed, or not theirs to use.
    #[must_use]
    pub fn view_for(&self, who: &Who) -> Option<&CannedView> {
        Some(&self.view).filter(|view| view.row.removed_at.is_none() && self.is_seen_by(who))
    }
}

/// A saved search for all who see it.
#[derive(Debug, Clone)]
pub struct SharedSearch {
    row: SavedRow,
    /// The members of its team, where it is a team's.
    members: Vec<UserId>,
}

impl SharedSearch {
    /// Do they see it, or did they before it was removed?
    fn is_seen_by(&self, who: &Who) -> bool {
        saved::is_seen(&self.row, who.user, who.role, |_| self.members.contains(&who.user))
    }

    /// As it is; `None` when it is removed, or not theirs to see.
    #[must_use]
    pub fn view_for(&self, who: &Who) -> Option<&SavedRow> {
        Some(&self.row).filter(|row| row.removed_at.is_none() && self.is_seen_by(who))
    }
}

/// What an event speaks of.
#[derive(Debug, Clone)]
pub enum Subject {
    /// A conversation.
    Conversation(Box<SharedConversation>),
    /// A message or a note, and its conversation.
    Entry {
        /// The entry.
        entry: Box<EntryView>,
        /// Where it is.
        conversation: Box<SharedConversation>,
    },
    /// A channel.
    Channel(Box<ChannelView>),
    /// A connection.
    Connection(Box<ConnectionView>),
    /// A team.
    Team(Box<TeamView>),
    /// An import of a number's past.
    Import(Box<ImportRow>),
    /// A person.
    User(Box<UserView>),
    /// A held message, without what it brought.
    Held(Box<HeldRow>),
    /// A label of the workspace.
    Label(Box<LabelRow>),
    /// A change of many conversations.
    Bulk(Box<BulkRow>),
    /// A canned response.
    Canned(Box<SharedCanned>),
    /// A saved search.
    Search(Box<SharedSearch>),
    /// Nothing that can be shown (any more).
    None,
}

impl LiveEvent {
    /// May this user see it?
    #[must_use]
    pub fn is_visible_to(&self, who: &Who) -> bool {
        match &*self.subject {
            Subject::Conversation(conversation) | Subject::Entry { conversation, .. } => {
                conversation.is_visible_to(who.user, who.role)
            }
            // what is somebody's own is a bare fact to who sees everything: the log has no gaps for them
            Subject::Canned(shared) => shared.is_seen_by(who) || who.role.sees_everything(),
            Subject::Search(shared) => shared.is_seen_by(who) || who.role.sees_everything(),
            _ if self.row.kind.as_str().starts_with("inbound.") => may(who.role, Permission::ManageChannels),
            _ if self.row.kind.as_str().starts_with("invitation.") => may(who.role, Permission::ManagePeople),
            // the others learn of it by what it does to each conversation
            Subject::Bulk(bulk) => bulk.user == who.user || who.role.sees_everything(),
            Subject::None if self.is_personal() => who.role.sees_everything(),
            // what is gone is shown as a bare fact only to who sees everything
            Subject::None => self.row.conversation.is_none() || who.role.sees_everything(),
            _ => true,
        }
    }

    /// Is it of a kind that is not everybody's business, so that what speaks of nothing any more is not shown to all?
    fn is_personal(&self) -> bool {
        let noun = self.row.kind.as_str().split('.').next().unwrap_or_default();
        matches!(noun, "bulk" | "canned_response" | "saved_search" | "draft")
    }
}

/// Events after a seq, each with what it speaks of; what several of them speak of is read once.
pub(super) fn events(scope: &mut Scope<'_>, desk: &Desk, after: i64, limit: usize) -> Result<Vec<LiveEvent>> {
    let rows = scope.events_after(after, i64::try_from(limit).unwrap_or(0))?;
    let conversations = shared(scope, rows.iter().filter_map(|row| row.conversation).collect())?;
    let mut subjects: HashMap<(&'static str, Uuid), Arc<Subject>> = HashMap::new();
    let mut events = Vec::with_capacity(rows.len());
    for row in rows {
        let noun = row.kind.as_str().split('.').next().unwrap_or_default();
        let key = (noun, row.subject.unwrap_or_default());
        let subject = match subjects.get(&key) {
            Some(subject) => subject.clone(),
            None => {
                let subject = Arc::new(subject_of(scope, desk, noun, row.subject, row.conversation, &conversations)?);
                subjects.insert(key, subject.clone());
                subject
            }
        };
        events.push(LiveEvent { row, subject });
    }
    Ok(events)
}

fn subject_of(
    scope: &mut Scope<'_>,
    desk: &Desk,
    noun: &str,
    subject: Option<Uuid>,
    conversation: Option<ConversationId>,
    conversations: &HashMap<ConversationId, SharedConversation>,
) -> Result<Subject> {
    let shared = conversation.and_then(|id| conversations.get(&id)).cloned();
    let found = |result: Result<Subject>| match result {
        Err(DeskError::NotFound(_)) => Ok(Subject::None),
        other => other,
    };
    match (noun, subject, shared) {
        ("message" | "note" | "task", Some(id), Some(conversation)) => {
            let id = if noun == "message" {
                EntryId::Message(MessageId::from_uuid(id))
            } else {
                EntryId::Note(NoteId::from_uuid(id))
            };
            found(
                entry_view(scope, id)
                    .map(|entry| Subject::Entry { entry: Box::new(entry), conversation: Box::new(conversation) }),
            )
        }
        (_, _, Some(conversation)) => Ok(Subject::Conversation(Box::new(conversation))),
        ("channel", Some(id), None) => match scope.channel(ChannelId::from_uuid(id))? {
            Some(row) => Ok(Subject::Channel(Box::new(desk.channel_view(scope, row)?))),
            None => Ok(Subject::None),
        },
        ("import", Some(id), None) => match scope.import(ImportId::from_uuid(id))? {
            Some(row) => Ok(Subject::Import(Box::new(row))),
            None => Ok(Subject::None),
        },
        ("connection", Some(id), None) => {
            found(connection_view(scope, ConnectionId::from_uuid(id)).map(|v| Subject::Connection(Box::new(v))))
        }
        ("team", Some(id), None) => found(team_view(scope, TeamId::from_uuid(id)).map(|v| Subject::Team(Box::new(v)))),
        ("user", Some(id), None) => found(user_view(scope, UserId::from_uuid(id)).map(|v| Subject::User(Box::new(v)))),
        ("inbound", Some(id), None) => {
            found(held_row(scope, InboundId::from_uuid(id)).map(|row| Subject::Held(Box::new(row))))
        }
        ("label", Some(id), None) => {
            found(label_row(scope, LabelId::from_uuid(id)).map(|row| Subject::Label(Box::new(row))))
        }
        ("bulk", Some(id), None) => match scope.bulk_action(BulkId::from_uuid(id))? {
            Some(row) => Ok(Subject::Bulk(Box::new(row))),
            None => Ok(Subject::None),
        },
        ("canned_response", Some(id), None) => match scope.canned_response(CannedId::from_uuid(id))? {
            Some(row) => Ok(Subject::Canned(Box::new(shared_canned(scope, row)?))),
            None => Ok(Subject::None),
        },
        ("saved_search", Some(id), None) => match scope.saved_search(SavedSearchId::from_uuid(id))? {
            Some(row) => {
                let members = members_of(scope, row.team)?;
                Ok(Subject::Search(Box::new(SharedSearch { row, members })))
            }
            None => Ok(Subject::None),
        },
        _ => Ok(Subject::None),
    }
}

/// Who is in a team, where there is one.
fn members_of(scope: &mut Scope<'_>, team: Option<TeamId>) -> Result<Vec<UserId>> {
    let Some(team) = team else { return Ok(Vec::new()) };
    Ok(scope.memberships()?.into_iter().filter(|(t, _)| *t == team).map(|(_, user)| user).collect())
}

fn shared_canned(scope: &mut Scope<'_>, row: CannedRow) -> Result<SharedCanned> {
    let members = members_of(scope, row.team)?;
    Ok(SharedCanned { view: CannedView { files: scope.canned_files(row.id)?, row }, members })
}

/// The conversations that events speak of, as they are now: what belongs to them is read for all of them at once. One that is gone is
/// left out.
fn shared(scope: &mut Scope<'_>, ids: HashSet<ConversationId>) -> Result<HashMap<ConversationId, SharedConversation>> {
    let mut rows = Vec::with_capacity(ids.len());
    for id in ids {
        rows.extend(scope.listed(NOBODY, id)?);
    }
    let mut closed: HashMap<TeamId, bool> = HashMap::new();
    let mut memberships = None;
    let mut shared = HashMap::with_capacity(rows.len());
    for view in conversation_views(scope, rows)? {
        let members = match view.row.team {
            Some(team) => {
                let is_closed = match closed.get(&team) {
                    Some(is_closed) => *is_closed,
                    None => {
                        let is_closed = scope.team(team)?.is_some_and(|t| t.closed);
                        closed.insert(team, is_closed);
                        is_closed
                    }
                };
                if is_closed && memberships.is_none() {
                    memberships = Some(scope.memberships()?);
                }
                let of_team =
                    |all: &Vec<(TeamId, UserId)>| all.iter().filter(|(t, _)| *t == team).map(|(_, u)| *u).collect();
                memberships.as_ref().filter(|_| is_closed).map(of_team)
            }
            None => None,
        };
        let id = view.row.id;
        shared.insert(id, SharedConversation { users: scope.conversation_users(id)?, view, members });
    }
    Ok(shared)
}
