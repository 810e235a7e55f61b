//! Canned responses: written once, filled in and sent many times.
//!
//! Who may use one is one rule, [`Reach`]: the workspace's are everybody's, a team's its members', a personal one its owner's
//! alone. Admins manage those of all teams. Only who may answer customers sees any.

use std::collections::HashMap;

use partyline_core::canned::{
    BadShortcut, FILES_MAX, HTML_MAX, NAME_MAX, PERSONAL_MAX, SHARED_MAX, SUBJECT_MAX, Scope as Whose, TEXT_MAX,
    VALUE_MAX, active_content, shortcut,
};
use partyline_core::event::EventType;
use partyline_core::id::{CannedId, ChannelId, ConversationId, FileId, TeamId, UserId};
use partyline_core::name::first_name;
use partyline_core::permission::{Permission, Role, may};
use partyline_core::phone::PhoneNumber;
use partyline_core::template::{MAX_PLACEHOLDERS, Missing, Template, Values, Variable, Warning, warnings};
use partyline_store::canned::CannedRow;
use partyline_store::files::AttachmentRow;
use partyline_store::scope::entropy;
use partyline_store::{NewEvent, Scope, Tx};

use crate::account::named;
use crate::error::{DeskError, FieldProblem, Result};
use crate::idempotent::{RequestKey, made, made_before};
use crate::me::UserSettings;
use crate::settings::{self, WorkspaceSettings};
use crate::view::{AsOf, see};
use crate::{Desk, Who};

/// A canned response, with its files.
#[derive(Debug, Clone)]
pub struct CannedView {
    /// The row.
    pub row: CannedRow,
    /// The files that go with it.
    pub files: Vec<AttachmentRow>,
}

impl CannedView {
    /// What its text must not ask for (R24), in the template as its author wrote it.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        warnings(&self.row.text)
    }
}

/// A new one.
#[derive(Debug, Clone)]
pub struct CannedIn {
    /// Whose it is. It stays theirs.
    pub scope: Whose,
    /// The team, where it is a team's.
    pub team_id: Option<TeamId>,
    /// What it is called.
    pub name: String,
    /// What it is called after a slash; nothing where empty.
    pub shortcut: Option<String>,
    /// The template of a text.
    pub text: String,
    /// The template of an email's subject.
    pub subject: Option<String>,
    /// The template of an email's body.
    pub html: Option<String>,
    /// Files that were uploaded.
    pub attachment_ids: Vec<FileId>,
}

/// What changes of one.
#[derive(Debug, Clone, Default)]
pub struct CannedPatch {
    /// What it is called.
    pub name: Option<String>,
    /// What it is called after a slash; `Some(None)` takes it away.
    pub shortcut: Option<Option<String>>,
    /// The template of a text.
    pub text: Option<String>,
    /// The template of an email's subject.
    pub subject: Option<Option<String>>,
    /// The template of an email's body.
    pub html: Option<Option<String>>,
    /// All its files, in order: those that it keeps, and uploads.
    pub attachment_ids: Option<Vec<FileId>>,
}

/// For whom a template is filled in.
#[derive(Debug, Clone)]
pub enum ForWhom {
    /// The contact of a conversation.
    Conversation(ConversationId),
    /// Somebody whom no conversation is with yet.
    Contact {
        /// What they are called.
        name: Option<String>,
        /// Their number, as a person writes it.
        number: Option<String>,
        /// The channel that will be used; its team is the team.
        channel: Option<ChannelId>,
    },
}

/// Filling one in.
#[derive(Debug, Clone)]
pub struct RenderIn {
    /// For whom.
    pub whom: ForWhom,
    /// What a person wrote for what was missing.
    pub values: HashMap<String, String>,
    /// Shall a message take its files, once its text is whole?
    pub take_files: bool,
}

/// What is not saved yet, filled in for its author to look at.
#[derive(Debug, Clone)]
pub struct PreviewIn {
    /// The template of a text.
    pub text: String,
    /// For whom.
    pub whom: ForWhom,
}

/// One filled in, as far as the values went.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// The text.
    pub text: String,
    /// The subject of an email.
    pub subject: Option<String>,
    /// The body of an email. Sanitise it before it is shown.
    pub html: Option<String>,
    /// What a person has to write.
    pub missing: Vec<Asked>,
    /// What the text must not ask for, in the text as it is now.
    pub warnings: Vec<Warning>,
    /// Its files; copies that a message can take where that was asked for.
    pub files: Vec<AttachmentRow>,
}

