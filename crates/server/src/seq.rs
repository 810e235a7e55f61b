//! `Partyline-Seq`: the workspace's newest seq in the snapshot that an answer was read in.

use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use partyline_desk::view::AsOf;
use serde::Serialize;

/// The header.
pub const PARTYLINE_SEQ: HeaderName = HeaderName::from_static("partyline-seq");

/// JSON, with the seq at which it was so.
pub struct At<T> {
    /// The seq.
    pub seq: i64,
    /// The body.
    pub body: T,
}

impl<V> At<V> {
    /// What was read, as it is shown.
    pub fn from_desk<F>(read: AsOf<F>, show: impl FnOnce(F) -> V) -> At<V> {
        At { seq: read.seq, body: show(read.value) }
    }
}

impl<T: Serialize> IntoResponse for At<T> {
    fn into_response(self) -> Response {
        let mut response = axum::Json(self.body).into_response();
        response.headers_mut().insert(PARTYLINE_SEQ, HeaderValue::from(self.seq));
        response
    }
}
