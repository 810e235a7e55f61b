//! Files in a bucket of an S3 server: Amazon's, or another that speaks the same.
//!
//! Every name is made of a hash, so each request may be repeated: what can't be reached, or is busy, is tried again a few times.
//! Requests are signed in their address (AWS Signature Version 4, query form), so no address is ever logged.

mod settings;

use std::ops::Range;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use partyline_store::StoreError;
use partyline_store::blobs::{Bucket, Chunks};
use reqwest::header::{CONTENT_LENGTH, RANGE};
use reqwest::{Client, RequestBuilder, Response, StatusCode, redirect};
use rusty_s3::{Credentials, S3Action};

pub use settings::Settings;

/// DNS, TCP and TLS together.
const CONNECT: Duration = Duration::from_secs(5);
/// How long the server may say nothing, in the middle of a file too.
const SILENCE: Duration = Duration::from_secs(20);
/// How long a file may take to be uploaded: 16 MiB over a slow line.
const UPLOAD: Duration = Duration::from_secs(120);
/// How long a signed address is good; the server's clock may differ from ours by less than that.
const GOOD_FOR: Duration = Duration::from_secs(15 * 60);
/// Waits between the tries of one request.
const AGAIN: [Duration; 3] = [Duration::from_millis(100), Duration::from_millis(400), Duration::from_millis(1_600)];
/// Bytes of an error's text that are read: its code is at the beginning.
const ERROR_MAX: usize = 2_048;
/// Written at the start, to see whether files can be.
const PROBE: &str = "partyline";

type Result<T, E = StoreError> = std::result::Result<T, E>;

/// A bucket, and where in it our files are.
#[derive(Debug)]
pub struct S3 {
    bucket: rusty_s3::Bucket,
    credentials: Credentials,
    prefix: String,
    http: Client,
}

impl S3 {
    /// A bucket; nothing is asked of its server yet.
    ///
    /// # Errors
    /// [`StoreError::Storage`] when the HTTP client can't be made.
    pub fn new(settings: Settings) -> Result<S3> {
        // a second call finds the first one's provider; both are the same
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder()
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .redirect(redirect::Policy::none())
            .referer(false)
            .user_agent(concat!("partyline/", env!("CARGO_PKG_VERSION")));
        // a server on this machine is spoken to as it is, whatever proxy the environment names
        let http = if settings.is_loopback() { http.no_proxy().tls_certs_only([]) } else { http };
        let http = http.build().map_err(|e| StoreError::Storage(format!("the HTTP client: {}", describe(e))))?;
        let Settings { bucket, credentials, prefix } = settings;
        Ok(S3 { bucket, credentials, prefix, http })
    }

    /// Writes a small file: can files be kept here?
    ///
    /// # Errors
    /// [`Trouble::Passing`] when it can't be reached now, [`Trouble::Lasting`] when somebody has to mend it.
    pub async fn check(&self) -> Result<(), Trouble> {
        let key = format!("{}{PROBE}", self.prefix);
        self.asked(|| self.put_request(&key, Bytes::from_static(PROBE.as_bytes()), None)).await.map(drop)
    }

    fn put_request(&self, key: &str, bytes: Bytes, checksum: Option<&str>) -> RequestBuilder {
        let mut action = self.bucket.put_object(Some(&self.credentials), key);
        if let Some(checksum) = checksum {
            action.headers_mut().insert("x-amz-checksum-sha256", checksum.to_owned());
        }
        let request = self.http.put(action.sign(GOOD_FOR)).timeout(UPLOAD).header(CONTENT_LENGTH, bytes.len());
        let request = request.body(bytes);
        match checksum {
            Some(checksum) => request.header("x-amz-checksum-sha256", checksum),
            None => request,
        }
    }

    /// Asks, and asks again while that can help.
    async fn asked(&self, request: impl Fn() -> RequestBuilder) -> Result<Response, Trouble> {
        let mut waits = AGAIN.iter();
        loop {
            let trouble = match request().send().await {
                Ok(response) if response.status().is_success() => return Ok(response),
                Ok(response) => self.refused(response).await,
                Err(error) => Trouble::Passing(describe(error)),
            };
            match (&trouble, waits.next()) {
                (Trouble::Passing(why), Some(wait)) => {
                    tracing::debug!(why, "the file storage is asked again");
                    tokio::time::sleep(*wait).await;
                }
                _ => return Err(trouble),
            }
        }
    }

    async fn refused(&self, mut response: Response) -> Trouble {
        let mut text = Vec::new();
        while let (true, Ok(Some(chunk))) = (text.len() < ERROR_MAX, response.chunk().await) {
            text.extend_from_slice(&chunk);
        }
        meaning(response.status(), &String::from_utf8_lossy(&text), self.bucket.name())
    }
}