/// What has neither value nor fallback.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The name in the template.
    pub name: String,
    /// What it is, for people; `None` for a name that only its author knows.
    pub label: Option<&'static str>,
    /// Does the text need it, or only the email?
    pub in_text: bool,
}

const GONE: DeskError = DeskError::NotFound("The canned response");

/// What one person has to do with canned responses.
pub(crate) struct Reach {
    user: UserId,
    role: Role,
    teams: Vec<TeamId>,
}

impl Reach {
    fn of(scope: &mut Scope<'_>, who: &Who) -> Result<Reach> {
        let memberships = scope.memberships()?;
        let teams = memberships.iter().filter(|(_, u)| *u == who.user).map(|(t, _)| *t).collect();
        Ok(Reach { user: who.user, role: who.role, teams })
    }

    /// May they use it, and is it in their list?
    fn sees(&self, row: &CannedRow) -> bool {
        let members = |team| self.teams.contains(&team);
        is_seen(row, self.user, self.role, members)
    }

    /// May they change it?
    fn manages(&self, row: &CannedRow) -> bool {
        self.sees(row) && (row.scope == Whose::Personal || may(self.role, Permission::ManageAnswers))
    }
}

/// May this person use it? `is_member` answers for the team that it is of.
pub(crate) fn is_seen(row: &CannedRow, user: UserId, role: Role, is_member: impl Fn(TeamId) -> bool) -> bool {
    let theirs = match row.scope {
        Whose::Workspace => true,
        Whose::Team => role.sees_everything() || row.team.is_some_and(is_member),
        Whose::Personal => row.user == Some(user),
    };
    theirs && may(role, Permission::Reply)
}

/// One that is not removed and that this person may use.
pub(crate) fn canned_view(scope: &mut Scope<'_>, who: &Who, id: CannedId) -> Result<CannedView> {
    let row = scope.canned_response(id)?.filter(|row| row.removed_at.is_none()).ok_or(GONE)?;
    if !Reach::of(scope, who)?.sees(&row) {
        return Err(GONE);
    }
    Ok(CannedView { files: scope.canned_files(id)?, row })
}

/// Notes that a message was made with one, and says what its entry keeps of that. Nothing of it may be left to fill in.
pub(crate) fn used(tx: &mut Tx<'_>, who: &Who, id: CannedId, text: &str) -> Result<serde_json::Value> {
    let found = match canned_view(tx, who, id) {
        Err(DeskError::NotFound(_)) => {
            let detail = "This canned response was removed. Check the text, and send it without.";
            return Err(DeskError::field("canned_response_id", "unknown", detail));
        }
        found => found?,
    };
    if let Ok(template) = Template::parse(&found.row.text) {
        for used in template.variables() {
            let place = format!("{{{{ {} }}}}", used.name);
            if text.contains(&place) {
                let detail = format!("Write something in place of {place}.");
                return Err(DeskError::field("text", "missing_value", detail));
            }
        }
    }
    tx.canned_response_used(id)?;
    Ok(serde_json::json!({ "canned_response": id }))
}

impl Desk {
    /// Those that this person may use: the workspace's, their teams' and their own; an admin's list has those of all teams.
    pub async fn canned_responses(&self, who: &Who) -> Result<AsOf<Vec<CannedView>>> {
        who.must(Permission::Reply)?;
        let asker = who.clone();
        self.inner
            .db
            .read(who.workspace, move |scope| {
                let reach = Reach::of(scope, &asker)?;
                let mut files: HashMap<CannedId, Vec<AttachmentRow>> = HashMap::new();
                for file in scope.all_canned_files()? {
                    if let Some(id) = file.canned {
                        files.entry(id).or_default().push(file);
                    }
                }
                let mut rows = scope.canned_responses(asker.user)?;
                rows.retain(|row| reach.sees(row));
                rows.sort_by_cached_key(|row| (row.name.to_lowercase(), row.id));
                let view = |row: CannedRow| CannedView { files: files.remove(&row.id).unwrap_or_default(), row };
                Ok(AsOf { seq: scope.seq()?, value: rows.into_iter().map(view).collect() })
            })
            .await
    }

    /// One of them.
    pub async fn canned_response(&self, who: &Who, id: CannedId) -> Result<AsOf<CannedView>> {
        who.must(Permission::Reply)?;
        let asker = who.clone();
        self.inner
            .db
            .read(who.workspace, move |scope| Ok(AsOf { seq: scope.seq()?, value: canned_view(scope, &asker, id)? }))
            .await
    }

