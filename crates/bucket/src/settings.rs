//! Where the bucket is and who we are there: `s3://bucket/prefix`, and the environment variables that Amazon's own tools read.

use rusty_s3::{Bucket, Credentials, UrlStyle};
use url::{Host, Url};

/// The region that the usual tools take when none is named.
const REGION: &str = "us-east-1";

/// A bucket's place and our credentials.
#[derive(Clone)]
pub struct Settings {
    pub(crate) bucket: Bucket,
    pub(crate) credentials: Credentials,
    /// Empty, or ends with a slash.
    pub(crate) prefix: String,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Settings(s3://{}/{})", self.bucket.name(), self.prefix)
    }
}

impl Settings {
    /// Reads `s3://bucket/prefix` and what `variable` knows: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`,
    /// `AWS_REGION` (or `AWS_DEFAULT_REGION`), and for servers other than Amazon's `AWS_ENDPOINT_URL_S3` (or `AWS_ENDPOINT_URL`).
    ///
    /// # Errors
    /// One sentence that says what to write where.
    pub fn read(url: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Settings, String> {
        let said =
            |names: &[&str]| names.iter().find_map(|name| variable(name).filter(|value| !value.trim().is_empty()));
        let rest = url.strip_prefix("s3://").ok_or_else(|| format!("{url}: write s3://BUCKET/PREFIX"))?;
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let is_name = (3..=63).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.'));
        if !is_name {
            return Err(format!(
                "{url}: a bucket's name has 3 to 63 small letters, digits, dots and hyphens: s3://BUCKET/PREFIX"
            ));
        }
        let prefix = prefix.trim_matches('/');
        let is_prefix = prefix.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'/'))
            && prefix.split('/').all(|part| !matches!(part, "." | "..") && (prefix.is_empty() || !part.is_empty()));
        if !is_prefix {
            return Err(format!("{url}: write the prefix with letters, digits, - . _ and single slashes"));
        }
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        let credentials = match (said(&["AWS_ACCESS_KEY_ID"]), said(&["AWS_SECRET_ACCESS_KEY"])) {
            (Some(key), Some(secret)) => match said(&["AWS_SESSION_TOKEN"]) {
                Some(token) => Credentials::new_with_token(key, secret, token),
                None => Credentials::new(key, secret),
            },
            _ => return Err(format!("{url}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment")),
        };
        let region = said(&["AWS_REGION", "AWS_DEFAULT_REGION"]).unwrap_or_else(|| REGION.to_owned());
        let (endpoint, style) = match said(&["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]) {
            // other servers have one name for all their buckets
            Some(text) => {
                let hint =
                    format!("AWS_ENDPOINT_URL {text}: write the address of the server, such as https://s3.example.com");
                (
                    Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https")).ok_or(hint)?,
                    UrlStyle::Path,
                )
            }
            None => {
                let hint = format!("AWS_REGION {region}: write a region, such as eu-central-1");
                let endpoint = Url::parse(&format!("https://s3.{region}.amazonaws.com")).map_err(|_| hint)?;
                // a certificate for *.s3.… covers no name with a dot
                (endpoint, if name.contains('.') { UrlStyle::Path } else { UrlStyle::VirtualHost })
            }
        };
        let bucket = Bucket::new(endpoint, style, name.to_owned(), region).map_err(|e| format!("{url}: {e}"))?;
        Ok(Settings { bucket, credentials, prefix })
    }

    pub(crate) fn is_loopback(&self) -> bool {
        match self.bucket.base_url().host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str, variables: &[(&str, &str)]) -> Result<Settings, String> {
        Settings::read(url, |name| variables.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
    }

    const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "id"), ("AWS_SECRET_ACCESS_KEY", "hush")];

    #[test]
    fn amazon_is_reached_by_the_buckets_name_and_other_servers_by_their_own() {
        let amazon = read("s3://inbox-files/west/", &[KEYS[0], KEYS[1], ("AWS_REGION", "eu-central-1")]).expect("good");
        assert_eq!(amazon.bucket.base_url().as_str(), "https://inbox-files.s3.eu-central-1.amazonaws.com/");
        assert_eq!(amazon.prefix, "west/");
        let dotted = read("s3://files.example.com", &KEYS).expect("good");
        assert_eq!(dotted.bucket.base_url().as_str(), "https://s3.us-east-1.amazonaws.com/files.example.com/");
        let other = read("s3://files/a/b", &[KEYS[0], KEYS[1], ("AWS_ENDPOINT_URL", "http://127.0.0.1:9000")]);
        let other = other.expect("good");
        assert_eq!(other.bucket.base_url().as_str(), "http://127.0.0.1:9000/files/");
        assert!(other.is_loopback() && !amazon.is_loopback());
        assert_eq!(format!("{other:?}"), "Settings(s3://files/a/b/)", "no credentials");
    }

    #[test]
    fn wrong_settings_say_how_to_write_them() {
        let wrong = |url: &str, variables: &[(&str, &str)]| read(url, variables).expect_err("wrong");
        assert!(wrong("s3://", &KEYS).contains("s3://BUCKET/PREFIX"));
        assert!(wrong("s3://Bad_Name", &KEYS).contains("small letters"));
        for prefix in ["a//b", "a/../b", "a b", "%2e"] {
            assert!(wrong(&format!("s3://files/{prefix}"), &KEYS).contains("prefix"), "{prefix}");
        }
        assert!(wrong("s3://files", &KEYS[..1]).contains("AWS_SECRET_ACCESS_KEY"));
        let endpoint = [KEYS[0], KEYS[1], ("AWS_ENDPOINT_URL", "minio:9000")];
        assert!(wrong("s3://files", &endpoint).contains("https://s3.example.com"));
    }
}
