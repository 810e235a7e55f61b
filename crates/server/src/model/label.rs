//! Labels.

use partyline_core::id::LabelId;
use partyline_core::label::Colour;
use partyline_core::time::Millis;
use partyline_desk::label::{self, LabelRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::words;

/// A label of the workspace.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Label)]
pub struct LabelOut {
    /// `label_…`
    #[schema(value_type = String)]
    pub id: LabelId,
    /// What it is called, with all that is above it: `Home/Repairs/Leak`.
    pub name: String,
    /// Its colour.
    #[schema(value_type = words::LabelColour)]
    pub colour: Colour,
    /// When it was made.
    #[schema(value_type = words::Time)]
    pub created_at: Millis,
}

impl From<LabelRow> for LabelOut {
    fn from(row: LabelRow) -> Self {
        LabelOut { id: row.id, name: row.name.to_string(), colour: row.colour, created_at: row.created_at }
    }
}

/// A new label.
#[derive(Debug, Deserialize, ToSchema)]
pub struct LabelIn {
    /// What it is called, with all that is above it: up to five parts of 40 characters with `/` between them. What is above it and
    /// not there yet is made too.
    pub name: String,
    /// Its colour.
    #[schema(value_type = words::LabelColour)]
    pub colour: Colour,
}

impl From<LabelIn> for label::LabelIn {
    fn from(new: LabelIn) -> Self {
        label::LabelIn { name: new.name, colour: new.colour }
    }
}

/// What changes of a label; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct LabelPatch {
    /// Its own name, without what is above it: it stays where it is, and what is below it moves along.
    pub name: Option<String>,
    /// Its colour.
    #[schema(value_type = Option<words::LabelColour>)]
    pub colour: Option<Colour>,
}

impl From<LabelPatch> for label::LabelPatch {
    fn from(patch: LabelPatch) -> Self {
        label::LabelPatch { own_name: patch.name, colour: patch.colour }
    }
}
