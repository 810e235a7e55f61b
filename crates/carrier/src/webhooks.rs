//! Calls the inbox: signed form posts, one more try when no connection could be made.
//! <https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides>

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::faults::Faults;
use crate::network::{Change, Message, Network};
use crate::signing;
use crate::wire::{self, WireEntry, WireSide};

/// How long the inbox has to answer (Twilio: 15 s).
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);
/// Bytes of an answer that are read.
const ANSWER_BYTES: usize = 64 * 1024;

/// A webhook that is to be called.
pub struct Webhook {
    pub account_sid: String,
    pub url: String,
    pub method: String,
    pub parameters: Vec<(String, String)>,
    /// `inbound`, or a receipt's status.
    pub about: String,
    /// Faults that touched it before it came here.
    pub faults: Vec<&'static str>,
}

/// How a call ended.
pub enum Outcome {
    /// The inbox answered with this status.
    Answered(u16),
    /// It did not answer.
    Unanswered,
}

impl Outcome {
    pub const fn is_success(&self) -> bool {
        matches!(self, Self::Answered(status) if *status >= 200 && *status < 300)
    }

    /// The status, 0 for none.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Answered(status) => *status,
            Self::Unanswered => 0,
        }
    }
}

/// Calls a webhook, with the faults that are on, and writes it all down.
pub async fn call(network: &Arc<Network>, message: &Message, webhook: Webhook) -> Outcome {
    if network.is_down() {
        let mut entry = entry(message, &webhook);
        entry.trouble = Some("down");
        entry.faults.push("down_s");
        write_down(network, entry);
        return Outcome::Unanswered;
    }
    let token = uuid::Uuid::now_v7().to_string();
    let twice = network.take_fault(|faults| &mut faults.duplicate_webhooks);
    let outcome = call_once(network, message, &webhook, &token, &[]).await;
    if twice {
        call_once(network, message, &webhook, &token, &["duplicate_webhooks"]).await;
    }
    outcome
}

async fn call_once(
    network: &Arc<Network>,
    message: &Message,
    webhook: &Webhook,
    token: &str,
    faults: &[&'static str],
) -> Outcome {
    let mut faults = faults.to_vec();
    if network.take_fault(|faults: &mut Faults| &mut faults.wrong_signature) {
        faults.push("wrong_signature");
    }
    match attempt(network, message, webhook, token, &faults).await {
        Err(Trouble::Connect) => {
            tokio::select! {
                () = tokio::time::sleep(network.config.delays.webhook_retry) => {}
                () = network.stop.cancelled() => return Outcome::Unanswered,
            }
            match attempt(network, message, webhook, token, &faults).await {
                Ok(status) => Outcome::Answered(status),
                Err(_) => Outcome::Unanswered,
            }
        }
        Err(Trouble::Other) => Outcome::Unanswered,
        Ok(status) => Outcome::Answered(status),
    }
}

enum Trouble {
    Connect,
    Other,
}

async fn attempt(
    network: &Arc<Network>,
    message: &Message,
    webhook: &Webhook,
    token: &str,
    faults: &[&'static str],
) -> Result<u16, Trouble> {
    let Ok(_slot) = network.webhook_slots.acquire().await else {
        return Err(Trouble::Other);
    };
    let request = Request::of(network, webhook, token, faults.contains(&"wrong_signature"));
    let mut line = entry(message, webhook);
    line.target.clone_from(&request.url);
    line.request_headers =
        request.headers.iter().map(|(name, value)| ((*name).to_owned(), wire::redacted(name, value))).collect();
    line.request_body.clone_from(&request.body);
    line.faults.extend_from_slice(faults);
    let id = write_down(network, line);

    let began = Instant::now();
    let answer = tokio::select! {
        answer = post(network, request) => answer,
        () = network.stop.cancelled() => return Err(Trouble::Other),
    };
    let latency = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let mut state = network.state();
    if let Some(line) = state.wire.get_mut(id) {
        line.latency_ms = Some(latency);
        match &answer {
            Ok((status, body)) => {
                line.status = Some(*status);
                line.response_body = wire::readable(body);
            }
            Err(error) if error.is_timeout() => line.trouble = Some("timeout"),
            Err(error) if error.is_connect() => line.trouble = Some("connect"),
            Err(_) => line.trouble = Some("dropped"),
        }
        network.tell(&Change::Wire(line));
    }
    match answer {
        Ok((status, _)) => Ok(status),
        Err(error) if error.is_connect() => Err(Trouble::Connect),
        Err(_) => Err(Trouble::Other),
    }
}

struct Request {
    url: String,
    is_get: bool,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Request {
    fn of(network: &Network, webhook: &Webhook, token: &str, wrong_key: bool) -> Self {
        // Connection overrides (#rc=…) steer the provider; they are neither sent nor signed.
        let address = webhook.url.split('#').next().unwrap_or_default();
        let form: String =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&webhook.parameters).finish();
        let is_get = webhook.method.eq_ignore_ascii_case("GET");
        let url = if is_get {
            let joint = if address.contains('?') { '&' } else { '?' };
            format!("{address}{joint}{form}")
        } else {
            address.to_owned()
        };
        let key = if wrong_key {
            "not the key of this account"
        } else {
            network.account(&webhook.account_sid).map_or("", |account| account.auth_token.as_str())
        };
        let signed: &[(String, String)] = if is_get { &[] } else { &webhook.parameters };
        let mut headers = vec![
            ("X-Twilio-Signature", signing::sign(key, &url, signed)),
            ("I-Twilio-Idempotency-Token", token.to_owned()),
            ("Accept", "*/*".to_owned()),
        ];
        if !is_get {
            headers.push(("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8".to_owned()));
        }
        Self { url, is_get, headers, body: if is_get { String::new() } else { form } }
    }
}

async fn post(network: &Network, request: Request) -> Result<(u16, Vec<u8>), reqwest::Error> {
    let mut builder = if request.is_get {
        network.http.get(&request.url)
    } else {
        network.http.post(&request.url).body(request.body)
    };
    for (name, value) in request.headers {
        builder = builder.header(name, value);
    }
    let mut answer = builder.timeout(ANSWER_TIMEOUT).send().await?;
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER_BYTES {
            break;
        }
    }
    Ok((answer.status().as_u16(), body))
}

fn entry(message: &Message, webhook: &Webhook) -> WireEntry {
    let mut entry = WireEntry::new(WireSide::ToInbox, &webhook.about, &webhook.method, &webhook.url);
    entry.message_sid = Some(message.sid.clone());
    entry.phone = Some(message.phone.clone());
    entry.faults.clone_from(&webhook.faults);
    entry
}

/// Writes down a webhook that a fault kept from leaving.
pub fn write_down_unsent(network: &Network, message: &Message, webhook: &Webhook, trouble: &'static str) {
    let mut entry = entry(message, webhook);
    entry.trouble = Some(trouble);
    write_down(network, entry);
}

fn write_down(network: &Network, entry: WireEntry) -> u64 {
    let mut state = network.state();
    let id = state.wire.add(entry);
    if let Some(entry) = state.wire.get_mut(id) {
        network.tell(&Change::Wire(entry));
    }
    id
}
