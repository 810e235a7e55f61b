//! Letters to the team, through a mail server (SMTP, RFC 5321).
//!
//! Each letter has a connection of its own: there are few, and a connection that was kept may be gone when it is needed. What the
//! server said is told in its own words, since whoever runs it knows them; addresses and passwords are never logged.

mod settings;

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use partyline_desk::mail::{Letter, MailTrouble, Mailer};

pub use settings::{Security, Settings};

/// How long a mail server may say nothing (RFC 5321, 4.5.3.2, allows minutes; a person waits for these letters).
const SILENCE: Duration = Duration::from_secs(20);
/// How long a letter may take from the connection to the last answer; shorter than the lease of who holds it.
const ONE_LETTER: Duration = Duration::from_secs(60);
/// Characters of a server's answer that are kept.
const ANSWER_MAX: usize = 300;
/// Answers that speak of our name and password, not of the letter (RFC 4954, section 6; 530 is said where none was given).
const ABOUT_US: [u16; 4] = [530, 534, 535, 538];

/// A mail server.
#[derive(Debug)]
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    /// `mail.example.com:587`, for people.
    shown: String,
    security: Security,
}

impl Smtp {
    /// A mail server; nothing is asked of it yet.
    ///
    /// # Errors
    /// One sentence, when the certificate that it is known by can't be read.
    pub fn new(settings: Settings) -> Result<Smtp, String> {
        let Settings { host, port, security, credentials, authority, from } = settings;
        let tls = match security {
            Security::None => Tls::None,
            Security::StartTls => Tls::Required(parameters(&host, authority.as_deref())?),
            Security::Tls => Tls::Wrapper(parameters(&host, authority.as_deref())?),
        };
        // as whom we greet: the name of our own letters, since this machine may have none that others know
        let greeting = ClientId::Domain(from.email.domain().to_owned());
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&host)
            .port(port)
            .tls(tls)
            .timeout(Some(SILENCE))
            .hello_name(greeting);
        if let Some((user, password)) = credentials {
            builder = builder.credentials(Credentials::new(user, password));
        }
        Ok(Smtp { transport: builder.build(), from, shown: format!("{host}:{port}"), security })
    }

    fn message(&self, letter: &Letter) -> Result<Message, MailTrouble> {
        let address: Address =
            letter.to.parse().map_err(|_| MailTrouble::Lasting("this is no address that mail can go to".to_owned()))?;
        // a name that the builder can't write would be refused with the whole letter
        let name = letter.name.as_deref().map(plain).filter(|name| !name.is_empty());
        let written = u64::try_from(letter.at.0).unwrap_or(0);
        let id = format!("<{}@{}>", letter.id, self.from.email.domain());
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(name, address))
            .subject(plain(&letter.subject))
            .date(SystemTime::UNIX_EPOCH + Duration::from_millis(written))
            .message_id(Some(id))
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text.clone())
            .map_err(|e| MailTrouble::Lasting(format!("the letter can't be written: {e}")))?;
        // answers of machines to this are not wanted (RFC 3834, section 5)
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        message.headers_mut().insert_raw(HeaderValue::new(automatic, "auto-generated".to_owned()));
        Ok(message)
    }
}

/// Text for one line of a header: without what would end the line.
fn plain(text: &str) -> String {
    text.split(char::is_control).flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

fn parameters(host: &str, authority: Option<&std::path::Path>) -> Result<TlsParameters, String> {
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(path) = authority {
        let pem = std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
        let certificate = Certificate::from_pem(&pem).map_err(|_| format!("{} is no certificate", path.display()))?;
        builder = builder.add_root_certificate(certificate);
    }
    builder.build_rustls().map_err(|e| format!("TLS: {e}"))
}

#[async_trait]
impl Mailer for Smtp {
    async fn send(&self, letter: &Letter) -> Result<(), MailTrouble> {
        let message = self.message(letter)?;
        match tokio::time::timeout(ONE_LETTER, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            // what only this address asks of the server, no other one does
            Ok(Err(error)) if error.is_client() && !letter.to.is_ascii() => {
                Err(MailTrouble::Lasting(format!("{} can't write to such an address", self.shown)))
            }
            Ok(Err(error)) => Err(self.meaning(&error)),
            Err(_) => Err(self.too_slow()),
        }
    }

    async fn check(&self) -> Result<(), MailTrouble> {
        match tokio::time::timeout(ONE_LETTER, self.transport.test_connection()).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(MailTrouble::Passing(format!("{} ends the connection", self.shown))),
            Ok(Err(error)) => Err(self.meaning(&error)),
            Err(_) => Err(self.too_slow()),
        }
    }

    fn server(&self) -> String {
        match self.security {
            Security::None => format!("{}, not encrypted", self.shown),
            Security::StartTls => format!("{}, encrypted by STARTTLS", self.shown),
            Security::Tls => format!("{}, encrypted", self.shown),
        }
    }

    fn from(&self) -> String {
        self.from.email.to_string()
    }
}

impl Smtp {
    fn too_slow(&self) -> MailTrouble {
        MailTrouble::Passing(format!("{} took too long", self.shown))
    }

