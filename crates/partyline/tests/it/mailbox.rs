//! The mail server of the tests, and what it has put into mailboxes: a real Postfix (scripts/mta.sh).

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use partyline_desk::mail::Mailer;
use partyline_mail::{Settings, Smtp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

/// Who our letters are from.
pub const FROM: &str = "Harbor & Pine <inbox@example.com>";

/// A letter, as it lies in a mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    /// Our part of it: Postfix puts its own lines above.
    pub raw: String,
    headers: Vec<(String, String)>,
    /// Decoded.
    pub text: String,
}

impl Arrived {
    fn read(file: &str) -> Arrived {
        let file = file.replace("\r\n", "\n");
        let raw = file.find("\nFrom:").map_or(file.as_str(), |at| &file[at + 1..]).to_owned();
        let (head, body) = raw.split_once("\n\n").unwrap();
        let unfolded = head.replace("\n ", " ").replace("\n\t", " ");
        let pair = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()));
        let headers: Vec<_> = unfolded.lines().filter_map(pair).collect();
        let encoded =
            headers.iter().any(|(name, value)| name == "Content-Transfer-Encoding" && value == "quoted-printable");
        let text = if encoded { decoded(body) } else { body.to_owned() };
        Arrived { raw, headers, text }
    }

    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map_or_else(|| panic!("no {name} in {}", self.raw), |(_, value)| value.as_str())
    }

    /// What the link in it holds, behind this path.
    pub fn token(&self, path: &str) -> String {
        let at = self.text.find(path).unwrap_or_else(|| panic!("no {path} in {}", self.text)) + path.len();
        self.text[at..].chars().take_while(char::is_ascii_hexdigit).collect()
    }
}

/// Quoted-printable (RFC 2045, 6.7).
fn decoded(text: &str) -> String {
    let joined = text.replace("=\n", "");
    let (mut bytes, mut rest) = (Vec::new(), joined.as_str());
    while let Some(at) = rest.find('=') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        bytes.push(u8::from_str_radix(&rest[at + 1..at + 3], 16).unwrap());
        rest = &rest[at + 3..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).unwrap()
}

fn variable(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set: `eval \"$(scripts/mta.sh start)\"` first, as root"))
}

/// Where the mail server takes letters from this machine: `127.0.0.1:…`.
pub fn inside() -> String {
    variable("PARTYLINE_TEST_SMTP").trim_start_matches("smtp://").to_owned()
}

/// Where it needs encryption and a password.
pub fn outside() -> String {
    variable("PARTYLINE_TEST_SMTP_TLS")
}

/// Speaks to a mail server.
pub fn smtp(url: &str) -> Arc<dyn Mailer> {
    Arc::new(Smtp::new(Settings::read(url, FROM).unwrap()).unwrap())
}

/// A line to a mail server on which nothing comes back once a whole letter has gone over it.
pub struct OneWay {
    pub address: String,
    task: AbortHandle,
}

impl Drop for OneWay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl OneWay {
    pub async fn to(server: String) -> OneWay {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let task = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(carry(near, TcpStream::connect(&server).await.unwrap()));
            }
        });
        OneWay { address, task: task.abort_handle() }
    }
}

/// The end of a letter (RFC 5321, 4.1.1.4).
const END: &[u8] = b"\r\n.\r\n";

async fn carry(near: TcpStream, far: TcpStream) {
    let (mut from_near, mut to_near) = near.into_split();
    let (mut from_far, mut to_far) = far.into_split();
    let is_over = Arc::new(AtomicBool::new(false));
    let over = is_over.clone();
    tokio::spawn(async move {
        let (mut bytes, mut end) = (vec![0; 16 * 1024], Vec::new());
        while let Ok(n @ 1..) = from_near.read(&mut bytes).await {
            end.extend_from_slice(&bytes[..n]);
            if end.windows(END.len()).any(|w| w == END) {
                over.store(true, Ordering::SeqCst);
            }
            end.drain(..end.len().saturating_sub(END.len()));
            if to_far.write_all(&bytes[..n]).await.is_err() {
                return;
            }
        }
    });
    let mut bytes = vec![0; 16 * 1024];
    while let Ok(n @ 1..) = from_far.read(&mut bytes).await {
        if !is_over.load(Ordering::SeqCst) && to_near.write_all(&bytes[..n]).await.is_err() {
            return;
        }
    }
    // the line stays open, and silent
    std::future::pending::<()>().await;
}

/// An address that nobody else's proof writes to.
pub fn somebody(name: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{name}-{}-{}@example.com", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst))
}

/// What lies in somebody's mailbox, by when it came.
pub fn mailbox(of: &str) -> Vec<Arrived> {
    let folder = PathBuf::from(variable("PARTYLINE_TEST_MTA")).join("mail/all/new");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    files.sort_by_key(|path| path.metadata().and_then(|m| m.modified()).ok());
    let read = |path: &PathBuf| std::fs::read_to_string(path).ok();
    let mine = format!("\nDelivered-To: {of}\n");
    files
        .iter()
        .filter_map(read)
        .filter(|file| format!("\n{file}").contains(&mine))
        .map(|file| Arrived::read(&file))
        .collect()
}

/// Proves behaviours, as [`crate::engine::behaviours`] does, of what needs a mail server, which only root can start.
macro_rules! with_a_mail_server {
    ($(async fn $name:ident($world:ident) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports, reason = "each proof takes what it needs")]
            use super::*;

            async fn proof($world: &crate::world::World) $body

            #[test]
            #[ignore = "needs a mail server: scripts/mta.sh start"]
            fn on_sqlite() {
                crate::world::prove(crate::engine::Engine::Sqlite, proof);
            }

            #[test]
            #[ignore = "needs a mail server: scripts/mta.sh start"]
            fn on_postgres() {
                crate::world::prove(crate::engine::Engine::Postgres, proof);
            }
        }
    )*};
}
pub(crate) use with_a_mail_server;