    /// Writes a new one.
    pub async fn create_canned_response(
        &self,
        who: &Who,
        new: CannedIn,
        key: Option<RequestKey>,
    ) -> Result<CannedView> {
        who.must(if new.scope == Whose::Personal { Permission::Reply } else { Permission::ManageAnswers })?;
        let says = Says::checked(&new)?;
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                if let Some(id) = made_before(tx, key.as_ref())? {
                    return canned_view(tx, &who, id);
                }
                let now = tx.now();
                let row = CannedRow {
                    id: CannedId::new(now, &entropy()),
                    scope: new.scope,
                    team: team(tx, &who, &new)?,
                    user: (new.scope == Whose::Personal).then_some(who.user),
                    name: says.name,
                    shortcut: says.shortcut,
                    text: says.text,
                    subject: says.subject,
                    html: says.html,
                    uses: 0,
                    used_at: None,
                    created_by: Some(who.user),
                    created_at: now,
                    updated_at: now,
                    removed_at: None,
                };
                room(tx, &who, &row)?;
                free_shortcut(tx, &who, &row)?;
                tx.create_canned_response(&row)?;
                keep_files(tx, &who, row.id, &new.attachment_ids)?;
                tx.append(NewEvent::new(who.actor(), EventType::CannedResponseCreated).subject(row.id.uuid()))?;
                made(tx, key.as_ref(), row.id)?;
                canned_view(tx, &who, row.id)
            })
            .await
    }

    /// Changes what one says. Whose it is stays.
    pub async fn change_canned_response(&self, who: &Who, id: CannedId, patch: CannedPatch) -> Result<CannedView> {
        who.must(Permission::Reply)?;
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                let before = managed(tx, &who, id)?;
                let whole = CannedIn {
                    scope: before.row.scope,
                    team_id: before.row.team,
                    name: patch.name.unwrap_or_else(|| before.row.name.clone()),
                    shortcut: patch.shortcut.unwrap_or_else(|| Some(before.row.shortcut.clone())),
                    text: patch.text.unwrap_or_else(|| before.row.text.clone()),
                    subject: patch.subject.unwrap_or_else(|| before.row.subject.clone()),
                    html: patch.html.unwrap_or_else(|| before.row.html.clone()),
                    attachment_ids: Vec::new(),
                };
                let says = Says::checked(&whole)?;
                let mut changed = says.differs_from(&before.row);
                let row = CannedRow {
                    name: says.name,
                    shortcut: says.shortcut,
                    text: says.text,
                    subject: says.subject,
                    html: says.html,
                    updated_at: tx.now(),
                    ..before.row
                };
                if changed.contains(&"shortcut") {
                    free_shortcut(tx, &who, &row)?;
                }
                if let Some(wanted) = &patch.attachment_ids
                    && !before.files.iter().map(|f| f.id).eq(wanted.iter().copied())
                {
                    keep_files(tx, &who, id, wanted)?;
                    changed.push("attachments");
                }
                if !changed.is_empty() {
                    tx.set_canned_response(&row)?;
                    let event = NewEvent::new(who.actor(), EventType::CannedResponseUpdated).subject(id.uuid());
                    tx.append(event.changed(changed))?;
                }
                canned_view(tx, &who, id)
            })
            .await
    }

    /// Removes one. Messages that were made with it stay as they are.
    pub async fn remove_canned_response(&self, who: &Who, id: CannedId) -> Result<()> {
        who.must(Permission::Reply)?;
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                let before = managed(tx, &who, id)?;
                for file in &before.files {
                    tx.let_canned_file_go(file.id)?;
                }
                let now = tx.now();
                tx.set_canned_response(&CannedRow { removed_at: Some(now), ..before.row })?;
                tx.append(NewEvent::new(who.actor(), EventType::CannedResponseRemoved).subject(id.uuid()))?;
                Ok(())
            })
            .await
    }

    /// Fills one in. Sends nothing and counts nothing. Where its files are taken, each time makes new copies, which go like
    /// any upload that no message uses.
    pub async fn render_canned_response(&self, who: &Who, id: CannedId, asked: RenderIn) -> Result<Rendered> {
        who.must(Permission::Reply)?;
        let who = who.clone();
        let fill = move |scope: &mut Scope<'_>, who: &Who| {
            let found = canned_view(scope, who, id)?;
            let mut values = known_values(scope, who, &asked.whom)?;
            said(&mut values, &asked.values)?;
            Ok(rendered(&found.row, &values, found.files))
        };
        if !asked.take_files {
            return self.inner.db.read(who.workspace, move |scope| fill(scope, &who)).await;
        }
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                let mut rendered = fill(tx, &who)?;
                if !rendered.missing.iter().any(|m| m.in_text) {
                    rendered.files = copies(tx, &who, rendered.files)?;
                }
                Ok(rendered)
            })
            .await
    }

    /// Fills in what is not saved yet.
    pub async fn preview_canned_response(&self, who: &Who, asked: PreviewIn) -> Result<Rendered> {
        who.must(Permission::Reply)?;
        let template = template("text", &asked.text, TEXT_MAX).map_err(|p| DeskError::Invalid(vec![p]))?;
        let who = who.clone();
        self.inner
            .db
            .read(who.workspace, move |scope| {
                let values = known_values(scope, &who, &asked.whom)?;
                let filled = template.render(&values);
                Ok(Rendered {
                    warnings: warnings(&asked.text),
                    text: filled.text,
                    subject: None,
                    html: None,
                    missing: asked_for(&filled.missing, true).collect(),
                    files: Vec::new(),
                })
            })
            .await
    }
}