    /// What an error means: is it of this letter, or may it be over later?
    fn meaning(&self, error: &Error) -> MailTrouble {
        let shown = &self.shown;
        let said = said(error);
        match error.status().map(u16::from) {
            Some(code) if ABOUT_US.contains(&code) => MailTrouble::Passing(format!(
                "{shown} does not let us in; check the user and password in --smtp-url ({code} {said})"
            )),
            Some(code) if error.is_permanent() => MailTrouble::Lasting(format!("{shown} refused it: {code} {said}")),
            Some(code) => MailTrouble::Passing(format!("{shown} wants it later: {code} {said}")),
            None if error.is_tls() || is_of_tls(error) => MailTrouble::Passing(format!(
                "{shown} can't be spoken to encrypted; check its certificate, or whether the port wants smtps:// ({said})"
            )),
            None if error.is_client() => MailTrouble::Passing(format!(
                "{shown} does not offer what --smtp-url asks for: STARTTLS, or a way to sign in ({said})"
            )),
            None if error.is_timeout() => self.too_slow(),
            None => MailTrouble::Passing(format!("{shown} can't be reached ({said})")),
        }
    }
}

/// A line that is not TLS, or a certificate that is not believed, comes as data that is not valid.
fn is_of_tls(error: &Error) -> bool {
    use std::error::Error as _;
    let mut cause = error.source();
    while let Some(next) = cause {
        if next.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == std::io::ErrorKind::InvalidData) {
            return true;
        }
        cause = next.source();
    }
    false
}

/// The innermost cause, in one line.
fn said(error: &Error) -> String {
    use std::error::Error as _;
    let mut cause = error.source();
    let mut text = None;
    while let Some(next) = cause {
        text = Some(next.to_string());
        cause = next.source();
    }
    plain(&text.unwrap_or_else(|| error.to_string())).chars().take(ANSWER_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use partyline_core::id::MailId;
    use partyline_core::time::Millis;

    fn letter(name: &str, subject: &str, text: &str) -> Letter {
        Letter {
            id: MailId::new(Millis(1_764_000_000_000), &[7; 10]),
            at: Millis(1_764_000_000_000),
            to: "ana@example.com".to_owned(),
            name: Some(name.to_owned()),
            subject: subject.to_owned(),
            text: text.to_owned(),
        }
    }

    fn written(letter: &Letter) -> String {
        let settings = Settings::read("smtp://127.0.0.1", "Harbor & Pine <inbox@example.com>").expect("settings");
        let message = Smtp::new(settings).expect("a server").message(letter).expect("a message");
        String::from_utf8(message.formatted()).expect("ASCII")
    }

    fn headers(of: &str) -> Vec<&str> {
        of.split("\r\n\r\n").next().unwrap_or_default().split("\r\n").filter(|l| !l.starts_with(' ')).collect()
    }

    #[test]
    fn a_letter_is_known_by_its_id_and_says_that_a_machine_wrote_it() {
        let letter = letter("Ana", "You are invited", "Hello");
        let text = written(&letter);
        assert_eq!(text, written(&letter), "a double is the same to the byte");
        assert!(text.contains(&format!("Message-ID: <{}@example.com>", letter.id)), "{text}");
        assert!(text.contains("Auto-Submitted: auto-generated\r\n"), "{text}");
        assert!(text.contains("Date: Mon, 24 Nov 2025 16:00:00 +0000\r\n"), "{text}");
        assert!(text.contains("<inbox@example.com>\r\n"), "{text}");
    }

    #[test]
    fn nothing_in_a_name_or_a_subject_makes_a_header() {
        for bad in
            ["Eve\r\nBcc: all@example.com", "Eve\nBcc: all@example.com", "Eve\rBcc: a@example.com", "E\0ve\u{85}Bcc: x"]
        {
            let text = written(&letter(bad, bad, "Hello\r\n.\r\nMAIL FROM:<x@example.com>"));
            let names: Vec<&str> =
                headers(&text).iter().filter_map(|l| l.split_once(':')).map(|(name, _)| name).collect();
            let expected = ["From", "To", "Subject", "Date", "Message-ID", "Content-Type", "Auto-Submitted"];
            assert!(
                names
                    .iter()
                    .all(|n| expected.contains(n) || matches!(*n, "MIME-Version" | "Content-Transfer-Encoding")),
                "{text}"
            );
        }
    }

    #[test]
    fn long_and_foreign_names_are_written_as_rfc_2047_says() {
        let name = "Ñandú Größe 株式会社 ".repeat(8);
        let text = written(&letter(&name, &name, "Zwölf Boxkämpfer 🥊"));
        assert!(text.is_ascii(), "{text}");
        assert!(text.contains("=?utf-8?b?"), "{text}");
        assert!(text.split("\r\n").all(|line| line.len() <= 78), "{text}");
    }

    #[test]
    fn a_long_line_is_folded() {
        let text = written(&letter("Ana", "x", &"long ".repeat(400)));
        assert!(text.split("\r\n").all(|line| line.len() <= 998), "RFC 5322, 2.1.1");
    }
}
