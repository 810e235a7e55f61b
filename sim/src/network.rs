//! The provider, and the network behind it: takes a text, refuses it, loses the answer, takes it after we have given up, lists it
//! late, reports once, twice or never. What it really took is what customers get.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use fastrand::Rng;
use partyline_channels::{
    Account, Answer, Capabilities, ChannelKind, Connection, Credentials, FieldError, Form, Hook, Http, Inbound,
    InboundText, Listed, Media, MediaLimits, MediaRef, NotAuthentic, Number, NumberCan, Outbound, Outcome, Passed,
    PassedLookup, PassedPage, PassedWhat, Previous, Provider, ProviderError, RefusalAbout, ReportLookup, SendRates,
    SentLookup, Sighting, StatusReport, StopAnsweredBy, StopHandling, Unintelligible, Way, WebhookRequest, Webhooks,
};
use partyline_core::consent::Permit;
use partyline_core::delivery::{DeliveryError, DeliveryStatus};
use partyline_core::phone::Party;
use partyline_core::time::{Millis, SECOND};
use serde::{Deserialize, Serialize};

use crate::chance::{one, percent};
use crate::turn::{Moment, hold};

/// Its name in the database.
pub const NAME: &str = "simulated";
/// The business's number.
pub const OURS: &str = "+14155550100";
/// Listed at the latest this long after it was taken.
const LISTED_WITHIN: i64 = 45 * SECOND;
/// A request that was given up may still arrive within this time.
const ARRIVES_WITHIN: i64 = 60 * SECOND;

/// A request to send, as it arrived.
#[derive(Debug, Clone)]
pub struct Request {
    /// Our message, from the callback.
    pub message: String,
    /// To whom.
    pub to: String,
    /// The newest seq of our log when the request left.
    pub head: i64,
    /// When it left.
    pub at: Millis,
    /// What became of it.
    pub fate: Fate,
    /// The provider's id of what it takes by it, if it does.
    pub sid: String,
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Taken, and we are told.
    Taken,
    /// Taken, and the answer is lost.
    TakenInSilence,
    /// Lost on the way; the time runs out.
    Lost,
    /// Taken after the time has run out.
    TakenLate,
    /// Refused for good.
    Refused,
    /// Refused, because they opted out.
    OptedOut,
    /// It never left.
    NeverLeft,
    /// Too many requests.
    Busy,
    /// It does not let the account in.
    NotLetIn,
}

/// A message that the provider took.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The provider's id.
    pub sid: String,
    /// Our message, from the callback.
    pub message: String,
    /// To whom.
    pub to: String,
    /// What it says.
    pub text: String,
    /// When, by the provider's clock.
    pub created_at: Millis,
    /// Listed from then on.
    pub listed_at: Millis,
    /// When it was really taken.
    pub taken_at: Millis,
    /// Where it is.
    pub status: DeliveryStatus,
}

/// A look into the provider's list of what we sent.
#[derive(Debug, Clone)]
pub struct Look {
    /// When.
    pub at: Millis,
    /// The newest seq of our log then.
    pub head: i64,
    /// To whom.
    pub to: String,
    /// Only what the provider's clock calls this late, or later.
    pub since: Millis,
    /// The copies that it showed; none when it failed.
    pub shown: Option<Vec<Copy>>,
}

/// A copy of a message, in the provider's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// The provider's id.
    pub sid: String,
    /// Our message.
    pub message: String,
}

/// A text from a customer, as the provider has it.
#[derive(Debug, Clone)]
pub struct Text {
    /// The provider's id.
    pub sid: String,
    /// From whom.
    pub from: String,
    /// What it says.
    pub body: String,
    /// When the provider took it.
    pub created_at: Millis,
    /// Listed from then on.
    pub listed_at: Millis,
}

/// A report that is under way to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// About which.
    pub sid: String,
    /// Our message, from the callback.
    pub message: String,
    /// What became of it.
    pub status: DeliveryStatus,
}

