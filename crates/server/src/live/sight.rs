//! Which conversations this user may see, remembered for a moment: presence changes far more often than sight.

use std::collections::HashMap;
use std::time::Duration;

use partyline_core::id::ConversationId;
use partyline_desk::{Desk, DeskError, Who};
use tokio::time::Instant;

/// How long an answer is good.
const GOOD_FOR: Duration = Duration::from_secs(10);
/// Answers that are remembered.
const REMEMBERED: usize = 500;

/// What was asked lately.
#[derive(Debug, Default)]
pub struct Sight {
    known: HashMap<ConversationId, (bool, Instant)>,
}

impl Sight {
    /// May this user see it? `None`: the store can't say now, and nothing is remembered.
    pub async fn reaches(&mut self, desk: &Desk, who: &Who, id: ConversationId) -> Option<bool> {
        if let Some((seen, asked)) = self.known.get(&id)
            && asked.elapsed() < GOOD_FOR
        {
            return Some(*seen);
        }
        let seen = match desk.conversation(who, id).await {
            Ok(_) => true,
            Err(DeskError::NotFound(_) | DeskError::Forbidden(_)) => false,
            Err(_) => return None,
        };
        self.learn(id, seen);
        Some(seen)
    }

    /// An event says whether they may see it.
    pub fn learn(&mut self, id: ConversationId, seen: bool) {
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        self.known.insert(id, (seen, Instant::now()));
    }

    /// Somebody's teams or role have changed.
    pub fn forget(&mut self) {
        self.known.clear();
    }
}
