//! What I am told, and what I wish to be told of.

use std::collections::BTreeMap;

use partyline_core::id::ConversationId;
use partyline_core::notification::{Kind, Place, Wishes};
use partyline_core::time::Millis;
use partyline_desk::notify::{NotificationView, Notified, Seen, WISHES_MAX};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::entry::actor_id;
use super::event::ActorOut;
use super::words;
use crate::problem::Problem;

/// One thing that I am told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Notification)]
pub struct NotificationOut {
    /// The seq of the event that it tells of: its id among mine.
    pub seq: i64,
    /// What it is about.
    #[schema(value_type = words::NotificationKind)]
    pub kind: &'static str,
    /// The event's type, e.g. `note.created`.
    pub event: &'static str,
    /// When.
    #[schema(value_type = words::Time)]
    pub at: Millis,
    /// Who did it.
    pub actor: ActorOut,
    /// What they are called, where it was a person of the team.
    pub actor_name: Option<String>,
    /// Where.
    #[schema(value_type = String)]
    pub conversation_id: ConversationId,
    /// What the customer is called.
    pub contact_name: Option<String>,
    /// Their number.
    pub contact_address: String,
    /// The message or note that it speaks of.
    pub entry_id: Option<String>,
    /// How that begins; null when it is erased.
    pub text: Option<String>,
    /// When I saw it.
    #[schema(value_type = Option<words::Time>)]
    pub seen_at: Option<Millis>,
    /// Do I want it shown by the desktop?
    pub desktop: bool,
}

impl From<NotificationView> for NotificationOut {
    fn from(view: NotificationView) -> Self {
        let desktop = view.is_told(Place::Desktop);
        let NotificationView { row, entry, text } = view;
        NotificationOut {
            seq: row.seq,
            kind: row.kind.as_str(),
            event: row.event.as_str(),
            at: row.at,
            actor: ActorOut { kind: row.actor_kind.as_str(), id: actor_id(row.actor_kind, row.actor) },
            actor_name: row.actor_name,
            conversation_id: row.conversation,
            contact_name: row.contact_name,
            contact_address: row.contact_address,
            entry_id: entry.map(|id| id.to_string()),
            text,
            seen_at: row.seen_at,
            desktop,
        }
    }
}

/// One page of what I am told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NotificationPage)]
pub struct NotificationsOut {
    /// The newest first; what I can't see any more is left out.
    pub data: Vec<NotificationOut>,
    /// Where the next page begins, for `?cursor=`; null at the end.
    pub next_cursor: Option<String>,
    /// How many of all I have not seen, up to 100.
    pub unseen: i64,
}

/// What I was told just now, or have seen.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Notified)]
pub struct NotifiedOut {
    /// How many of all I have not seen, up to 100.
    pub unseen: i64,
    /// What is new, the oldest first.
    pub new: Vec<NotificationOut>,
}

impl From<Notified> for NotifiedOut {
    fn from(of: Notified) -> Self {
        NotifiedOut { unseen: of.unseen, new: of.new.into_iter().map(Into::into).collect() }
    }
}

/// What I have seen: one of them, all up to one, or all.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct SeenIn {
    /// This one.
    pub seq: Option<i64>,
    /// All up to this one, so that what came meanwhile stays unseen.
    pub up_to: Option<i64>,
}

impl TryFrom<SeenIn> for Seen {
    type Error = Problem;
    fn try_from(said: SeenIn) -> Result<Seen, Problem> {
        match (said.seq, said.up_to) {
            (Some(_), Some(_)) => Err(Problem::field("up_to", "not_with_seq", "Name one of them, or all up to one.")),
            (Some(seq), None) => Ok(Seen::One(seq)),
            (None, Some(seq)) => Ok(Seen::UpTo(seq)),
            (None, None) => Ok(Seen::All),
        }
    }
}

/// Where I am told of one kind of thing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NotificationPlaces)]
pub struct PlacesOut {
    /// In the list behind the bell.
    pub app: bool,
    /// By the desktop, while the app is open.
    pub desktop: bool,
    /// By push, also while it is not.
    pub push: bool,
    /// In a letter, when I am away.
    pub mail: bool,
}

/// What I am told of, and where.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NotificationSettings)]
pub struct NotificationSettingsOut {
    /// A note names me, or a team of mine.
    pub mention: PlacesOut,
    /// Somebody else put me on a conversation.
    pub assigned: PlacesOut,
    /// A customer wrote in a conversation that is mine, or that I follow.
    pub reply: PlacesOut,
    /// A message of mine did not arrive, or nobody knows whether it did.
    pub failed: PlacesOut,
    /// A task of mine is due, or somebody else gave me one.
    pub task: PlacesOut,
    /// A draft waits for my review.
    pub draft_review: PlacesOut,
}

impl From<Wishes> for NotificationSettingsOut {
    fn from(wishes: Wishes) -> Self {
        let places = |kind| {
            let of = wishes.of(kind);
            PlacesOut {
                app: of.has(Place::App),
                desktop: of.has(Place::Desktop),
                push: of.has(Place::Push),
                mail: of.has(Place::Mail),
            }
        };
        NotificationSettingsOut {
            mention: places(Kind::Mention),
            assigned: places(Kind::Assigned),
            reply: places(Kind::Reply),
            failed: places(Kind::Failed),
            task: places(Kind::Task),
            draft_review: places(Kind::DraftReview),
        }
    }
}

/// What changes of where I am told of what; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NotificationSettingsPatch {
    /// By kind and place, e.g. `{"reply": {"mail": true}}`.
    #[serde(flatten)]
    pub kinds: BTreeMap<String, BTreeMap<String, bool>>,
}

impl TryFrom<NotificationSettingsPatch> for Vec<(Kind, Place, bool)> {
    type Error = Problem;
    fn try_from(patch: NotificationSettingsPatch) -> Result<Self, Problem> {
        let mut wanted = Vec::new();
        for (kind, places) in patch.kinds {
            let unknown = |field: String| Problem::field(field, "unknown", "There is no such kind or place.");
            let known: Kind = kind.parse().map_err(|_| unknown(kind.clone()))?;
            for (place, told) in places {
                let place = place.parse().map_err(|_| unknown(format!("{kind}.{place}")))?;
                wanted.push((known, place, told));
            }
        }
        debug_assert!(wanted.len() <= WISHES_MAX, "each of them once");
        Ok(wanted)
    }
}
