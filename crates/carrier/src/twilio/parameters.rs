//! The parameters that Twilio's API document (twilio_api_v2010) names, per kind of request.

const SEND: [&str; 25] = [
    "To",
    "StatusCallback",
    "ApplicationSid",
    "MaxPrice",
    "ProvideFeedback",
    "Attempt",
    "ValidityPeriod",
    "ForceDelivery",
    "ContentRetention",
    "AddressRetention",
    "SmartEncoded",
    "PersistentAction",
    "TrafficType",
    "ShortenUrls",
    "ScheduleType",
    "SendAt",
    "SendAsMms",
    "ContentVariables",
    "RiskCheck",
    "From",
    "FallbackFrom",
    "MessagingServiceSid",
    "Body",
    "MediaUrl",
    "ContentSid",
];
const CHANGE: [&str; 2] = ["Body", "Status"];
const NUMBERS: [&str; 23] = [
    "AccountSid",
    "ApiVersion",
    "FriendlyName",
    "SmsApplicationSid",
    "SmsFallbackMethod",
    "SmsFallbackUrl",
    "SmsMethod",
    "SmsUrl",
    "StatusCallback",
    "StatusCallbackMethod",
    "VoiceApplicationSid",
    "VoiceCallerIdLookup",
    "VoiceFallbackMethod",
    "VoiceFallbackUrl",
    "VoiceMethod",
    "VoiceUrl",
    "EmergencyStatus",
    "EmergencyAddressSid",
    "TrunkSid",
    "VoiceReceiveMode",
    "IdentitySid",
    "AddressSid",
    "BundleSid",
];

/// The names in a form body that a request of this kind does not have.
pub fn unknown(about: &str, form: &[u8]) -> Vec<String> {
    let known: &[&str] = match about {
        "send" => &SEND,
        "change" => &CHANGE,
        "numbers" => &NUMBERS,
        _ => return Vec::new(),
    };
    let mut names: Vec<String> = url::form_urlencoded::parse(form)
        .map(|(name, _)| name.into_owned())
        .filter(|name| !known.contains(&name.as_str()))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}
