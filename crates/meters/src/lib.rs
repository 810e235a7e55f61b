//! What a running server counts and times, for Prometheus. Every figure stands in [`figures`], with its name and its labels.
//!
//! A figure belongs to the process: two servers of one process (as in some tests) share them. A label's value is a `&'static str`,
//! a word that stands in the program: no number, name or id of a customer or a workspace can become one, and how many rows a
//! figure has is bounded by the program. What a provider or the database says in its own words goes through [`word`].

pub mod figures;
mod kinds;
mod words;

use std::sync::LazyLock;

use prometheus::{Encoder, Registry, TextEncoder};

pub use kinds::{Counter, Figure, Gauge, Held, Histogram, Kind, Level};
pub use words::{WORDS_MAX, word};

/// The media type of [`text`].
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    let registry = Registry::new();
    for figure in figures::ALL {
        // it can only be there twice if `ALL` names it twice, which a test looks for
        let _ = registry.register(figure.collector());
    }
    #[cfg(target_os = "linux")]
    let _ = registry.register(Box::new(prometheus::process_collector::ProcessCollector::for_self()));
    registry
});

/// Every figure as it stands now, in Prometheus's text format.
#[must_use]
pub fn text() -> Vec<u8> {
    let mut text = Vec::new();
    // writing to memory does not fail, and a figure without rows is left out
    let _ = TextEncoder::new().encode(&REGISTRY.gather(), &mut text);
    text
}
