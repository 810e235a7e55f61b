//! The way of a message from the business to a phone: queued, sending, sent, delivered; or where
//! it ends instead.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::media;
use crate::network::{Message, Network, Status};
use crate::receipts::{self, Receipt};

/// Receipts of one message that can wait; a journey has at most six states.
const RECEIPTS_WAITING: usize = 8;

/// What fate a message met when it was taken. Decided then, so that a fault which is switched off
/// meanwhile still finds the messages it was on for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fate {
    /// Ends undelivered, 30007.
    pub spam: bool,
    /// Ends undelivered, 30006.
    pub landline: bool,
}

/// What is to be carried.
pub struct Load {
    /// The message as it was taken.
    pub message: Message,
    /// Pictures to fetch first.
    pub media_urls: Vec<String>,
    /// When it is to leave, if not at once.
    pub send_at: Option<Timestamp>,
    /// What befalls it.
    pub fate: Fate,
}

/// Carries a message to its end.
pub fn carry(network: &Arc<Network>, load: Load) {
    let network = Arc::clone(network);
    tokio::spawn(async move {
        let (receipts, waiting) = mpsc::channel(RECEIPTS_WAITING);
        let posting = receipts::post(&network, &load.message, waiting);
        let travelling = travel(&network, &load, receipts);
        tokio::select! {
            ((), ()) = async { tokio::join!(posting, travelling) } => {}
            () = network.stop.cancelled() => {}
        }
    });
}

async fn travel(network: &Arc<Network>, load: &Load, receipts: mpsc::Sender<Receipt>) {
    let ordinal = load.message.ordinal;
    let step = network.config.delays.step;
    let say = async |status: Status, error_code: Option<u32>| {
        let changed = network.change_message(ordinal, |message| {
            if message.status == Status::Canceled {
                return false;
            }
            message.become_status(status, error_code);
            true
        });
        if changed != Some(true) {
            return false;
        }
        // The other end lives as long as this one.
        let receipt = Receipt { status, error_code, at: Instant::now() };
        let _ = receipts.send(receipt).await;
        true
    };

    if let Some(at) = load.send_at {
        pause(until(at)).await;
    }
    if !say(Status::Queued, None).await {
        return;
    }
    for url in &load.media_urls {
        match media::fetch(network, url).await {
            Ok(media) => {
                network.change_message(ordinal, |message| message.media.push(media));
            }
            Err(code) => {
                say(Status::Failed, Some(code)).await;
                return;
            }
        }
    }
    pause(step).await;
    say(Status::Sending, None).await;
    pause(step).await;
    say(Status::Sent, None).await;
    pause(step).await;
    if load.fate.spam {
        say(Status::Undelivered, Some(30007)).await;
    } else if load.fate.landline {
        say(Status::Undelivered, Some(30006)).await;
    } else if reaches(network, &load.message).await {
        say(Status::Delivered, None).await;
    } else {
        say(Status::Undelivered, Some(30003)).await;
    }
}

/// Waits for a phone that is off, as long as the network does; says whether it came on.
async fn reaches(network: &Network, message: &Message) -> bool {
    if network.state().is_on(&message.phone) {
        return true;
    }
    let patience = network.config.delays.off_fails_after;
    let fails_at =
        SignedDuration::try_from(patience).ok().and_then(|patience| Timestamp::now().checked_add(patience).ok());
    network.change_message(message.ordinal, |message| message.fails_at = fails_at);
    let came_on = async {
        loop {
            let switched = network.switched.notified();
            if network.state().is_on(&message.phone) {
                return;
            }
            switched.await;
        }
    };
    tokio::time::timeout(patience, came_on).await.is_ok()
}

/// Sleeps, and not at all for nothing: a timer's smallest sleep is a millisecond.
pub async fn pause(time: Duration) {
    if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
}

fn until(at: Timestamp) -> Duration {
    Duration::try_from(at.duration_since(Timestamp::now())).unwrap_or_default()
}
