//! A provider that is never asked: the real one's words, and no network.

use async_trait::async_trait;
use partyline_channels::{
    Account, Answer, Capabilities, Connection, Credentials, FieldError, Form, Hook, Http, Inbound, InboundText, Media,
    MediaRef, NotAuthentic, Number, NumberCan, Outbound, Outcome, PassedLookup, PassedPage, Previous, Provider,
    ProviderError, ReportLookup, SentLookup, Sighting, StatusReport, Unintelligible, WebhookRequest, Webhooks,
    twilio::Twilio,
};
use partyline_core::consent::Permit;
use partyline_core::phone::Party;

/// Holds nothing.
pub struct Offline;

/// Every name is its name that is the real one's.
pub fn find(name: &str) -> Option<&'static dyn Provider> {
    (name == Twilio.name()).then_some(&Offline)
}

fn away<T>() -> Result<T, ProviderError> {
    Err(ProviderError::Unreachable { detail: "offline".to_owned() })
}

#[async_trait]
impl Provider for Offline {
    fn name(&self) -> &'static str {
        Twilio.name()
    }
    fn title(&self) -> &'static str {
        Twilio.title()
    }
    fn form(&self) -> Form {
        Twilio.form()
    }
    fn capabilities(&self) -> Capabilities {
        Twilio.capabilities()
    }
    fn check(&self, credentials: &Credentials) -> Result<(), Vec<FieldError>> {
        Twilio.check(credentials)
    }
    fn account_id(&self, credentials: &Credentials) -> Option<String> {
        Twilio.account_id(credentials)
    }
    async fn verify(&self, _: &Http, _: &Connection) -> Result<Account, ProviderError> {
        let number = |address: &str| Number {
            address: Party::parse(address).expect("a number"),
            name: String::new(),
            provider_id: "PN1".to_owned(),
            can: vec![NumberCan::Sms],
            webhook: None,
            caution: None,
        };
        Ok(Account {
            id: "AC1".to_owned(),
            name: "Offline".to_owned(),
            status: "active".to_owned(),
            detail: None,
            numbers: vec![number("+14155550100"), number("+14155550188")],
            more_numbers: true,
            provider_now: None,
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
    fn authenticate(&self, connection: &Connection, request: &WebhookRequest<'_>) -> Result<(), NotAuthentic> {
        Twilio.authenticate(connection, request)
    }
    fn understand(&self, hook: Hook, request: &WebhookRequest<'_>) -> Result<Vec<Inbound>, Unintelligible> {
        Twilio.understand(hook, request)
    }
    fn answer(&self, hook: Hook) -> Answer {
        Twilio.answer(hook)
    }
    async fn send(&self, _: &Http, _: &Connection, permit: Permit, _: &Outbound) -> Outcome {
        drop(permit);
        Outcome::Unknown { detail: "offline".to_owned() }
    }
    async fn find_sent(&self, _: &Http, _: &Connection, _: &SentLookup) -> Result<Vec<Sighting>, ProviderError> {
        away()
    }
    async fn list_passed(&self, _: &Http, _: &Connection, _: &PassedLookup) -> Result<PassedPage, ProviderError> {
        away()
    }
    fn understand_listed(&self, listed: &[u8]) -> Result<InboundText, Unintelligible> {
        Twilio.understand_listed(listed)
    }
    async fn list_media(&self, _: &Http, _: &Connection, _: &str) -> Result<Vec<MediaRef>, ProviderError> {
        away()
    }
    async fn find_reports(
        &self,
        _: &Http,
        _: &Connection,
        _: &ReportLookup,
    ) -> Result<Vec<StatusReport>, ProviderError> {
        away()
    }
    async fn fetch_media(&self, _: &Http, _: &Connection, _: &str) -> Result<Media, ProviderError> {
        away()
    }
}
