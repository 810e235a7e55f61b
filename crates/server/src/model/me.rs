//! Who I am, where, and what waits for me.

use std::collections::BTreeMap;

use partyline_core::id::{SessionId, WorkspaceId};
use partyline_core::keys::{Keys, Preset};
use partyline_core::permission::{Permission, may};
use partyline_core::time::Millis;
use partyline_desk::account::MeView;
use partyline_desk::me::{self, Membership, SessionView};
use partyline_desk::people::UserView;
use partyline_desk::view::{AsOf, Count, Counts, ViewCounts};
use partyline_desk::workspace;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::people::UserOut;
use super::words;
use crate::extract::present;

/// Who I am, where, and what waits for me.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Me)]
pub struct MeOut {
    /// Me.
    pub user: UserOut,
    /// Where.
    pub workspace: WorkspaceOut,
    /// How I want it.
    pub settings: MySettingsOut,
    /// What I may do.
    #[schema(value_type = Vec<words::Permission>)]
    pub permissions: Vec<&'static str>,
    /// What waits.
    pub counts: CountsOut,
    /// The workspace's seq at which all this was so.
    pub seq: i64,
}

/// How I want it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MySettings)]
pub struct MySettingsOut {
    /// IANA name; null: the workspace's.
    pub time_zone: Option<String>,
    /// Stands under my emails, and in canned responses.
    pub signature: Option<String>,
    /// My keyboard.
    pub keys: KeysOut,
}

/// The keyboard of one person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Keys)]
pub struct KeysOut {
    /// With which keys I begin.
    #[schema(value_type = words::KeyPreset)]
    pub preset: Preset,
    /// By a command's id, its keys instead: `{"conversation.close": ["Shift+X", "G X"]}`. An empty list: none.
    pub own: BTreeMap<String, Vec<String>>,
}

/// My keyboard, whole.
#[derive(Debug, Deserialize, ToSchema)]
pub struct KeysIn {
    /// With which keys I begin.
    #[schema(value_type = words::KeyPreset)]
    pub preset: Preset,
    /// By a command's id, its keys instead; at most 200 commands, and 4 keys of each: `Ctrl+Shift+E`, or two presses as `G M`.
    #[serde(default)]
    pub own: BTreeMap<String, Vec<String>>,
}

/// What changes of me; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct MePatch {
    /// What I am called.
    pub name: Option<String>,
    /// IANA name; null: the workspace's.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub time_zone: Option<Option<String>>,
    /// Up to 1,000 characters; null takes it away.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub signature: Option<Option<String>>,
    /// Out of office until then, within a year; null: back.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<words::Time>)]
    pub away_until: Option<Option<Millis>>,
    /// My keyboard, whole.
    pub keys: Option<KeysIn>,
}

impl From<MePatch> for me::MePatch {
    fn from(patch: MePatch) -> Self {
        let MePatch { name, time_zone, signature, away_until, keys } = patch;
        let keys = keys.map(|KeysIn { preset, own }| Keys { preset, own });
        me::MePatch { name, time_zone, signature, away_until, keys }
    }
}

/// A new password.
#[derive(Deserialize, ToSchema)]
pub struct PasswordIn {
    /// The one before.
    pub current: String,
    /// The new one; 10 to 256 characters.
    pub new: String,
}

/// A browser that is signed in as me.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionOut {
    /// `sess_…`
    #[schema(value_type = String)]
    pub id: SessionId,
    /// What the browser calls itself.
    pub agent: Option<String>,
    /// The network address at which it began.
    pub ip: Option<String>,
    /// When it began.
    #[schema(value_type = words::Time)]
    pub created_at: Millis,
    /// When it was last used, to ten minutes.
    #[schema(value_type = words::Time)]
    pub seen_at: Millis,
    /// Is it the one that asks?
    pub current: bool,
}

impl From<SessionView> for SessionOut {
    fn from(view: SessionView) -> Self {
        let SessionView { id, row, current } = view;
        SessionOut { id, agent: row.agent, ip: row.ip, created_at: row.created_at, seen_at: row.seen_at, current }
    }
}

/// A workspace that I am in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MyWorkspace)]
pub struct MyWorkspaceOut {
    /// `work_…`
    #[schema(value_type = String)]
    pub id: WorkspaceId,
    /// What it is called.
    pub name: String,
}

impl From<Membership> for MyWorkspaceOut {
    fn from(membership: Membership) -> Self {
        MyWorkspaceOut { id: membership.id, name: membership.name }
    }
}

/// Which workspace to go over to.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SwitchIn {
    /// `work_…`
    #[schema(value_type = String)]
    pub workspace_id: WorkspaceId,
}

/// What changes of the workspace; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct WorkspacePatch {
    /// What it is called.
    pub name: Option<String>,
    /// IANA name, e.g. `America/Los_Angeles`.
    pub time_zone: Option<String>,
    /// Where numbers without a country code are from: ISO 3166.
    pub region: Option<String>,
    /// Seconds that the app asks the server to hold a message; 0 to 60.
    pub undo_seconds: Option<u32>,
    /// Does an answer to nobody's conversation assign its author?
    pub assign_on_reply: Option<bool>,
    /// Days within which a reopened conversation goes back to its assignee; 0 to 365.
    pub stale_owner_days: Option<u32>,
    /// May what customers and colleagues write stand in letters and on locked screens?
    pub texts_outside: Option<bool>,
}

