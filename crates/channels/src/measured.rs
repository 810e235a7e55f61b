//! Every provider, with its requests timed and counted: wrapped around each of them once, so that none is forgotten.

use std::time::Instant;

use async_trait::async_trait;
use partyline_core::consent::Permit;
use partyline_core::phone::Party;
use partyline_meters::figures::{PROVIDER_REQUESTS, PROVIDER_SECONDS};
use partyline_meters::word;
use tracing::Instrument;
use tracing::field::Empty;

use crate::{
    Account, Answer, Capabilities, Connection, Credentials, FieldError, Form, Hook, Http, Inbound, InboundText, Media,
    MediaRef, NotAuthentic, Outbound, Outcome, PassedLookup, PassedPage, Previous, Provider, ProviderError,
    ReportLookup, SentLookup, Sighting, StatusReport, Unintelligible, WebhookRequest, Webhooks,
};

/// A provider whose requests are measured.
pub(crate) struct Measured<P>(pub(crate) P);

impl<P: Provider> Measured<P> {
    async fn measure<T>(
        &self,
        operation: &'static str,
        request: impl Future<Output = T>,
        outcome: impl Fn(&T) -> &'static str,
    ) -> T {
        let provider = self.0.name();
        let span = tracing::debug_span!("provider", provider, operation, outcome = Empty);
        let began = Instant::now();
        let answer = request.instrument(span.clone()).await;
        let outcome = outcome(&answer);
        span.record("outcome", outcome);
        PROVIDER_REQUESTS.add([provider, operation, outcome]);
        PROVIDER_SECONDS.since([provider, operation], began);
        answer
    }

    async fn ask<T>(
        &self,
        operation: &'static str,
        request: impl Future<Output = Result<T, ProviderError>>,
    ) -> Result<T, ProviderError> {
        self.measure(operation, request, |answer| match answer {
            Ok(_) => "ok",
            Err(error) => word(error.code()),
        })
        .await
    }
}

/// A send's outcome in a word.
fn outcome(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Accepted { .. } => "accepted",
        Outcome::NeverLeft { .. } => "never_left",
        Outcome::Refused { .. } => "refused",
        Outcome::Unknown { .. } => "unknown",
    }
}

#[async_trait]
impl<P: Provider> Provider for Measured<P> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn title(&self) -> &'static str {
        self.0.title()
    }

    fn form(&self) -> Form {
        self.0.form()
    }

    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }

    fn check(&self, credentials: &Credentials) -> Result<(), Vec<FieldError>> {
        self.0.check(credentials)
    }

    fn account_id(&self, credentials: &Credentials) -> Option<String> {
        self.0.account_id(credentials)
    }

    async fn verify(&self, http: &Http, connection: &Connection) -> Result<Account, ProviderError> {
        self.ask("verify", self.0.verify(http, connection)).await
    }

    async fn set_webhooks(
        &self,
        http: &Http,
        connection: &Connection,
        number: &Party,
        hooks: &Webhooks,
    ) -> Result<Previous, ProviderError> {
        self.ask("set_webhooks", self.0.set_webhooks(http, connection, number, hooks)).await
    }

    fn authenticate(&self, connection: &Connection, request: &WebhookRequest<'_>) -> Result<(), NotAuthentic> {
        self.0.authenticate(connection, request)
    }

    fn understand(&self, hook: Hook, request: &WebhookRequest<'_>) -> Result<Vec<Inbound>, Unintelligible> {
        self.0.understand(hook, request)
    }

    fn answer(&self, hook: Hook) -> Answer {
        self.0.answer(hook)
    }

    async fn send(&self, http: &Http, connection: &Connection, permit: Permit, message: &Outbound) -> Outcome {
        self.measure("send", self.0.send(http, connection, permit, message), outcome).await
    }

    async fn find_sent(
        &self,
        http: &Http,
        connection: &Connection,
        look: &SentLookup,
    ) -> Result<Vec<Sighting>, ProviderError> {
        self.ask("find_sent", self.0.find_sent(http, connection, look)).await
    }

    async fn webhook_of(
        &self,
        http: &Http,
        connection: &Connection,
        number: &Party,
    ) -> Result<Option<String>, ProviderError> {
        self.ask("webhook_of", self.0.webhook_of(http, connection, number)).await
    }

    async fn put_webhook_back(
        &self,
        http: &Http,
        connection: &Connection,
        number: &Party,
        previous: Option<&str>,
    ) -> Result<(), ProviderError> {
        self.ask("put_webhook_back", self.0.put_webhook_back(http, connection, number, previous)).await
    }

    async fn list_passed(
        &self,
        http: &Http,
        connection: &Connection,
        look: &PassedLookup,
    ) -> Result<PassedPage, ProviderError> {
        self.ask("list_passed", self.0.list_passed(http, connection, look)).await
    }

    fn understand_listed(&self, listed: &[u8]) -> Result<InboundText, Unintelligible> {
        self.0.understand_listed(listed)
    }

    async fn list_media(
        &self,
        http: &Http,
        connection: &Connection,
        provider_id: &str,
    ) -> Result<Vec<MediaRef>, ProviderError> {
        self.ask("list_media", self.0.list_media(http, connection, provider_id)).await
    }

    async fn find_reports(
        &self,
        http: &Http,
        connection: &Connection,
        look: &ReportLookup,
    ) -> Result<Vec<StatusReport>, ProviderError> {
        self.ask("find_reports", self.0.find_reports(http, connection, look)).await
    }

    async fn fetch_media(&self, http: &Http, connection: &Connection, url: &str) -> Result<Media, ProviderError> {
        self.ask("fetch_media", self.0.fetch_media(http, connection, url)).await
    }
}