/// A webhook's body: what [`Provider::understand`] reads.
#[derive(Debug, Serialize, Deserialize)]
enum Body {
    Text { sid: String, from: String, body: String },
    Report { sid: String, message: String, status: DeliveryStatus },
}

/// All that the provider knows.
#[derive(Debug)]
pub struct State {
    /// The time.
    pub now: Millis,
    /// The newest seq of our log.
    pub head: i64,
    /// Does anything go wrong?
    pub faults: bool,
    /// Does it not let the account in?
    pub shut: bool,
    /// How far its clock is ahead of ours, in milliseconds.
    pub skew: i64,
    /// What the present step draws from.
    pub rng: Option<Rng>,
    /// Every request.
    pub requests: Vec<Request>,
    /// Every message that it took: what customers get.
    pub taken: Vec<Taken>,
    /// Taken when their time comes.
    pub late: Vec<(Millis, Taken)>,
    /// Every look.
    pub looks: Vec<Look>,
    /// Reports under way.
    pub reports: Vec<Report>,
    /// Texts from customers.
    pub texts: Vec<Text>,
}

static STATE: Mutex<State> = Mutex::new(State::empty());

/// What the provider knows, to look at or to change.
pub fn network() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A network on which nothing has happened yet.
pub fn anew(now: Millis, skew: i64) {
    *network() = State { now, skew, faults: true, ..State::empty() };
}

/// The body of a text's webhook.
#[must_use]
pub fn text_body(text: &Text) -> Vec<u8> {
    let body = Body::Text { sid: text.sid.clone(), from: text.from.clone(), body: text.body.clone() };
    serde_json::to_vec(&body).unwrap_or_default()
}

/// The body of a report's webhook.
#[must_use]
pub fn report_body(report: &Report) -> Vec<u8> {
    let body = Body::Report { sid: report.sid.clone(), message: report.message.clone(), status: report.status };
    serde_json::to_vec(&body).unwrap_or_default()
}

impl State {
    const fn empty() -> State {
        State {
            now: Millis(0),
            head: 0,
            faults: false,
            shut: false,
            skew: 0,
            rng: None,
            requests: Vec::new(),
            taken: Vec::new(),
            late: Vec::new(),
            looks: Vec::new(),
            reports: Vec::new(),
            texts: Vec::new(),
        }
    }

    fn rng(&mut self) -> &mut Rng {
        self.rng.get_or_insert_with(|| Rng::with_seed(0))
    }

    /// Moves its clock; what was under way for so long has arrived.
    pub fn at(&mut self, now: Millis) {
        self.now = now;
        let (due, rest) = std::mem::take(&mut self.late).into_iter().partition(|(at, _)| *at <= now);
        self.late = rest;
        let due: Vec<(Millis, Taken)> = due;
        for (_, taken) in due {
            self.take(taken);
        }
    }

    fn take(&mut self, mut taken: Taken) {
        taken.taken_at = self.now;
        taken.created_at = Millis((self.now + self.skew).0 / SECOND * SECOND);
        let (faults, now) = (self.faults, self.now);
        let rng = self.rng();
        taken.listed_at = if faults && percent(rng, 25) { now + rng.i64(1..=LISTED_WITHIN) } else { now };
        let fails = faults && percent(rng, 15);
        let told = if faults { rng.u32(0..100) } else { 0 };
        let end = if fails { DeliveryStatus::Failed } else { DeliveryStatus::Delivered };
        // what became of it is told whole, in part, or not at all
        let reported: &[DeliveryStatus] = match told {
            0..60 => &[DeliveryStatus::Sent, end],
            60..75 => &[end],
            75..85 => &[DeliveryStatus::Sent],
            _ => &[],
        };
        for status in reported {
            self.reports.push(Report { sid: taken.sid.clone(), message: taken.message.clone(), status: *status });
        }
        taken.status = end;
        self.taken.push(taken);
    }