/// What an answer that is no success means (Amazon S3 API Reference, "Error responses"). 404 is said of objects and of buckets.
fn meaning(status: StatusCode, text: &str, bucket: &str) -> Trouble {
    let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map(|(code, _)| code);
    match (status, code) {
        (_, Some("NoSuchBucket")) => {
            Trouble::Lasting(format!("there is no bucket {bucket}; make it, or correct --storage-url"))
        }
        (StatusCode::NOT_FOUND, _) => Trouble::NotThere,
        (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, code) => Trouble::Lasting(format!(
            "the bucket {bucket} refused us ({}); the key of AWS_ACCESS_KEY_ID must be allowed to list it and to read, write and delete its objects, and this machine's clock must be right",
            code.unwrap_or("no reason given"),
        )),
        (StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT, _) => {
            Trouble::Passing(format!("status {status}"))
        }
        (status, code) if status.is_server_error() => {
            Trouble::Passing(format!("status {status} {}", code.unwrap_or_default()))
        }
        (status, code) => Trouble::Lasting(format!(
            "the bucket {bucket} answered {status} {}; check AWS_REGION and AWS_ENDPOINT_URL",
            code.unwrap_or_default(),
        )),
    }
}

/// Why a bucket did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// It can't be reached or is busy: later it may.
    Passing(String),
    /// Somebody has to mend it.
    Lasting(String),
    /// There is no such object.
    NotThere,
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Trouble::Passing(why) | Trouble::Lasting(why) => f.write_str(why),
            Trouble::NotThere => f.write_str("there is no such object"),
        }
    }
}

impl std::error::Error for Trouble {}

impl From<Trouble> for StoreError {
    fn from(trouble: Trouble) -> Self {
        StoreError::Storage(trouble.to_string())
    }
}

#[async_trait]
impl Bucket for S3 {
    async fn put(&self, key: &str, bytes: Bytes, sha256: &[u8]) -> Result<()> {
        let key = format!("{}{key}", self.prefix);
        // the server refuses what was damaged on the way
        let checksum = STANDARD.encode(sha256);
        self.asked(|| self.put_request(&key, bytes.clone(), Some(&checksum))).await?;
        Ok(())
    }

    async fn get(&self, key: &str, range: Option<Range<u64>>) -> Result<Option<Box<dyn Chunks>>> {
        let key = format!("{}{key}", self.prefix);
        let request = || {
            let request = self.http.get(self.bucket.get_object(Some(&self.credentials), &key).sign(GOOD_FOR));
            match &range {
                Some(range) => request.header(RANGE, format!("bytes={}-{}", range.start, range.end.saturating_sub(1))),
                None => request,
            }
        };
        match self.asked(request).await {
            Ok(response) if range.is_some() && response.status() != StatusCode::PARTIAL_CONTENT => {
                Err(StoreError::Storage("the bucket's server does not give parts of files".to_owned()))
            }
            Ok(response) => Ok(Some(Box::new(Body(response)))),
            Err(Trouble::NotThere) => Ok(None),
            Err(trouble) => Err(trouble.into()),
        }
    }

    async fn delete(&self, key: &str) -> Result<()> {
        let key = format!("{}{key}", self.prefix);
        let request = || self.http.delete(self.bucket.delete_object(Some(&self.credentials), &key).sign(GOOD_FOR));
        match self.asked(request).await {
            Ok(_) | Err(Trouble::NotThere) => Ok(()),
            Err(trouble) => Err(trouble.into()),
        }
    }
}

/// An object on its way to us.
struct Body(Response);

#[async_trait]
impl Chunks for Body {
    async fn next(&mut self) -> Option<std::io::Result<Bytes>> {
        self.0.chunk().await.map_err(|e| std::io::Error::other(describe(e))).transpose()
    }
}

/// The chain of causes, without the address, which is signed.
fn describe(error: reqwest::Error) -> String {
    use std::error::Error as _;
    let what = if error.is_timeout() { "it took too long" } else { "it can't be reached" };
    let error = error.without_url();
    let mut text = what.to_owned();
    let mut cause = error.source();
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_whether_to_wait_or_what_to_mend() {
        let of = |status: u16, code: &str| {
            let text = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>no</Message></Error>");
            meaning(StatusCode::from_u16(status).expect("a status"), &text, "files")
        };
        assert_eq!(of(404, "NoSuchKey"), Trouble::NotThere);
        assert_eq!(meaning(StatusCode::NOT_FOUND, "", "files"), Trouble::NotThere);
        for (status, code) in [(500, "InternalError"), (503, "SlowDown"), (429, "TooManyRequests"), (408, "x")] {
            assert!(matches!(of(status, code), Trouble::Passing(_)), "{status}");
        }
        let mended_by = [
            (404, "NoSuchBucket", "make it"),
            (403, "SignatureDoesNotMatch", "AWS_ACCESS_KEY_ID"),
            (403, "RequestTimeTooSkewed", "clock"),
            (301, "PermanentRedirect", "AWS_REGION"),
            (400, "AuthorizationHeaderMalformed", "AWS_REGION"),
        ];
        for (status, code, word) in mended_by {
            let Trouble::Lasting(why) = of(status, code) else { panic!("{code} does not pass") };
            assert!(why.contains(word), "{why}");
        }
    }
}
