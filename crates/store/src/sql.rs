//! SQL texts: one for both engines, each known by name, so that a test can prepare every one of them on both.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

/// A statement. Made by [`queries!`] alone, or by [`assembled`] for lists whose number of arms varies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sql {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
    /// The text for PostgreSQL where the two can't be the same (job claim).
    pub(crate) postgres: Option<&'static str>,
}

impl Sql {
    #[doc(hidden)]
    #[must_use]
    pub const fn declared(name: &'static str, text: &'static str) -> Sql {
        Sql { name, text, postgres: None }
    }

    pub(crate) const fn differs(name: &'static str, sqlite: &'static str, postgres: &'static str) -> Sql {
        Sql { name, text: sqlite, postgres: Some(postgres) }
    }
}

/// Declares the statements of a module, and lists them for the test that prepares them all.
macro_rules! queries {
    ($($name:ident = $text:expr;)+) => {
        $(const $name: $crate::sql::Sql = $crate::sql::Sql::declared(concat!(module_path!(), "::", stringify!($name)), $text);)+
        /// Every statement of this module.
        pub(crate) const QUERIES: &[$crate::sql::Sql] = &[$($name),+];
    };
}
pub(crate) use queries;

/// Texts that were put together at run time, kept for ever: a few dozen, bounded by the callers' keys.
static ASSEMBLED: LazyLock<Mutex<HashMap<String, &'static str>>> = LazyLock::new(Mutex::default);

/// A statement put together from constant parts, by a key that says which parts. The text of a key is made once.
pub(crate) fn assembled(key: &str, text: impl FnOnce() -> String) -> Sql {
    let mut known = ASSEMBLED.lock().unwrap_or_else(PoisonError::into_inner);
    let text = match known.get(key) {
        Some(text) => text,
        None => {
            let text: &'static str = Box::leak(text().into_boxed_str());
            known.insert(key.to_owned(), text);
            text
        }
    };
    Sql { name: "assembled", text, postgres: None }
}