/// One that this person may change.
fn managed(tx: &mut Tx<'_>, who: &Who, id: CannedId) -> Result<CannedView> {
    let found = canned_view(tx, who, id)?;
    if !Reach::of(tx, who)?.manages(&found.row) {
        return Err(DeskError::Forbidden(Permission::ManageAnswers));
    }
    Ok(found)
}

/// What one says, checked.
struct Says {
    name: String,
    shortcut: String,
    text: String,
    subject: Option<String>,
    html: Option<String>,
}

impl Says {
    fn checked(new: &CannedIn) -> Result<Says> {
        let mut problems = Vec::new();
        let name = named("name", &new.name).map_err(|p| problems.push(p)).unwrap_or_default();
        if name.chars().count() > NAME_MAX {
            problems.push(problem("name", "too_long", format!("Shorten the name to {NAME_MAX} characters.")));
        }
        let shortcut = shortcut(new.shortcut.as_deref().unwrap_or_default()).unwrap_or_else(|bad| {
            let code = if bad == BadShortcut::TooLong { "too_long" } else { "malformed" };
            problems.push(problem("shortcut", code, bad.to_string()));
            None
        });
        if new.text.trim().is_empty() {
            problems.push(problem("text", "required", "Write the text."));
        }
        problems.extend(template("text", &new.text, TEXT_MAX).err());
        let subject = new.subject.as_deref().map(str::trim).filter(|s| !s.is_empty());
        problems.extend(subject.and_then(|s| template("subject", s, SUBJECT_MAX).err()));
        let html = new.html.as_deref().filter(|h| !h.trim().is_empty());
        problems.extend(html.and_then(|h| template("html", h, HTML_MAX).err()));
        if let Some(found) = html.and_then(active_content) {
            let detail = format!("Leave out {found}: nothing that runs can stand in an email.");
            problems.push(problem("html", "active_content", detail));
        }
        if !problems.is_empty() {
            return Err(DeskError::Invalid(problems));
        }
        Ok(Says {
            name,
            shortcut: shortcut.unwrap_or_default(),
            text: new.text.clone(),
            subject: subject.map(str::to_owned),
            html: html.map(str::to_owned),
        })
    }

    /// The names of the fields in which it is another.
    fn differs_from(&self, row: &CannedRow) -> Vec<&'static str> {
        let differs = [
            ("name", self.name != row.name),
            ("shortcut", self.shortcut != row.shortcut),
            ("text", self.text != row.text),
            ("subject", self.subject != row.subject),
            ("html", self.html != row.html),
        ];
        differs.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
    }
}

fn problem(field: &str, code: &'static str, detail: impl Into<String>) -> FieldProblem {
    FieldProblem { field: field.to_owned(), code, detail: detail.into() }
}

fn template(field: &str, text: &str, max: usize) -> Result<Template, FieldProblem> {
    if text.chars().count() > max {
        return Err(problem(field, "too_long", format!("Shorten it to {max} characters.")));
    }
    Template::parse(text).map_err(|error| problem(field, "malformed_template", error.to_string()))
}

