//! Receipts: status callbacks, in order unless a fault has them late, shuffled or lost.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::faults;
use crate::journey::pause;
use crate::network::{Message, Network, Status};
use crate::webhooks::{self, Webhook};

/// A state that a message has reached.
#[derive(Clone, Copy, Debug)]
pub struct Receipt {
    pub status: Status,
    pub error_code: Option<u32>,
    /// When it was reached; what holds receipts back counts from here.
    pub at: Instant,
}

/// Posts a message's receipts as they come, one after another, until there are no more.
pub async fn post(network: &Arc<Network>, message: &Message, mut receipts: mpsc::Receiver<Receipt>) {
    let mut kept_for_shuffling = Vec::new();
    while let Some(receipt) = receipts.recv().await {
        let Some(url) = &message.status_callback else {
            continue;
        };
        let faults = network.state().faults.clone();
        let mut touched = Vec::new();
        let webhook = webhook(message, url, receipt, Vec::new());
        let roll = faults::chance(network.config.seed, message.ordinal, receipt.status.name()) % 100;
        if roll < u64::from(faults.lose_receipts_percent) {
            let webhook = Webhook { faults: vec!["lose_receipts_percent"], ..webhook };
            webhooks::write_down_unsent(network, message, &webhook, "lost");
            continue;
        }
        let due = receipt.at + Duration::from_secs(faults.hold_receipts_s);
        if faults.hold_receipts_s > 0 {
            touched.push("hold_receipts_s");
        }
        let webhook = Webhook { faults: touched, ..webhook };
        if faults.shuffle_receipts.is_on() {
            kept_for_shuffling.push((due, webhook));
        } else {
            pause(due.saturating_duration_since(Instant::now())).await;
            webhooks::call(network, message, webhook).await;
        }
    }
    if kept_for_shuffling.is_empty() {
        return;
    }
    network.take_fault(|faults| &mut faults.shuffle_receipts);
    let order = faults::wrong_order(network.config.seed, message.ordinal, kept_for_shuffling.len());
    let mut kept: Vec<Option<(Instant, Webhook)>> = kept_for_shuffling.into_iter().map(Some).collect();
    for index in order {
        if let Some((due, mut webhook)) = kept.get_mut(index).and_then(Option::take) {
            webhook.faults.push("shuffle_receipts");
            pause(due.saturating_duration_since(Instant::now())).await;
            webhooks::call(network, message, webhook).await;
        }
    }
}

fn webhook(message: &Message, url: &str, receipt: Receipt, faults: Vec<&'static str>) -> Webhook {
    let status = receipt.status.name();
    let mut parameters = vec![
        ("SmsSid", message.sid.clone()),
        ("SmsStatus", status.to_owned()),
        ("MessageStatus", status.to_owned()),
        ("To", message.phone.clone()),
        ("MessageSid", message.sid.clone()),
        ("AccountSid", message.account_sid.clone()),
        ("From", message.number.clone()),
        ("ApiVersion", "2010-04-01".to_owned()),
    ];
    if let Some(service) = &message.service_sid {
        parameters.push(("MessagingServiceSid", service.clone()));
    }
    if let Some(code) = receipt.error_code {
        parameters.push(("ErrorCode", code.to_string()));
    }
    if matches!(receipt.status, Status::Delivered | Status::Undelivered) {
        let done = Timestamp::now().strftime("%y%m%d%H%M").to_string();
        parameters.push(("RawDlrDoneDate", done));
    }
    Webhook {
        account_sid: message.account_sid.clone(),
        url: url.to_owned(),
        method: "POST".to_owned(),
        parameters: parameters.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        about: status.to_owned(),
        faults,
    }
}
