//! What a text costs.

use partyline_core::sms::{costly, measure, plain};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::words;

/// A text to be counted.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PreviewIn {
    /// The text.
    pub text: String,
}

/// What a text costs, and what makes it dear.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SmsPreview)]
pub struct PreviewOut {
    /// How it is written on the air.
    #[schema(value_type = words::Encoding)]
    pub encoding: &'static str,
    /// Septets (GSM-7) or UTF-16 units (UCS-2).
    pub units: u32,
    /// Messages that it is sent, and billed, as.
    pub segments: u32,
    /// Units that fit before there is one segment more.
    pub limit: u32,
    /// Units still free in the last segment.
    pub remaining: u32,
    /// The costly characters that have a look-alike in the GSM alphabet.
    pub replaceable: Vec<CostlyOut>,
    /// The characters that turn the whole text into UCS-2.
    pub costly: Vec<CostlyOut>,
    /// The same text with the look-alikes.
    pub plain: PlainOut,
}

/// A character that turns a text into UCS-2.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = CostlyCharacter)]
pub struct CostlyOut {
    /// As it stands in the text.
    pub character: String,
    /// What stands in for it; empty when it is left out, null when nothing does.
    pub replacement: Option<String>,
    /// Where it stands: indices of Unicode scalars.
    pub at: Vec<usize>,
}

/// A text with look-alikes, counted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlainText)]
pub struct PlainOut {
    /// The text.
    pub text: String,
    /// How it is written on the air.
    #[schema(value_type = words::Encoding)]
    pub encoding: &'static str,
    /// Its units.
    pub units: u32,
    /// Its segments.
    pub segments: u32,
}

/// Counts a text.
pub fn preview(text: &str) -> PreviewOut {
    let size = measure(text);
    let costly: Vec<CostlyOut> = costly(text)
        .into_iter()
        .map(|c| CostlyOut { character: c.character.to_owned(), replacement: c.replacement, at: c.at })
        .collect();
    let plain = plain(text);
    let plain_size = measure(&plain);
    PreviewOut {
        encoding: size.encoding.as_str(),
        units: size.units,
        segments: size.segments,
        limit: size.limit,
        remaining: size.remaining,
        replaceable: costly.iter().filter(|c| c.replacement.is_some()).cloned().collect(),
        costly,
        plain: PlainOut {
            encoding: plain_size.encoding.as_str(),
            units: plain_size.units,
            segments: plain_size.segments,
            text: plain.into_owned(),
        },
    }
}
