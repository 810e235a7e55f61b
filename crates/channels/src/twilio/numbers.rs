//! The account behind the credentials, its numbers, and where those report.

use partyline_core::phone::Party;
use serde::Deserialize;
use url::Url;

use super::api::{Api, As};
use crate::{Account, Connection, Http, Number, NumberCan, Previous, ProviderError, Webhooks};

/// The most numbers that are listed for choosing.
pub const MAX_NUMBERS: usize = 1_000;
/// Numbers per request; Twilio allows 1,000, which would be megabytes at once.
const PAGE_SIZE: &str = "100";

#[derive(Deserialize)]
struct AccountBody {
    sid: String,
    #[serde(default)]
    friendly_name: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default, rename = "type")]
    kind: Option<String>,
}

#[derive(Deserialize)]
struct NumbersPage {
    incoming_phone_numbers: Vec<NumberBody>,
    #[serde(default)]
    next_page_uri: Option<String>,
}

#[derive(Deserialize)]
struct NumberBody {
    sid: String,
    phone_number: String,
    #[serde(default)]
    friendly_name: Option<String>,
    #[serde(default)]
    capabilities: Option<CapabilitiesBody>,
    #[serde(default)]
    sms_url: Option<String>,
    #[serde(default)]
    sms_application_sid: Option<String>,
    #[serde(default)]
    status_callback: Option<String>,
}

#[derive(Deserialize, Default)]
struct CapabilitiesBody {
    #[serde(default, alias = "SMS")]
    sms: bool,
    #[serde(default, alias = "MMS")]
    mms: bool,
    #[serde(default)]
    voice: bool,
}

/// Asks for the account with the auth token (which must be right, or no webhook would verify), then for the numbers
/// with what sends will be signed with: so both secrets are proved.
pub(super) async fn verify(http: &Http, connection: &Connection) -> Result<Account, ProviderError> {
    let api = Api::new(http, connection)?;
    let asked = api.ask_dated(api.get(api.account_url(&[])?, As::Account)?, As::Account).await;
    let (account, provider_now): (AccountBody, _) = match asked {
        // Twilio answers 404 for an account that does not exist or is not ours
        Err(ProviderError::NotFound) => {
            let field = "the Account SID";
            return Err(ProviderError::CredentialsRefused { title: super::TITLE, field });
        }
        other => other?,
    };
    let status = account.status.unwrap_or_default();
    let detail = match (status.as_str(), account.kind.as_deref()) {
        ("suspended", _) => {
            Some("Twilio has suspended this account. Nothing is sent or received until that is settled.")
        }
        ("closed", _) => Some("This account is closed at Twilio."),
        (_, Some("Trial")) => Some(
            "This is a trial account: it can only text numbers that are verified at Twilio, and adds a line to each text.",
        ),
        _ => None,
    };
    let (numbers, more_numbers) = numbers(&api).await?;
    Ok(Account {
        id: account.sid,
        name: account.friendly_name.unwrap_or_default(),
        status,
        detail: detail.map(str::to_owned),
        provider_now,
        numbers,
        more_numbers,
    })
}

async fn numbers(api: &Api<'_>) -> Result<(Vec<Number>, bool), ProviderError> {
    let mut first = api.account_url(&["IncomingPhoneNumbers.json"])?;
    first.query_pairs_mut().append_pair("PageSize", PAGE_SIZE);
    let mut next = Some(first);
    let mut numbers = Vec::new();
    while let Some(url) = next {
        if numbers.len() >= MAX_NUMBERS {
            return Ok((numbers, true));
        }
        let page: NumbersPage = api.ask(api.get(url, As::Usual)?, As::Usual).await?;
        if page.incoming_phone_numbers.is_empty() {
            break;
        }
        next = api.next_page(page.next_page_uri.as_deref())?;
        numbers.extend(page.incoming_phone_numbers.into_iter().filter_map(number));
    }
    Ok((numbers, false))
}