    fn request(&mut self, to: &str, text: &str, message: String) -> Outcome {
        let faults = self.faults;
        let fate = match if faults { self.rng().u32(0..100) } else { 0 } {
            _ if faults && self.shut => Fate::NotLetIn,
            0..56 => Fate::Taken,
            56..68 => Fate::TakenInSilence,
            68..76 => Fate::Lost,
            76..80 => Fate::TakenLate,
            80..86 => Fate::Refused,
            86..88 => Fate::OptedOut,
            88..95 => Fate::NeverLeft,
            _ => Fate::Busy,
        };
        let sid = format!("SM{:06}", self.requests.len() + 1);
        let (at, head) = (self.now, self.head);
        let request = Request { message: message.clone(), to: to.to_owned(), head, at, fate, sid: sid.clone() };
        self.requests.push(request);
        let taken = Taken {
            sid: sid.clone(),
            message,
            to: to.to_owned(),
            text: text.to_owned(),
            created_at: self.now,
            listed_at: self.now,
            taken_at: self.now,
            status: DeliveryStatus::Sent,
        };
        match fate {
            Fate::Taken => {
                self.take(taken);
                Outcome::Accepted { provider_id: sid, segments: Some(1), status: DeliveryStatus::Sent, price: None }
            }
            Fate::TakenInSilence => {
                self.take(taken);
                Outcome::Unknown { detail: "no answer".to_owned() }
            }
            Fate::Lost => Outcome::Unknown { detail: "status 500".to_owned() },
            Fate::TakenLate => {
                let at = self.now + self.rng().i64(1..=ARRIVES_WITHIN);
                self.late.push((at, taken));
                Outcome::Unknown { detail: "no answer".to_owned() }
            }
            Fate::Refused => Outcome::Refused { error: refusal("unreachable"), about: RefusalAbout::Recipient },
            Fate::NotLetIn => {
                Outcome::Refused { error: refusal("credentials_refused"), about: RefusalAbout::Connection }
            }
            Fate::OptedOut => Outcome::Refused { error: refusal("opted_out"), about: RefusalAbout::OptOut },
            Fate::NeverLeft => Outcome::NeverLeft {
                error: ProviderError::Unreachable { detail: "connection refused".to_owned() },
                retry_after: None,
            },
            Fate::Busy => {
                let wait = self.rng().u64(1..=90);
                let wait = percent(self.rng(), 50).then(|| Duration::from_secs(wait));
                Outcome::NeverLeft { error: ProviderError::Busy { retry_after: wait }, retry_after: wait }
            }
        }
    }

    fn fails(&mut self) -> Option<ProviderError> {
        let faults = self.faults;
        if faults && self.shut {
            return Some(ProviderError::CredentialsRefused { title: "Simulated", field: "the token" });
        }
        let errors = [
            ProviderError::Unreachable { detail: "connection refused".to_owned() },
            ProviderError::NoAnswer { detail: "timed out".to_owned() },
            ProviderError::Trouble { status: 503 },
        ];
        (faults && percent(self.rng(), 15)).then(|| one(self.rng(), &errors).cloned()).flatten()
    }
}

fn refusal(code: &str) -> DeliveryError {
    DeliveryError { code: code.to_owned(), provider_code: None, detail: "No.".to_owned() }
}

/// Holds nothing: everything is in [`network`].
#[derive(Debug)]
pub struct Simulated;

/// Finds it by its name.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Provider> {
    (name == NAME).then_some(&Simulated)
}

