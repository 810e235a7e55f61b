//! Where the server is, and whether the line to it is encrypted.
//!
//! `sslmode=require` (or `verify-ca`, `verify-full`) encrypts, and always checks the certificate against the name in the address: by the
//! authorities that the machine trusts, or by those in the file that `sslrootcert` names. Encryption to whoever answers protects
//! against nothing, so there is no weaker form; without `sslmode`, or with `disable`, the line is plain.

use std::sync::Once;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::line::Line;
use crate::error::{Result, StoreError};

/// How long to wait for the server to accept a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// After this much silence the system asks whether the other side is still there: a cut line is noticed without traffic.
const KEEPALIVE: Duration = Duration::from_secs(15);
/// Then it asks this often, and gives the line up after three questions without an answer.
const ASK_AGAIN: Duration = Duration::from_secs(5);
/// What was written and is not taken for this long means the same.
const UNTAKEN: Duration = Duration::from_secs(20);

/// Said once for a process, not for each of its connections.
static SAID: Once = Once::new();

/// A server's address, ready to connect to.
pub(super) struct Address {
    config: Config,
    tls: Option<MakeRustlsConnect>,
}

impl Address {
    /// Connects, and leaves the line with the runtime that this runs in.
    pub(super) async fn connect(self) -> Result<(Client, Line), tokio_postgres::Error> {
        match self.tls {
            Some(tls) => self.config.connect(tls).await.map(|(client, connection)| (client, Line::carry(connection))),
            None => self.config.connect(NoTls).await.map(|(client, connection)| (client, Line::carry(connection))),
        }
    }
}

/// Reads a connection string.
pub(super) fn read(url: &str) -> Result<Address> {
    let (url, asked) = Asked::take(url);
    let mut config: Config = url.parse().map_err(|e| unavailable(&format!("the database address: {e}")))?;
    config.connect_timeout(CONNECT);
    config.keepalives_idle(KEEPALIVE).keepalives_interval(ASK_AGAIN).keepalives_retries(3);
    config.tcp_user_timeout(UNTAKEN);
    config.application_name("partyline");
    let encrypted = match asked.mode.as_deref() {
        None if is_elsewhere(&config) => {
            SAID.call_once(|| {
                tracing::warn!(
                    "the line to PostgreSQL is not encrypted; add sslmode=require to the database address, or sslmode=disable to say that it is meant so"
                );
            });
            false
        }
        None | Some("disable") => false,
        Some("require" | "verify-ca" | "verify-full") => true,
        Some(other) => {
            return Err(unavailable(&format!(
                "the database address: sslmode={other} is not known here; write require or disable"
            )));
        }
    };
    config.ssl_mode(if encrypted { SslMode::Require } else { SslMode::Disable });
    let tls = if encrypted { Some(MakeRustlsConnect::new(trusting(asked.authorities.as_deref())?)) } else { None };
    Ok(Address { config, tls })
}

/// What the address says about TLS; the driver knows only a part of it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Asked {
    mode: Option<String>,
    /// A PEM file.
    authorities: Option<String>,
}

impl Asked {
    /// Takes it out of the address.
    fn take(url: &str) -> (String, Asked) {
        let mut asked = Asked::default();
        let Some((base, query)) = url.split_once('?') else { return (url.to_owned(), asked) };
        let rest: Vec<&str> = query
            .split('&')
            .filter(|pair| match pair.split_once('=') {
                Some(("sslmode", mode)) => {
                    asked.mode = Some(mode.to_owned());
                    false
                }
                Some(("sslrootcert", file)) => {
                    asked.authorities = Some(file.replace("%2F", "/").replace("%2f", "/"));
                    false
                }
                _ => true,
            })
            .collect();
        let url = if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) };
        (url, asked)
    }
}

/// Does the line leave this machine?
fn is_elsewhere(config: &Config) -> bool {
    config.get_hosts().iter().any(|host| match host {
        Host::Tcp(name) => {
            name != "localhost" && name.parse::<std::net::IpAddr>().map_or(true, |address| !address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => false,
    })
}

fn trusting(file: Option<&str>) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    match file {
        Some(file) => {
            let trouble = |e: &dyn std::fmt::Display| {
                unavailable(&format!("sslrootcert={file}: {e}; it must be a file of certificates in PEM form"))
            };
            let certificates = CertificateDer::pem_file_iter(file).map_err(|e| trouble(&e))?;
            for certificate in certificates {
                roots.add(certificate.map_err(|e| trouble(&e))?).map_err(|e| trouble(&e))?;
            }
            if roots.is_empty() {
                return Err(trouble(&"there is none in it"));
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if roots.is_empty() {
                return Err(unavailable(
                    "this machine trusts no certificate authority; install ca-certificates, or name a file in sslrootcert",
                ));
            }
        }
    }
    let config = ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .map_err(|e| unavailable(&e.to_string()))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

fn unavailable(text: &str) -> StoreError {
    StoreError::Unavailable(text.to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn what_the_driver_does_not_know_is_taken_out_of_the_address() {
        let (url, asked) =
            Asked::take("postgres://p@db.example/p?sslmode=verify-full&host=x&sslrootcert=%2Fetc%2Fca.pem");
        assert_eq!(url, "postgres://p@db.example/p?host=x");
        assert_eq!(asked, Asked { mode: Some("verify-full".to_owned()), authorities: Some("/etc/ca.pem".to_owned()) });
        assert_eq!(Asked::take("postgres://p@db.example/p?sslmode=require").0, "postgres://p@db.example/p");
    }

    #[test]
    fn a_mode_that_would_trust_whoever_answers_is_refused() {
        for mode in ["prefer", "allow", "maybe"] {
            let refused = read(&format!("postgres://p@127.0.0.1/p?sslmode={mode}"));
            assert!(matches!(refused, Err(StoreError::Unavailable(text)) if text.contains("require or disable")));
        }
    }

    #[test]
    fn only_a_line_that_leaves_the_machine_is_elsewhere() {
        for (url, elsewhere) in [
            ("postgres://p@localhost/p", false),
            ("postgres://p@127.0.0.1/p", false),
            ("postgres://p@/p?host=/run/postgresql", false),
            ("postgres://p@db.example/p", true),
            ("postgres://p@10.0.0.7/p", true),
        ] {
            assert_eq!(is_elsewhere(&url.parse().unwrap()), elsewhere, "{url}");
        }
    }
}