impl From<WorkspacePatch> for workspace::WorkspacePatch {
    fn from(patch: WorkspacePatch) -> Self {
        let WorkspacePatch { name, time_zone, region, undo_seconds, assign_on_reply, stale_owner_days, texts_outside } =
            patch;
        workspace::WorkspacePatch {
            name,
            time_zone,
            region,
            undo_seconds,
            assign_on_reply,
            stale_owner_days,
            texts_outside,
        }
    }
}

/// One business.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Workspace)]
pub struct WorkspaceOut {
    /// `work_…`
    #[schema(value_type = String)]
    pub id: WorkspaceId,
    /// What it is called.
    pub name: String,
    /// IANA name.
    pub time_zone: String,
    /// Its settings.
    pub settings: SettingsOut,
}

/// A workspace's settings.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorkspaceSettings)]
pub struct SettingsOut {
    /// Seconds that the app asks the server to hold a message.
    pub undo_seconds: u32,
    /// Does an answer to nobody's conversation assign its author?
    pub assign_on_reply: bool,
    /// Where numbers without a country code are from: ISO 3166.
    pub region: String,
    /// Days within which a reopened conversation goes back to its assignee.
    pub stale_owner_days: u32,
    /// May what customers and colleagues write stand in letters and on locked screens?
    pub texts_outside: bool,
}

impl From<AsOf<MeView>> for MeOut {
    fn from(me: AsOf<MeView>) -> Self {
        let AsOf { seq, value } = me;
        let role = value.user.role;
        MeOut {
            user: UserView { row: value.user, team_ids: value.team_ids }.into(),
            workspace: WorkspaceOut {
                id: value.workspace.id,
                name: value.workspace.name,
                time_zone: value.settings.time_zone,
                settings: SettingsOut {
                    undo_seconds: value.settings.undo_seconds,
                    assign_on_reply: value.settings.assign_on_reply,
                    region: value.settings.region,
                    stale_owner_days: value.settings.stale_owner_days,
                    texts_outside: value.settings.texts_outside,
                },
            },
            settings: MySettingsOut {
                time_zone: value.mine.time_zone,
                signature: value.mine.signature,
                keys: KeysOut { preset: value.mine.keys.preset, own: value.mine.keys.own },
            },
            permissions: Permission::ALL.iter().filter(|p| may(role, **p)).map(|p| p.as_str()).collect(),
            counts: value.counts.into(),
            seq,
        }
    }
}

/// How many there are in a view, and how many of them I have not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Tally)]
pub struct CountOut {
    /// All.
    pub total: i64,
    /// Not read.
    pub unread: i64,
}

/// How many tasks of mine wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TaskCount)]
pub struct TaskCountOut {
    /// Not done; at most 1,000 are counted.
    pub open: i64,
    /// Of these, due by now.
    pub overdue: i64,
}

/// How many drafts wait for me; at most 1,000 of each are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DraftCount)]
pub struct DraftCountOut {
    /// I hold them.
    pub mine: i64,
    /// I am asked to look at them.
    pub review: i64,
}

/// The counts of one group of views.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Tallies)]
pub struct ViewCountsOut {
    /// Open and nobody's.
    pub unassigned: CountOut,
    /// Open and mine.
    pub mine: CountOut,
    /// All open.
    pub all: CountOut,
    /// Closed.
    pub closed: CountOut,
    /// Set aside.
    pub snoozed: CountOut,
}

/// All my counts: over everything that I see, and per team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Counts)]
pub struct CountsOut {
    /// Open and nobody's.
    pub unassigned: CountOut,
    /// Open and mine.
    pub mine: CountOut,
    /// All open.
    pub all: CountOut,
    /// Closed.
    pub closed: CountOut,
    /// Set aside.
    pub snoozed: CountOut,
    /// Set aside, and mine.
    pub mine_snoozed: CountOut,
    /// Open, and a note in it has named me.
    pub mentions: CountOut,
    /// Open, and I follow it.
    pub following: CountOut,
    /// Tasks of mine that are not done.
    pub tasks: TaskCountOut,
    /// Messages of mine that wait for their time; at most 1,000 are counted.
    pub scheduled: i64,
    /// Drafts that wait for me.
    pub drafts: DraftCountOut,
    /// The same per team, by its id.
    pub teams: BTreeMap<String, ViewCountsOut>,
    /// Open, per label, by its id; what has one below it is counted too. Labels that nothing has are left out.
    pub labels: BTreeMap<String, CountOut>,
}

impl From<Count> for CountOut {
    fn from(count: Count) -> Self {
        CountOut { total: count.total, unread: count.unread }
    }
}

impl From<ViewCounts> for ViewCountsOut {
    fn from(v: ViewCounts) -> Self {
        ViewCountsOut {
            unassigned: v.unassigned.into(),
            mine: v.mine.into(),
            all: v.all.into(),
            closed: v.closed.into(),
            snoozed: v.snoozed.into(),
        }
    }
}

impl From<Counts> for CountsOut {
    fn from(counts: Counts) -> Self {
        let ViewCountsOut { unassigned, mine, all, closed, snoozed } = counts.all.into();
        let teams = counts.teams.into_iter().map(|(id, views)| (id.to_string(), views.into())).collect();
        CountsOut {
            unassigned,
            mine,
            all,
            closed,
            snoozed,
            mine_snoozed: counts.mine_snoozed.into(),
            mentions: counts.mentions.into(),
            following: counts.following.into(),
            tasks: TaskCountOut { open: counts.tasks.open, overdue: counts.tasks.overdue },
            scheduled: counts.scheduled,
            drafts: DraftCountOut { mine: counts.drafts.held, review: counts.drafts.to_review },
            teams,
            labels: counts.labels.into_iter().map(|(id, count)| (id.to_string(), count.into())).collect(),
        }
    }
}