#[async_trait]
impl Provider for Simulated {
    fn name(&self) -> &'static str {
        NAME
    }

    fn title(&self) -> &'static str {
        "Simulated"
    }

    fn form(&self) -> Form {
        Form { fields: &[] }
    }

    fn capabilities(&self) -> Capabilities {
        let stop = StopAnsweredBy::Us;
        Capabilities {
            kinds: &[ChannelKind::Sms],
            text_limit: 1_600,
            // more than a history ever sends, so that its time goes into what may go wrong
            rates: SendRates { long_code: 1_000, toll_free: 1_000, short_code: 1_000, sender_name: 1_000 },
            media: MediaLimits { max_count: 0, max_total_bytes: 0, types: &[], needs_public_url: true },
            delivery_receipts: true,
            read_receipts: false,
            stop: StopHandling { long_code: stop, toll_free: stop, short_code: stop },
            can_list: true,
            webhook_patience_ms: 15_000,
        }
    }

    fn check(&self, _: &Credentials) -> Result<(), Vec<FieldError>> {
        Ok(())
    }

    fn account_id(&self, _: &Credentials) -> Option<String> {
        Some("account".to_owned())
    }

    async fn verify(&self, _: &Http, _: &Connection) -> Result<Account, ProviderError> {
        let ours = Party::parse(OURS).map_err(|e| ProviderError::Unreadable { detail: e.to_string() })?;
        let number = Number {
            address: ours,
            name: "West".to_owned(),
            provider_id: "PN1".to_owned(),
            can: vec![NumberCan::Sms],
            webhook: None,
            caution: None,
        };
        Ok(Account {
            id: "account".to_owned(),
            name: "Simulated".to_owned(),
            status: "active".to_owned(),
            detail: None,
            provider_now: None,
            numbers: vec![number],
            more_numbers: false,
        })
    }

    async fn set_webhooks(&self, _: &Http, _: &Connection, _: &Party, _: &Webhooks) -> Result<Previous, ProviderError> {
        Ok(Previous::default())
    }

    async fn webhook_of(&self, _: &Http, _: &Connection, _: &Party) -> Result<Option<String>, ProviderError> {
        Ok(None)
    }

    async fn put_webhook_back(
        &self,
        _: &Http,
        _: &Connection,
        _: &Party,
        _: Option<&str>,
    ) -> Result<(), ProviderError> {
        Ok(())
    }

    fn authenticate(&self, _: &Connection, _: &WebhookRequest<'_>) -> Result<(), NotAuthentic> {
        Ok(())
    }

    fn understand(&self, _: Hook, request: &WebhookRequest<'_>) -> Result<Vec<Inbound>, Unintelligible> {
        let body = serde_json::from_slice(request.body).map_err(|_| Unintelligible::NotAForm)?;
        Ok(vec![match body {
            Body::Text { sid, from, body } => Inbound::Text(inbound(sid, &from, body, None)?),
            Body::Report { sid, message, status } => Inbound::Status(StatusReport {
                provider_id: sid,
                correlation: Some(message),
                status,
                error: (status == DeliveryStatus::Failed).then(|| refusal("unreachable")),
                raw_status: status.as_str().to_owned(),
                at: None,
            }),
        }])
    }

    fn answer(&self, _: Hook) -> Answer {
        Answer { status: 200, content_type: None, body: "" }
    }

    async fn send(&self, _: &Http, _: &Connection, permit: Permit, message: &Outbound) -> Outcome {
        drop(permit);
        hold(Moment::Request).await;
        let ours = message.status_callback.as_ref().and_then(|url| {
            url.query_pairs()
                .find(|(name, _)| name == partyline_channels::CORRELATION_PARAM)
                .map(|(_, id)| id.into_owned())
        });
        let outcome = network().request(message.to.as_str(), &message.text, ours.unwrap_or_default());
        hold(Moment::Answer).await;
        outcome
    }

    async fn find_sent(&self, _: &Http, _: &Connection, look: &SentLookup) -> Result<Vec<Sighting>, ProviderError> {
        hold(Moment::Request).await;
        let mut network = network();
        let (at, head, to) = (network.now, network.head, look.to.as_str().to_owned());
        let since = Millis(look.since.0 / SECOND * SECOND);
        if let Some(error) = network.fails() {
            network.looks.push(Look { at, head, to, since, shown: None });
            return Err(error);
        }
        let listed = network.taken.iter().rev();
        let listed: Vec<Taken> =
            listed.filter(|t| t.to == to && t.listed_at <= at && t.created_at >= since).cloned().collect();
        let shown = listed.iter().map(|t| Copy { sid: t.sid.clone(), message: t.message.clone() }).collect();
        network.looks.push(Look { at, head, to, since, shown: Some(shown) });
        Ok(listed
            .into_iter()
            .map(|t| Sighting {
                provider_id: t.sid,
                text: t.text,
                created_at: t.created_at,
                status: t.status,
                error: (t.status == DeliveryStatus::Failed).then(|| refusal("unreachable")),
                raw_status: t.status.as_str().to_owned(),
                segments: Some(1),
                media_count: 0,
            })
            .collect())
    }

    async fn list_passed(&self, _: &Http, _: &Connection, look: &PassedLookup) -> Result<PassedPage, ProviderError> {
        hold(Moment::Request).await;
        let mut network = network();
        if let Some(error) = network.fails() {
            return Err(error);
        }
        let (now, from) = (network.now, Millis(look.from.0 / SECOND * SECOND));
        let is_listed =
            |t: &&Text| t.listed_at <= now && t.created_at >= from && look.until.is_none_or(|u| t.created_at <= u);
        let received = look.way == Way::Received;
        let mut listed: Vec<&Text> = network.texts.iter().filter(|_| received).filter(is_listed).collect();
        listed.sort_by_key(|t| std::cmp::Reverse(t.created_at));
        let read = |t: &Text| {
            let text = inbound(t.sid.clone(), &t.from, t.body.clone(), Some(t.created_at));
            Passed {
                provider_id: t.sid.clone(),
                at: t.created_at,
                files: 0,
                what: text.map_or_else(
                    |why| PassedWhat::Unreadable { why, listed: Listed(String::new()) },
                    PassedWhat::Received,
                ),
            }
        };
        let messages = listed.into_iter().map(read).collect();
        Ok(PassedPage { messages, next: None, is_coarse: false, provider_now: None })
    }

    fn understand_listed(&self, _: &[u8]) -> Result<InboundText, Unintelligible> {
        // it lists nothing that it does not understand
        Err(Unintelligible::NotAForm)
    }

    async fn list_media(&self, _: &Http, _: &Connection, _: &str) -> Result<Vec<MediaRef>, ProviderError> {
        Ok(Vec::new())
    }

    async fn find_reports(
        &self,
        _: &Http,
        _: &Connection,
        look: &ReportLookup,
    ) -> Result<Vec<StatusReport>, ProviderError> {
        hold(Moment::Request).await;
        let mut network = network();
        if let Some(error) = network.fails() {
            return Err(error);
        }
        let now = network.now;
        let asked = network.taken.iter().filter(|t| t.listed_at <= now && look.ids.contains(&t.sid));
        Ok(asked
            .map(|t| StatusReport {
                provider_id: t.sid.clone(),
                correlation: None,
                status: t.status,
                error: (t.status == DeliveryStatus::Failed).then(|| refusal("unreachable")),
                raw_status: t.status.as_str().to_owned(),
                at: None,
            })
            .collect())
    }

    async fn fetch_media(&self, _: &Http, _: &Connection, _: &str) -> Result<Media, ProviderError> {
        Err(ProviderError::Unsupported)
    }
}

fn inbound(sid: String, from: &str, body: String, sent_at: Option<Millis>) -> Result<InboundText, Unintelligible> {
    Ok(InboundText {
        provider_id: sid,
        account_id: "account".to_owned(),
        from: Party::parse(from).map_err(|_| Unintelligible::BadAddress("From"))?,
        to: Party::parse(OURS).map_err(|_| Unintelligible::BadAddress("To"))?,
        text: body,
        media: Vec::new(),
        sent_at,
        opt_out: None,
        segments: Some(1),
        service_id: None,
    })
}