/// The team of a new one: one of its author's, or any for who manages all.
fn team(tx: &mut Tx<'_>, who: &Who, new: &CannedIn) -> Result<Option<TeamId>> {
    match (new.scope, new.team_id) {
        (Whose::Team, Some(team)) => {
            let is_there = tx.team(team)?.is_some();
            let theirs = who.role.sees_everything() || Reach::of(tx, who)?.teams.contains(&team);
            if is_there && theirs {
                return Ok(Some(team));
            }
            Err(DeskError::field("team_id", "unknown", "Choose one of your teams."))
        }
        (Whose::Team, None) => Err(DeskError::field("team_id", "required", "Say which team's it is.")),
        (_, Some(_)) => Err(DeskError::field("team_id", "not_a_team_s", "Only with the scope team.")),
        (_, None) => Ok(None),
    }
}

/// Is there room for one more?
fn room(tx: &mut Tx<'_>, who: &Who, new: &CannedRow) -> Result<()> {
    let personal = new.scope == Whose::Personal;
    let count = tx.canned_responses(who.user)?.iter().filter(|row| (row.scope == Whose::Personal) == personal).count();
    let max = if personal { PERSONAL_MAX } else { SHARED_MAX };
    if count < max {
        return Ok(());
    }
    let whose = if personal { "You have" } else { "The workspace has" };
    Err(DeskError::refused("too_many_canned_responses", format!("{whose} {max} already. Remove one that is not used.")))
}

/// Nobody meets two with the same shortcut: everybody meets the workspace's, and who is in two teams those of both.
///
/// The author of a shared one is not told of somebody else's personal one, which nobody may know of: its owner then meets both.
fn free_shortcut(tx: &mut Tx<'_>, who: &Who, new: &CannedRow) -> Result<()> {
    if new.shortcut.is_empty() {
        return Ok(());
    }
    let memberships = tx.memberships()?;
    let is_in = |team: TeamId, user: UserId| memberships.contains(&(team, user));
    let share_somebody = |a: TeamId, b: TeamId| memberships.iter().any(|(team, user)| *team == a && is_in(b, *user));
    let meets = |other: &CannedRow| match (new.team, other.team, new.user) {
        (None, Some(team), Some(user)) => is_in(team, user),
        (Some(a), Some(b), _) => a == b || share_somebody(a, b),
        _ => true,
    };
    let rows = tx.canned_responses(who.user)?;
    let taken = rows.iter().find(|row| row.id != new.id && row.shortcut == new.shortcut && meets(row));
    let Some(taken) = taken else { return Ok(()) };
    let whose = match (taken.scope, taken.team == new.team) {
        (Whose::Workspace, _) => "the workspace’s",
        (Whose::Personal, _) => "your own",
        (Whose::Team, true) => "this team’s",
        (Whose::Team, false) => "a team’s that shares people with it",
    };
    let detail = format!("“/{}” is taken already, by one of {whose} canned responses.", new.shortcut);
    Err(DeskError::field("shortcut", "taken", detail))
}

/// Gives it exactly these files: those that it has, and uploads of this person.
fn keep_files(tx: &mut Tx<'_>, who: &Who, id: CannedId, wanted: &[FileId]) -> Result<()> {
    if wanted.len() > FILES_MAX {
        return Err(DeskError::field("attachment_ids", "too_many", format!("At most {FILES_MAX} files.")));
    }
    for gone in tx.canned_files(id)?.iter().filter(|file| !wanted.contains(&file.id)) {
        tx.let_canned_file_go(gone.id)?;
    }
    for (position, file) in (0i64..).zip(wanted) {
        let known = tx.attachment(*file)?.filter(|f| {
            let is_free = f.canned.is_none() && f.draft.is_none() && f.uploaded_by == Some(who.user);
            f.seq.is_none() && f.state == "ready" && (f.canned == Some(id) || is_free)
        });
        if known.is_none() || !tx.keep_canned_file(*file, id, position)? {
            let detail = "One of the files is not here. Upload it again.";
            return Err(DeskError::field("attachment_ids", "unknown", detail));
        }
    }
    Ok(())
}

/// Uploads of this person with the same bytes, which a message can take.
fn copies(tx: &mut Tx<'_>, who: &Who, files: Vec<AttachmentRow>) -> Result<Vec<AttachmentRow>> {
    let now = tx.now();
    files
        .into_iter()
        .map(|file| {
            let copy = AttachmentRow {
                id: FileId::new(now, &entropy()),
                uploaded_by: Some(who.user),
                canned: None,
                draft: None,
                created_at: now,
                ..file
            };
            tx.create_attachment(&copy)?;
            Ok(copy)
        })
        .collect()
}

