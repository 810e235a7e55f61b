//! Labels of the workspace: made, renamed, coloured, removed. Putting them on conversations is triage.

use partyline_core::event::EventType;
use partyline_core::id::LabelId;
use partyline_core::label::{BadName, Colour, LABELS_MAX, LabelName};
use partyline_core::permission::Permission;
pub use partyline_store::labels::LabelRow;
use partyline_store::scope::entropy;
use partyline_store::{NewEvent, Scope, Tx};

use crate::error::{DeskError, Result};
use crate::idempotent::{RequestKey, made, made_before};
use crate::view::AsOf;
use crate::{Desk, Who};

/// A new label.
#[derive(Debug, Clone)]
pub struct LabelIn {
    /// What it is called, with all that is above it: `Home/Repairs/Leak`.
    pub name: String,
    /// Its colour.
    pub colour: Colour,
}

/// What changes of a label.
#[derive(Debug, Clone, Default)]
pub struct LabelPatch {
    /// Its own name, without what is above it: a label stays where it is.
    pub own_name: Option<String>,
    /// Its colour.
    pub colour: Option<Colour>,
}

const NO_LABEL: DeskError = DeskError::NotFound("The label");

/// A label that is not removed.
pub(crate) fn label_row(scope: &mut Scope<'_>, id: LabelId) -> Result<LabelRow> {
    scope.label(id)?.filter(|label| label.removed_at.is_none()).ok_or(NO_LABEL)
}

/// All that are not removed, by name.
fn live(scope: &mut Scope<'_>) -> Result<Vec<LabelRow>> {
    let mut labels = scope.labels()?;
    labels.retain(|label| label.removed_at.is_none());
    Ok(labels)
}

fn bad_name(problem: BadName) -> DeskError {
    let code = match problem {
        BadName::Empty => "required",
        BadName::TooLong => "too_long",
        BadName::TooDeep => "too_deep",
    };
    DeskError::field("name", code, problem.to_string())
}

fn taken() -> DeskError {
    DeskError::field("name", "taken", "There is a label with this name.")
}

impl Desk {
    /// All labels, by name.
    pub async fn labels(&self, who: &Who) -> Result<AsOf<Vec<LabelRow>>> {
        who.must(Permission::Read)?;
        self.inner.db.read(who.workspace, |scope| Ok(AsOf { seq: scope.seq()?, value: live(scope)? })).await
    }

    /// One label.
    pub async fn label(&self, who: &Who, id: LabelId) -> Result<AsOf<LabelRow>> {
        who.must(Permission::Read)?;
        self.inner
            .db
            .read(who.workspace, move |scope| Ok(AsOf { seq: scope.seq()?, value: label_row(scope, id)? }))
            .await
    }

    /// Makes a label. What is above it in its name and is not there yet is made too, in the same colour.
    pub async fn create_label(&self, who: &Who, new: LabelIn, key: Option<RequestKey>) -> Result<LabelRow> {
        who.must(Permission::ManageLabels)?;
        let name = LabelName::parse(&new.name).map_err(bad_name)?;
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                if let Some(id) = made_before(tx, key.as_ref())? {
                    return label_row(tx, id);
                }
                let labels = live(tx)?;
                if labels.iter().any(|label| label.name == name) {
                    return Err(taken());
                }
                let missing: Vec<LabelName> =
                    name.above().into_iter().filter(|above| labels.iter().all(|label| label.name != *above)).collect();
                if labels.len() + missing.len() >= LABELS_MAX {
                    let detail = format!("A workspace has at most {LABELS_MAX} labels. Remove one that is not used.");
                    return Err(DeskError::refused("too_many_labels", detail));
                }
                for above in &missing {
                    create(tx, &who, above, new.colour)?;
                }
                // written as those above it are
                let name = match name.parent().and_then(|p| labels.iter().find(|label| label.name == p)) {
                    Some(parent) => name.moved(&parent.name, &parent.name),
                    None => name,
                };
                let id = create(tx, &who, &name, new.colour)?;
                made(tx, key.as_ref(), id)?;
                label_row(tx, id)
            })
            .await
    }

    /// Renames or colours a label. Those below it move along.
    pub async fn change_label(&self, who: &Who, id: LabelId, patch: LabelPatch) -> Result<LabelRow> {
        who.must(Permission::ManageLabels)?;
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                let mut row = label_row(tx, id)?;
                let mut changed = Vec::new();
                if let Some(own) = &patch.own_name {
                    let name = renamed(&row.name, own)?;
                    if name.as_str() != row.name.as_str() {
                        let labels = live(tx)?;
                        if labels.iter().any(|label| label.id != id && label.name == name) {
                            return Err(taken());
                        }
                        for below in labels.iter().filter(|label| label.name.is_below(&row.name)) {
                            let moved = LabelRow { name: below.name.moved(&row.name, &name), ..below.clone() };
                            set(tx, &who, &moved, &["name"])?;
                        }
                        row.name = name;
                        changed.push("name");
                    }
                }
                if let Some(colour) = patch.colour.filter(|colour| *colour != row.colour) {
                    row.colour = colour;
                    changed.push("colour");
                }
                if !changed.is_empty() {
                    set(tx, &who, &row, &changed)?;
                }
                Ok(row)
            })
            .await
    }

    /// Removes a label and those below it: nobody is offered them, and no conversation shows them any more.
    pub async fn remove_label(&self, who: &Who, id: LabelId) -> Result<()> {
        who.must(Permission::ManageLabels)?;
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                let row = label_row(tx, id)?;
                let now = tx.now();
                for label in live(tx)?.into_iter().filter(|label| label.id == id || label.name.is_below(&row.name)) {
                    let gone = LabelRow { removed_at: Some(now), ..label };
                    tx.set_label(&gone)?;
                    tx.append(NewEvent::new(who.actor(), EventType::LabelRemoved).subject(gone.id.uuid()))?;
                }
                Ok(())
            })
            .await
    }
}

/// Another name at the same place.
fn renamed(name: &LabelName, own: &str) -> Result<LabelName> {
    if own.contains('/') {
        let detail = "Leave the slash out: a label stays where it is. To have it elsewhere, make one there.";
        return Err(DeskError::field("name", "not_here", detail));
    }
    let own = LabelName::parse(own).map_err(bad_name)?;
    match name.parent() {
        Some(parent) => LabelName::parse(&format!("{parent}/{own}")).map_err(bad_name),
        None => Ok(own),
    }
}

fn create(tx: &mut Tx<'_>, who: &Who, name: &LabelName, colour: Colour) -> Result<LabelId> {
    let id = LabelId::new(tx.now(), &entropy());
    tx.create_label(id, name, colour)?;
    tx.append(NewEvent::new(who.actor(), EventType::LabelCreated).subject(id.uuid()))?;
    Ok(id)
}

fn set(tx: &mut Tx<'_>, who: &Who, label: &LabelRow, changed: &[&'static str]) -> Result<()> {
    tx.set_label(label)?;
    let event = NewEvent::new(who.actor(), EventType::LabelUpdated).subject(label.id.uuid());
    tx.append(event.changed(changed.iter().copied()))?;
    Ok(())
}
