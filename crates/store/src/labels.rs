//! Labels, and which conversations have them.
//!
//! A conversation that has `a/b` has `a` too, implied, so that the list of a label is one range whatever is below it. Each row copies
//! the keys that lists are sorted by; [`crate::conversations`] writes them.

use partyline_core::id::{ConversationId, LabelId};
use partyline_core::label::{Colour, LabelName};
use partyline_core::time::Millis;

use crate::conversations::Held;
use crate::error::{Result, StoreError};
use crate::scope::{Scope, Tx};
use crate::sql::queries;
use crate::value::{FromRow, Row, row, values};

queries! {
    LABELS = "SELECT id, name, colour, created_at, removed_at FROM labels WHERE workspace = $1 ORDER BY name, id";
    LABEL = "SELECT id, name, colour, created_at, removed_at FROM labels WHERE workspace = $1 AND id = $2";
    CREATE = "INSERT INTO labels (workspace, id, name, colour, created_at) VALUES ($1, $2, $3, $4, $5)";
    SET = "UPDATE labels SET name = $3, colour = $4, removed_at = $5 WHERE workspace = $1 AND id = $2";
    OF_ONE = "SELECT label_id, implied FROM conversation_labels WHERE workspace = $1 AND conversation_id = $2 ORDER BY label_id";
    PUT = "INSERT INTO conversation_labels (workspace, conversation_id, label_id, implied, team_id, status, last_activity_at, waiting_order) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (workspace, conversation_id, label_id) DO UPDATE SET implied = excluded.implied, team_id = excluded.team_id, status = excluded.status, last_activity_at = excluded.last_activity_at, waiting_order = excluded.waiting_order";
    MOVE = "UPDATE conversation_labels SET team_id = $3, status = $4, last_activity_at = $5, waiting_order = $6 WHERE workspace = $1 AND conversation_id = $2";
    TOUCH = "UPDATE conversation_labels SET last_activity_at = $3 WHERE workspace = $1 AND conversation_id = $2";
    TAKE_OFF = "DELETE FROM conversation_labels WHERE workspace = $1 AND conversation_id = $2 AND label_id = $3";
}

/// A label of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelRow {
    /// Its id.
    pub id: LabelId,
    /// What it is called, with all that is above it.
    pub name: LabelName,
    /// Its colour.
    pub colour: Colour,
    /// When it was made.
    pub created_at: Millis,
    /// When it was removed. It stays on the conversations that had it, and is shown nowhere.
    pub removed_at: Option<Millis>,
}

impl FromRow for LabelRow {
    fn from_row(row: &mut Row) -> Result<Self> {
        let name = |text: String| {
            LabelName::parse(&text).map_err(|_| StoreError::Corrupt(format!("{text:?} is no name of a label")))
        };
        Ok(LabelRow {
            id: row.get()?,
            name: row.get().and_then(name)?,
            colour: row.get()?,
            created_at: row.get()?,
            removed_at: row.get()?,
        })
    }
}

row! {
    /// A label of one conversation.
    #[derive(PartialEq, Eq)]
    pub struct HeldLabel {
        /// Which.
        pub label: LabelId,
        /// Nobody put it there: one below it was.
        pub implied: bool,
    }
}

/// What a conversation has when people put these labels on it: them, and all that are above those that are still there; in order of id.
#[must_use]
pub fn with_those_above(all: &[LabelRow], wanted: &[LabelId]) -> Vec<HeldLabel> {
    let named = |name: &LabelName| all.iter().find(|l| l.removed_at.is_none() && l.name == *name).map(|l| l.id);
    let mut held: Vec<HeldLabel> = wanted.iter().map(|label| HeldLabel { label: *label, implied: false }).collect();
    for row in all.iter().filter(|row| row.removed_at.is_none() && wanted.contains(&row.id)) {
        held.extend(row.name.above().iter().filter_map(named).map(|label| HeldLabel { label, implied: true }));
    }
    held.sort_by_key(|l| (l.label, l.implied));
    held.dedup_by_key(|l| l.label);
    held
}

impl Scope<'_> {
    /// All labels, removed ones too, by name.
    pub fn labels(&mut self) -> Result<Vec<LabelRow>> {
        self.rows(LABELS, &[])
    }

    /// One label.
    pub fn label(&mut self, id: LabelId) -> Result<Option<LabelRow>> {
        self.row(LABEL, values![id])
    }

    /// The labels of a conversation, implied and removed ones too, in order of id.
    pub fn labels_of(&mut self, id: ConversationId) -> Result<Vec<HeldLabel>> {
        self.rows(OF_ONE, values![id])
    }
}

impl Tx<'_> {
    /// Adds a label.
    pub fn create_label(&mut self, id: LabelId, name: &LabelName, colour: Colour) -> Result<()> {
        let now = self.now();
        self.write(CREATE, values![id, name.as_str(), colour.as_str(), now])
    }

    /// Writes a label's name, colour, and whether it is removed.
    pub fn set_label(&mut self, label: &LabelRow) -> Result<()> {
        self.write(SET, values![label.id, label.name.as_str(), label.colour.as_str(), label.removed_at])
    }

    /// Writes a conversation's labels, and the keys that they copy.
    pub(crate) fn place_labels(&mut self, before: &Held, after: &Held, moved: bool) -> Result<()> {
        let row = &after.row;
        let stays = |held: &Held| (held.row.team, held.row.status, held.row.waiting_since);
        let had = !before.labels.is_empty();
        if had && stays(before) != stays(after) {
            let waiting = row.waiting_order();
            self.write(MOVE, values![row.id, row.team, row.status, row.last_activity_at, waiting])?;
        } else if had && moved {
            self.write(TOUCH, values![row.id, row.last_activity_at])?;
        }
        if before.labels == after.labels {
            return Ok(());
        }
        for gone in before.labels.iter().filter(|was| after.labels.iter().all(|is| is.label != was.label)) {
            self.write(TAKE_OFF, values![row.id, gone.label])?;
        }
        for new in after.labels.iter().filter(|is| !before.labels.contains(is)) {
            self.write(PUT, &after.label_copies(new))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_above_a_label_is_implied_once_and_never_hides_what_was_put_there() {
        let row = |n: u8, name: &str, removed: bool| LabelRow {
            id: LabelId::new(Millis(1_800_000_000_000 + i64::from(n)), &[n; 10]),
            name: LabelName::parse(name).expect("a name"),
            colour: Colour::Red,
            created_at: Millis(0),
            removed_at: removed.then_some(Millis(1)),
        };
        let all =
            [row(1, "a", false), row(2, "a/b", false), row(3, "a/b/c", false), row(4, "a/d", false), row(5, "A", true)];
        let held = |wanted: &[usize]| {
            let wanted: Vec<LabelId> = wanted.iter().map(|n| all[*n].id).collect();
            with_those_above(&all, &wanted)
                .into_iter()
                .map(|h| (all.iter().position(|l| l.id == h.label).expect("known"), h.implied))
                .collect::<Vec<_>>()
        };
        assert_eq!(held(&[2]), [(0, true), (1, true), (2, false)]);
        assert_eq!(held(&[3, 2]), [(0, true), (1, true), (2, false), (3, false)]);
        assert_eq!(held(&[0, 2, 2]), [(0, false), (1, true), (2, false)]);
        assert_eq!(held(&[]), []);
    }
}
