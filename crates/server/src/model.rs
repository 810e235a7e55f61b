//! What goes in and out over HTTP, a file per resource. Rows of the database are never shown as they are.

pub mod bulk;
pub mod canned;
pub mod channel;
pub mod connection;
pub mod conversation;
pub mod draft;
pub mod entry;
pub mod event;
pub mod file;
pub mod held;
pub mod import;
pub mod invitation;
pub mod label;
pub mod mail;
pub mod me;
pub mod notification;
pub mod people;
pub mod push;
pub mod reset;
pub mod saved;
pub mod search;
pub mod setup;
pub mod sms;
pub mod words;

use serde::Serialize;
use utoipa::ToSchema;

/// A list, or one page of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub data: Vec<T>,
    /// Where the next page begins, for `?cursor=`; null at the end.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A list that is whole.
    pub fn whole<V: Into<T>>(rows: Vec<V>) -> Page<T> {
        Page { data: rows.into_iter().map(Into::into).collect(), next_cursor: None }
    }
}

/// Something with a name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
}

/// The word that a value of a foreign type is in JSON.
pub(crate) fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}
