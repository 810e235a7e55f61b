//! Lines of a timeline: what happened, with ids inside that are shown as names.

use std::collections::HashMap;

use partyline_core::conversation::EntryId;
use partyline_core::event::{Actor, EventType};
use partyline_core::id::{ConversationId, TeamId, UserId};
use partyline_store::entries::NewEntry;
use partyline_store::scope::Appended;
use partyline_store::{NewEvent, Scope, StoreError, Tx};
use serde_json::{Value, json};

/// Names of people, teams and labels, for the ids in entries.
#[derive(Debug, Default)]
pub(crate) struct Names {
    known: HashMap<String, String>,
}

impl Names {
    pub(crate) fn load(scope: &mut Scope<'_>) -> Result<Names, StoreError> {
        let mut known = HashMap::new();
        for user in scope.users()? {
            known.insert(user.id.to_string(), user.name);
        }
        for team in scope.teams()? {
            known.insert(team.id.to_string(), team.name);
        }
        for label in scope.labels()? {
            known.insert(label.id.to_string(), label.name.to_string());
        }
        Ok(Names { known })
    }

    /// The data of an entry, with the ids of people, teams and labels as `{id, name}`.
    pub(crate) fn resolve(&self, json: &str) -> Value {
        let mut data: Value = serde_json::from_str(json).unwrap_or(Value::Null);
        for field in ["assignees", "had", "mentions", "team", "added", "removed", "edited_by"] {
            if let Some(value) = data.get_mut(field) {
                *value = self.named(value.take());
            }
        }
        data
    }

    fn named(&self, value: Value) -> Value {
        match value {
            Value::String(id) => json!({ "name": self.known.get(&id), "id": id }),
            Value::Array(ids) => Value::Array(ids.into_iter().map(|id| self.named(id)).collect()),
            other => other,
        }
    }
}

/// Appends an event and shows it on the conversation's timeline, in one line.
pub(crate) fn line(
    tx: &mut Tx<'_>,
    actor: Actor,
    kind: EventType,
    conversation: ConversationId,
    changed: &[&str],
    data: Value,
) -> Result<Appended, StoreError> {
    let appended = tx.append(
        NewEvent::new(actor, kind)
            .conversation(conversation)
            .subject(conversation.uuid())
            .changed(changed.iter().copied()),
    )?;
    let mut data = data;
    if let Value::Object(fields) = &mut data {
        fields.insert("event".to_owned(), Value::from(kind.as_str()));
    }
    let now = tx.now();
    tx.insert_entry(NewEntry {
        seq: appended.seq,
        id: EntryId::Event(appended.id),
        conversation,
        at: now,
        direction: None,
        channel: None,
        address: None,
        author_kind: actor.kind(),
        author: actor.uuid(),
        text: None,
        provider_key: None,
        late: false,
        data: Some(data),
    })?;
    Ok(appended)
}

/// `{"assignees": [ids]}`.
pub(crate) fn assignees(users: &[UserId]) -> Value {
    json!({ "assignees": users })
}

/// `{"team": id}`.
pub(crate) fn team(team: Option<TeamId>) -> Value {
    json!({ "team": team })
}
