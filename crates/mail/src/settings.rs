//! `--smtp-url` and `--mail-from`.

use std::net::IpAddr;
use std::path::PathBuf;

use lettre::message::Mailbox;
use url::{Host, Url};

/// Where letters are handed in, encrypted after the greeting (RFC 6409).
const SUBMISSION: u16 = 587;
/// The same, encrypted from the first byte (RFC 8314).
const SUBMISSIONS: u16 = 465;
/// A server of this machine's own.
const LOCAL: u16 = 25;
/// How to write it.
const HINT: &str =
    "write smtp://USER:PASSWORD@HOST:587, or smtps://… where the server is encrypted from the first byte";

/// How the line to the mail server is kept from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// It is not: on this machine alone.
    None,
    /// STARTTLS, or nothing is sent.
    StartTls,
    /// TLS from the first byte.
    Tls,
}

/// How to reach a mail server, and as whom.
#[derive(Clone)]
pub struct Settings {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) security: Security,
    pub(crate) credentials: Option<(String, String)>,
    pub(crate) authority: Option<PathBuf>,
    pub(crate) from: Mailbox,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Settings { host, port, security, .. } = self;
        write!(f, "Settings({host}:{port}, {security:?}, credentials •••)")
    }
}

impl Settings {
    /// Reads `smtp://USER:PASSWORD@HOST:PORT` or `smtps://…`, and from whom letters come.
    ///
    /// `smtp` means STARTTLS, and that nothing is sent without; only on this machine's own addresses it may be missing. `?tls=none` says that
    /// it is missing elsewhere too, and is refused with a password; `?tls=required` asks for it here. `?ca=FILE` names the certificate of an
    /// authority that this machine does not know.
    ///
    /// # Errors
    /// One sentence that says how to write it. It never holds the password.
    pub fn read(url: &str, from: &str) -> Result<Settings, String> {
        let url = Url::parse(url).map_err(|_| format!("--smtp-url: {HINT}"))?;
        let from = from.parse::<Mailbox>().map_err(|_| {
            "--mail-from: write an address, such as inbox@example.com or \"Harbor & Pine <inbox@example.com>\""
                .to_owned()
        })?;
        let Some(host) = url.host_str().filter(|h| !h.is_empty()) else { return Err(format!("--smtp-url: {HINT}")) };
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let is_here = is_loopback(&url, &host);
        let (mut tls, mut authority) = (None, None);
        for (name, value) in url.query_pairs() {
            match (name.as_ref(), value.as_ref()) {
                ("tls", "required") => tls = Some(Security::StartTls),
                ("tls", "none") => tls = Some(Security::None),
                ("ca", path) if !path.is_empty() => authority = Some(PathBuf::from(path)),
                _ => {
                    return Err(
                        "--smtp-url: after the question mark stands tls=required, tls=none or ca=FILE".to_owned()
                    );
                }
            }
        }
        let security = match (url.scheme(), tls) {
            ("smtps", None) => Security::Tls,
            ("smtp", Some(said)) => said,
            ("smtp", None) if is_here => Security::None,
            ("smtp", None) => Security::StartTls,
            _ => return Err(format!("--smtp-url: {HINT}")),
        };
        let user = decoded(url.username()).ok_or("--smtp-url: the user is not percent-encoded as it should be")?;
        let password = decoded(url.password().unwrap_or_default())
            .ok_or("--smtp-url: the password is not percent-encoded as it should be")?;
        let credentials = (!user.is_empty()).then_some((user, password));
        if credentials.is_some() && security == Security::None && !is_here {
            return Err("--smtp-url: with tls=none anybody on the way could read the password; leave out one of them"
                .to_owned());
        }
        let usual = match security {
            Security::Tls => SUBMISSIONS,
            _ if is_here => LOCAL,
            _ => SUBMISSION,
        };
        Ok(Settings { host, port: url.port().unwrap_or(usual), security, credentials, authority, from })
    }
}

fn is_loopback(url: &Url, host: &str) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        // of a scheme that it does not know, the library leaves addresses as they are written
        _ => host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()),
    }
}

/// Percent-decoded (RFC 3986, 2.1); `None` where it can't be.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: &str = "inbox@example.com";

    fn read(url: &str) -> Settings {
        Settings::read(url, FROM).expect(url)
    }

    #[test]
    fn an_address_says_how_the_line_is_kept() {
        for (url, port, security) in [
            ("smtp://mail.example.com", 587, Security::StartTls),
            ("smtps://mail.example.com", 465, Security::Tls),
            ("smtp://mail.example.com:2525", 2525, Security::StartTls),
            ("smtp://localhost", 25, Security::None),
            ("smtp://127.0.0.1:1025", 1025, Security::None),
            ("smtp://[::1]", 25, Security::None),
            ("smtp://127.0.0.1?tls=required", 25, Security::StartTls),
            ("smtp://relay.internal:25?tls=none", 25, Security::None),
        ] {
            let settings = read(url);
            assert_eq!((settings.port, settings.security), (port, security), "{url}");
        }
    }

    #[test]
    fn user_and_password_are_decoded_and_never_shown() {
        let settings = read("smtp://ana%40example.com:p%2Fss%3Aw%25rd+x@mail.example.com");
        assert_eq!(settings.credentials, Some(("ana@example.com".to_owned(), "p/ss:w%rd+x".to_owned())));
        assert!(!format!("{settings:?}").contains("p/ss"));
        let wrong = Settings::read("smtp://ana:secret@relay.example.com?tls=none", FROM).expect_err("refused");
        assert!(wrong.contains("password") && !wrong.contains("secret"), "{wrong}");
    }

    #[test]
    fn what_is_written_wrongly_is_said() {
        for url in [
            "mail.example.com",
            "https://mail.example.com",
            "smtp://",
            "smtp://a?x=1",
            "smtps://a?tls=none",
            "smtp://a%zz@b",
        ] {
            let wrong = Settings::read(url, FROM).expect_err(url);
            assert!(wrong.starts_with("--smtp-url"), "{wrong}");
        }
        assert!(Settings::read("smtp://localhost", "nobody").expect_err("no address").contains("--mail-from"));
    }
}