fn number(body: NumberBody) -> Option<Number> {
    let address = Party::parse(&body.phone_number).ok()?;
    let can = body.capabilities.unwrap_or_default();
    let application = body.sms_application_sid.filter(|sid| !sid.is_empty());
    Some(Number {
        name: body.friendly_name.filter(|name| !name.is_empty()).unwrap_or_else(|| address.value().to_owned()),
        address,
        provider_id: body.sid,
        can: [(can.sms, NumberCan::Sms), (can.mms, NumberCan::Mms), (can.voice, NumberCan::Voice)]
            .into_iter()
            .filter_map(|(has, what)| has.then_some(what))
            .collect(),
        webhook: body.sms_url.filter(|url| !url.is_empty()),
        caution: application.map(|sid| {
            format!(
                "A TwiML app ({sid}) answers this number's texts today. Connecting it here takes the app off the number's texts."
            )
        }),
    })
}

/// One number of the account.
async fn one(api: &Api<'_>, number: &Party) -> Result<NumberBody, ProviderError> {
    let mut url = api.account_url(&["IncomingPhoneNumbers.json"])?;
    url.query_pairs_mut().append_pair("PhoneNumber", number.value());
    let page: NumbersPage = api.ask(api.get(url, As::Usual)?, As::Usual).await?;
    // the filter matches parts of numbers too
    let found = page.incoming_phone_numbers.into_iter().find(|n| n.phone_number == number.value());
    found.ok_or(ProviderError::NotFound)
}

/// Where the number reports arriving texts; an app that answers them is named in the place of an address.
pub(super) async fn webhook_of(
    http: &Http,
    connection: &Connection,
    number: &Party,
) -> Result<Option<String>, ProviderError> {
    let number = one(&Api::new(http, connection)?, number).await?;
    let application = number.sms_application_sid.filter(|sid| !sid.is_empty());
    Ok(application.or(number.sms_url.filter(|url| !url.is_empty())))
}

/// Sets the number's address for arriving texts to what it was before, or to none.
pub(super) async fn put_back(
    http: &Http,
    connection: &Connection,
    number: &Party,
    previous: Option<&str>,
) -> Result<(), ProviderError> {
    let api = Api::new(http, connection)?;
    let before = one(&api, number).await?;
    let update = api.account_url(&["IncomingPhoneNumbers", &format!("{}.json", before.sid)])?;
    let fields = [("SmsUrl", previous.unwrap_or_default()), ("SmsMethod", "POST")];
    let _: NumberBody = api.ask(api.post(update, &fields)?, As::Usual).await?;
    Ok(())
}

/// Sets the number's own webhooks. A messaging service that the number stands behind can override them at Twilio
/// ("Defer to sender's webhook" has to be chosen there); what arrives that way is understood all the same.
pub(super) async fn set_webhooks(
    http: &Http,
    connection: &Connection,
    number: &Party,
    hooks: &Webhooks,
) -> Result<Previous, ProviderError> {
    let api = Api::new(http, connection)?;
    let before = one(&api, number).await?;

    let application = before.sms_application_sid.filter(|sid| !sid.is_empty());
    let message = hooks.message.as_str();
    let mut fields = vec![("SmsUrl", message), ("SmsMethod", "POST")];
    if application.is_some() {
        fields.push(("SmsApplicationSid", "")); // an app would override the address
    }
    if let Some(voice) = &hooks.voice {
        fields.extend([("StatusCallback", voice.as_str()), ("StatusCallbackMethod", "POST")]);
    }
    let update = api.account_url(&["IncomingPhoneNumbers", &format!("{}.json", before.sid)])?;
    let after: NumberBody = api.ask(api.post(update, &fields)?, As::Usual).await?;
    let kept = after.sms_url.and_then(|url| Url::parse(&url).ok());
    if kept.as_ref() != Some(&hooks.message) {
        return Err(ProviderError::Refused {
            code: "webhook_not_set",
            provider_code: None,
            detail:
                "Twilio took the request but kept another address for arriving texts. Set it in the Twilio Console."
                    .to_owned(),
        });
    }
    Ok(Previous {
        message: before.sms_url.filter(|url| !url.is_empty()),
        voice: hooks.voice.as_ref().and(before.status_callback).filter(|url| !url.is_empty()),
        application,
    })
}
