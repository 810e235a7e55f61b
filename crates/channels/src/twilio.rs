//! Twilio Programmable Messaging, REST API 2010-04-01: SMS and MMS.
//!
//! WhatsApp addresses (`whatsapp:+1…`) are recognised and refused: answering them by SMS would reach another thread.

mod api;
mod errors;
mod form;
mod inbound;
mod listing;
mod media;
mod numbers;
mod passed;
mod reports;
mod send;
pub mod signature;

use async_trait::async_trait;
use partyline_core::consent::Permit;
use partyline_core::phone::Party;

use crate::{
    Account, Answer, Capabilities, Connection, Credentials, FieldError, Form, Hook, Http, Inbound, InboundText, Media,
    MediaRef, NotAuthentic, Outbound, Outcome, PassedLookup, PassedPage, Previous, Provider, ProviderError,
    ReportLookup, SentLookup, Sighting, StatusReport, Unintelligible, WebhookRequest, Webhooks,
};

pub use errors::{Explained, explain};
pub use media::MAX_MEDIA_BYTES;
pub use numbers::MAX_NUMBERS;

/// The name for people; also in sentences.
const TITLE: &str = "Twilio";

/// An answer without a reply: we never answer through the webhook, because that would go around the outbox.
const NO_REPLY: Answer = Answer {
    status: 200,
    content_type: Some("text/xml"),
    body: r#"<?xml version="1.0" encoding="UTF-8"?><Response></Response>"#,
};
const NO_CONTENT: Answer = Answer { status: 204, content_type: None, body: "" };

/// The provider. Holds nothing.
#[derive(Debug, Clone, Copy)]
pub struct Twilio;

#[async_trait]
impl Provider for Twilio {
    fn name(&self) -> &'static str {
        "twilio"
    }

    fn title(&self) -> &'static str {
        TITLE
    }

    fn form(&self) -> Form {
        form::FORM
    }

    fn capabilities(&self) -> Capabilities {
        form::CAPABILITIES
    }

    fn check(&self, credentials: &Credentials) -> Result<(), Vec<FieldError>> {
        form::check(credentials)
    }

    fn account_id(&self, credentials: &Credentials) -> Option<String> {
        credentials.get(form::ACCOUNT_SID).map(str::to_owned)
    }

    async fn verify(&self, http: &Http, connection: &Connection) -> Result<Account, ProviderError> {
        numbers::verify(http, connection).await
    }

    async fn set_webhooks(
        &self,
        http: &Http,
        connection: &Connection,
        number: &Party,
        hooks: &Webhooks,
    ) -> Result<Previous, ProviderError> {
        numbers::set_webhooks(http, connection, number, hooks).await
    }

    async fn webhook_of(
        &self,
        http: &Http,
        connection: &Connection,
        number: &Party,
    ) -> Result<Option<String>, ProviderError> {
        numbers::webhook_of(http, connection, number).await
    }

    async fn put_webhook_back(
        &self,
        http: &Http,
        connection: &Connection,
        number: &Party,
        previous: Option<&str>,
    ) -> Result<(), ProviderError> {
        numbers::put_back(http, connection, number, previous).await
    }

    fn authenticate(&self, connection: &Connection, request: &WebhookRequest<'_>) -> Result<(), NotAuthentic> {
        signature::verify(request, &signature::Keys::of(connection))?;
        inbound::is_for_account(request, connection)
    }

    fn understand(&self, hook: Hook, request: &WebhookRequest<'_>) -> Result<Vec<Inbound>, Unintelligible> {
        inbound::understand(hook, request)
    }

    fn answer(&self, hook: Hook) -> Answer {
        match hook {
            Hook::Message | Hook::Voice => NO_REPLY,
            Hook::Status => NO_CONTENT,
        }
    }

    async fn send(&self, http: &Http, connection: &Connection, permit: Permit, message: &Outbound) -> Outcome {
        send::send(http, connection, permit, message).await
    }

    async fn find_sent(
        &self,
        http: &Http,
        connection: &Connection,
        look: &SentLookup,
    ) -> Result<Vec<Sighting>, ProviderError> {
        listing::find_sent(http, connection, look).await
    }

    async fn list_passed(
        &self,
        http: &Http,
        connection: &Connection,
        look: &PassedLookup,
    ) -> Result<PassedPage, ProviderError> {
        passed::list(http, connection, look).await
    }

    fn understand_listed(&self, listed: &[u8]) -> Result<InboundText, Unintelligible> {
        passed::understand(listed)
    }

    async fn list_media(
        &self,
        http: &Http,
        connection: &Connection,
        provider_id: &str,
    ) -> Result<Vec<MediaRef>, ProviderError> {
        passed::media(http, connection, provider_id).await
    }

    async fn find_reports(
        &self,
        http: &Http,
        connection: &Connection,
        look: &ReportLookup,
    ) -> Result<Vec<StatusReport>, ProviderError> {
        reports::find(http, connection, look).await
    }

    async fn fetch_media(&self, http: &Http, connection: &Connection, url: &str) -> Result<Media, ProviderError> {
        media::fetch(http, connection, url).await
    }
}
