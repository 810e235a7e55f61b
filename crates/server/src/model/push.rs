//! Browsers that take push.

use partyline_desk::push::Subscription;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a browser needs to know of us before it subscribes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PushKey)]
pub struct PushKeyOut {
    /// The server's public key, base64url: `applicationServerKey`.
    pub key: String,
}

/// The keys of a subscription.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PushKeysIn {
    /// The browser's public key, base64url.
    pub p256dh: String,
    /// Its secret, base64url.
    pub auth: String,
}

/// A subscription, as the browser writes it.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PushSubscriptionIn {
    /// Where the browser's push service takes messages for it: https.
    pub endpoint: String,
    /// Its keys.
    pub keys: PushKeysIn,
}

impl From<PushSubscriptionIn> for Subscription {
    fn from(of: PushSubscriptionIn) -> Self {
        Subscription { endpoint: of.endpoint, p256dh: of.keys.p256dh, auth: of.keys.auth }
    }
}

/// A browser that takes push.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PushSubscription)]
pub struct PushSubscriptionOut {
    /// Its name here, by which it is taken away.
    pub id: String,
}
