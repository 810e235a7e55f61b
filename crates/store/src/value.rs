//! Values on their way to and from a row. The only types that both engines share.

use partyline_core::id;
use partyline_core::time::Millis;
use uuid::Uuid;

use crate::error::{Result, StoreError};

/// One column of one row.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// Whole numbers, times (milliseconds), flags (0, 1).
    Int(i64),
    /// Text and JSON.
    Text(String),
    /// Bytes; on SQLite ids too.
    Bytes(Vec<u8>),
    /// An id.
    Id(Uuid),
}

macro_rules! into_value {
    ($($from:ty => |$x:ident| $to:expr;)*) => {$(
        impl From<$from> for Value {
            fn from($x: $from) -> Value { $to }
        }
    )*};
}

into_value! {
    i64 => |x| Value::Int(x);
    i32 => |x| Value::Int(i64::from(x));
    u32 => |x| Value::Int(i64::from(x));
    u16 => |x| Value::Int(i64::from(x));
    bool => |x| Value::Int(i64::from(x));
    Millis => |x| Value::Int(x.0);
    &str => |x| text(x.to_owned());
    String => |x| text(x);
    &String => |x| text(x.clone());
    Vec<u8> => |x| Value::Bytes(x);
    &[u8] => |x| Value::Bytes(x.to_vec());
    Uuid => |x| Value::Id(x);
}

/// PostgreSQL's text can't hold U+0000; what carries one is kept with a mark in its place, on both engines alike.
fn text(text: String) -> Value {
    Value::Text(if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text })
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(bytes: [u8; N]) -> Value {
        Value::Bytes(bytes.to_vec())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

/// A type that a column can be read as.
pub trait FromValue: Sized {
    /// Reads it, or says what was there instead.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the column holds something else.
    fn from_value(value: Value) -> Result<Self>;
}

fn unexpected<T>(value: &Value) -> Result<T> {
    let kind = match value {
        Value::Null => "null",
        Value::Int(_) => "a number",
        Value::Text(_) => "text",
        Value::Bytes(_) => "bytes",
        Value::Id(_) => "an id",
    };
    Err(StoreError::Corrupt(format!("{kind} where {} was expected", std::any::type_name::<T>())))
}

impl FromValue for i64 {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Int(x) => Ok(x),
            other => unexpected(&other),
        }
    }
}

impl FromValue for u32 {
    fn from_value(value: Value) -> Result<Self> {
        i64::from_value(value)?.try_into().map_err(|_| StoreError::Corrupt("a number out of range".into()))
    }
}

impl FromValue for bool {
    fn from_value(value: Value) -> Result<Self> {
        Ok(i64::from_value(value)? != 0)
    }
}

impl FromValue for Millis {
    fn from_value(value: Value) -> Result<Self> {
        i64::from_value(value).map(Millis)
    }
}

impl FromValue for String {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Text(x) => Ok(x),
            other => unexpected(&other),
        }
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Bytes(x) => Ok(x),
            other => unexpected(&other),
        }
    }
}

impl FromValue for Uuid {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Id(x) => Ok(x),
            Value::Bytes(x) => Uuid::from_slice(&x).map_err(|_| StoreError::Corrupt("an id of another length".into())),
            other => unexpected(&other),
        }
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Null => Ok(None),
            some => T::from_value(some).map(Some),
        }
    }
}

macro_rules! ids {
    ($($name:ident)*) => {$(
        impl From<id::$name> for Value {
            fn from(id: id::$name) -> Value { Value::Id(id.uuid()) }
        }
        impl FromValue for id::$name {
            fn from_value(value: Value) -> Result<Self> { Uuid::from_value(value).map(Self::from_uuid) }
        }
    )*};
}
ids! { AccountId WorkspaceId UserId TeamId ConnectionId ChannelId ContactId AddressId ConversationId MessageId NoteId CallId EventId FileId InboundId ImportId LabelId InvitationId BulkId CannedId DraftId SavedSearchId MailId }

/// A column that holds one of core's words.
macro_rules! words {
    ($($name:ty)*) => {$(
        impl From<$name> for Value {
            fn from(word: $name) -> Value { Value::Text(word.as_str().to_owned()) }
        }
        impl FromValue for $name {
            fn from_value(value: Value) -> Result<Self> {
                let word = String::from_value(value)?;
                word.parse().map_err(|_| StoreError::Corrupt(format!("{word:?} is no {}", stringify!($name))))
            }
        }
    )*};
}
words! {
    partyline_core::conversation::Status
    partyline_core::delivery::DeliveryStatus
    partyline_core::permission::Role
    partyline_core::event::EventType
    partyline_core::event::ActorKind
    partyline_core::consent::ConsentState
    partyline_core::consent::Purpose
    partyline_core::consent::Class
    partyline_core::held::HeldReason
    partyline_core::held::HeldState
    partyline_core::label::Colour
    partyline_core::canned::Scope
    partyline_core::notification::Kind
}

/// One row, read column by column in the order of the SELECT.
#[derive(Debug)]
pub struct Row {
    columns: std::vec::IntoIter<Value>,
}

impl Row {
    pub(crate) fn new(columns: Vec<Value>) -> Row {
        Row { columns: columns.into_iter() }
    }

    /// All columns that are left.
    pub(crate) fn rest(&mut self) -> Vec<Value> {
        self.columns.by_ref().collect()
    }

    /// The next column.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it holds something else, or there is none.
    pub fn get<T: FromValue>(&mut self) -> Result<T> {
        let value = self.columns.next().ok_or_else(|| StoreError::Corrupt("a column too few".into()))?;
        T::from_value(value)
    }
}

/// A type that a whole row can be read as.
pub trait FromRow: Sized {
    /// Reads the columns in order.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when a column holds something else.
    fn from_row(row: &mut Row) -> Result<Self>;
}

impl<T: FromValue> FromRow for (T,) {
    fn from_row(row: &mut Row) -> Result<Self> {
        Ok((row.get()?,))
    }
}

macro_rules! tuples {
    ($($t:ident)+) => {
        impl<$($t: FromValue),+> FromRow for ($($t,)+) {
            fn from_row(row: &mut Row) -> Result<Self> {
                Ok(($(row.get::<$t>()?,)+))
            }
        }
    };
}
tuples! { A B }
tuples! { A B C }
tuples! { A B C D }
tuples! { A B C D E }
tuples! { A B C D E F }
tuples! { A B C D E F G }

/// Declares a row: its fields in the order of the SELECT.
macro_rules! row {
    ($(#[$doc:meta])* pub struct $name:ident { $($(#[$fdoc:meta])* pub $field:ident: $type:ty,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name { $($(#[$fdoc])* pub $field: $type,)+ }

        impl $crate::value::FromRow for $name {
            fn from_row(row: &mut $crate::value::Row) -> $crate::error::Result<Self> {
                Ok(Self { $($field: row.get()?,)+ })
            }
        }
    };
}
pub(crate) use row;

/// Parameters of a statement, in order.
macro_rules! values {
    ($($x:expr),* $(,)?) => { &[$($crate::value::Value::from($x)),*] };
}
pub(crate) use values;
