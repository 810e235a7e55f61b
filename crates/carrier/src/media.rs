//! Pictures: what a phone sends up, and what the inbox asks the provider to fetch.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use crate::network::{Media, Network};
use crate::sid;

/// Bytes of one file, as Twilio's limit for a whole MMS.
pub const MAX_FILE_BYTES: usize = 5 * 1024 * 1024;
/// Files of one message.
pub const MAX_FILES: usize = 10;
/// Bytes of all files together; the oldest go first.
const STORE_BYTES: usize = 256 * 1024 * 1024;
/// How long a fetch of the inbox's media may take.
const FETCH_TIMEOUT: Duration = Duration::from_secs(15);

/// Files by their unguessable path component.
#[derive(Default)]
pub struct Store {
    files: HashMap<String, (String, axum::body::Bytes)>,
    order: VecDeque<String>,
    bytes: usize,
}

impl Store {
    /// Keeps a file and answers how to name it.
    pub fn keep(&mut self, content_type: &str, bytes: axum::body::Bytes) -> Media {
        let key = sid::unguessable();
        self.bytes += bytes.len();
        self.files.insert(key.clone(), (content_type.to_owned(), bytes));
        self.order.push_back(key.clone());
        while self.bytes > STORE_BYTES {
            let Some(oldest) = self.order.pop_front() else {
                break;
            };
            self.forget(&oldest);
        }
        Media { sid: sid::new("ME"), content_type: content_type.to_owned(), path: format!("/cdn/{key}") }
    }

    pub fn get(&self, key: &str) -> Option<(String, axum::body::Bytes)> {
        self.files.get(key).cloned()
    }

    /// Forgets a file by its key or path.
    pub fn forget(&mut self, path: &str) {
        let key = path.strip_prefix("/cdn/").unwrap_or(path);
        if let Some((_, bytes)) = self.files.remove(key) {
            self.bytes -= bytes.len();
        }
    }
}

/// What a file is by its own bytes, where MMS carries that; `None` for anything else.
pub fn content_type(bytes: &[u8]) -> Option<&'static str> {
    let kind = infer::get(bytes)?.mime_type();
    let carried = kind.starts_with("image/")
        || kind.starts_with("audio/")
        || kind.starts_with("video/")
        || kind == "application/pdf";
    carried.then_some(kind)
}

/// Fetches a `MediaUrl` as the provider does.
///
/// # Errors
/// Twilio's code: 11200 when it cannot be fetched, 11751 when it is over 5 MB, 12300 when MMS does
/// not carry what it is.
pub async fn fetch(network: &Network, url: &str) -> Result<Media, u32> {
    let mut answer = network
        .http
        .get(url)
        .timeout(FETCH_TIMEOUT)
        .send()
        .await
        .and_then(reqwest::Response::error_for_status)
        .map_err(|_| 11200_u32)?;
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|_| 11200_u32)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MAX_FILE_BYTES {
            return Err(11751);
        }
    }
    let kind = content_type(&bytes).ok_or(12300_u32)?;
    Ok(network.state().media.keep(kind, bytes.into()))
}