/// What the inbox knows when one is used.
fn known_values(scope: &mut Scope<'_>, who: &Who, whom: &ForWhom) -> Result<Values> {
    let workspace = scope.workspace_row()?;
    let settings: WorkspaceSettings = settings::parse(&workspace.settings);
    let known = match whom {
        ForWhom::Conversation(id) => {
            see(scope, who, *id)?;
            let row = scope.listed(who.user, *id)?.ok_or(DeskError::NotFound("The conversation"))?;
            (row.contact_name, Some(row.address), row.team, row.subject)
        }
        ForWhom::Contact { name, number, channel } => {
            bounded("contact.name", name.as_deref())?;
            bounded("contact.number", number.as_deref())?;
            let team = match channel {
                Some(id) => scope.channel(*id)?.filter(|c| c.removed_at.is_none()).and_then(|c| c.team),
                None => None,
            };
            (name.clone(), number.clone(), team, None)
        }
    };
    let (name, number, team, subject) = known;
    let mut values = Values::default();
    let mut set = |variable: Variable, value: Option<String>| {
        if let Some(value) = value {
            values.set(variable.as_str(), value.chars().take(VALUE_MAX).collect::<String>());
        }
    };
    let pretty = |number: String| {
        PhoneNumber::parse(&number, Some(&settings.region)).map_or(number, |n| n.pretty(Some(&settings.region)))
    };
    set(Variable::ContactFirstName, name.as_deref().and_then(first_name).map(str::to_owned));
    set(Variable::ContactName, name);
    set(Variable::ContactNumber, number.map(pretty));
    set(Variable::AgentFirstName, first_name(&who.name).map(str::to_owned));
    set(Variable::AgentName, Some(who.name.clone()));
    let mine = scope.user(who.user)?.map(|user| settings::parse::<UserSettings>(&user.settings));
    set(Variable::AgentSignature, mine.and_then(|mine| mine.signature));
    set(Variable::WorkspaceName, Some(workspace.name));
    set(Variable::ConversationSubject, subject);
    if let Some(team) = team {
        set(Variable::TeamName, scope.team(team)?.map(|team| team.name));
    }
    Ok(values)
}

/// Sets what a person wrote.
fn said(values: &mut Values, written: &HashMap<String, String>) -> Result<()> {
    if written.len() > MAX_PLACEHOLDERS {
        return Err(DeskError::field("values", "too_many", format!("At most {MAX_PLACEHOLDERS} values.")));
    }
    for (name, value) in written {
        bounded(&format!("values.{name}"), Some(value))?;
        values.set(name, value.trim());
    }
    Ok(())
}

fn bounded(field: &str, value: Option<&str>) -> Result<()> {
    if value.is_some_and(|value| value.chars().count() > VALUE_MAX) {
        return Err(DeskError::field(field, "too_long", format!("Shorten it to {VALUE_MAX} characters.")));
    }
    Ok(())
}

fn rendered(row: &CannedRow, values: &Values, files: Vec<AttachmentRow>) -> Rendered {
    // what is stored was parsed before; a rule that has changed since leaves it as it was written
    let fill = |text: &str, html: bool| match Template::parse(text) {
        Ok(template) if html => template.render_html(values),
        Ok(template) => template.render(values),
        Err(_) => partyline_core::template::Rendered { text: text.to_owned(), missing: Vec::new() },
    };
    let text = fill(&row.text, false);
    let subject = row.subject.as_deref().map(|subject| fill(subject, false));
    let html = row.html.as_deref().map(|html| fill(html, true));
    let mut missing: Vec<Asked> = asked_for(&text.missing, true).collect();
    for part in [&subject, &html].into_iter().flatten() {
        let more: Vec<Asked> =
            asked_for(&part.missing, false).filter(|m| missing.iter().all(|known| known.name != m.name)).collect();
        missing.extend(more);
    }
    Rendered {
        warnings: warnings(&text.text),
        missing,
        text: text.text,
        subject: subject.map(|part| part.text),
        html: html.map(|part| part.text),
        files,
    }
}

fn asked_for(missing: &[Missing], in_text: bool) -> impl Iterator<Item = Asked> + '_ {
    missing.iter().map(move |m| Asked { name: m.name.clone(), label: m.label, in_text })
}
