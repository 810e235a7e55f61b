//! Messages of one person, across conversations: what they have sent, and what waits for its time.

use std::collections::HashMap;

use partyline_core::id::ConversationId;
use partyline_core::permission::Permission;
use partyline_core::time::Millis;
pub use partyline_store::sent::SentList;

use crate::error::{DeskError, Result};
use crate::view::{AsOf, ConversationView, EntryView, Page, conversation_views, entry_views, read_pair};
use crate::{Desk, Who};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct SentIn {
    /// Which messages.
    pub list: SentList,
    /// What the page before said comes next.
    pub cursor: Option<String>,
    /// How many.
    pub limit: usize,
}

/// A message in a list, and where it is.
#[derive(Debug, Clone)]
pub struct SentView {
    /// The message.
    pub entry: EntryView,
    /// Its conversation.
    pub conversation: ConversationView,
}

impl Desk {
    /// One page of somebody's messages: those of conversations that one sees.
    pub async fn sent(&self, who: &Who, asked: SentIn) -> Result<AsOf<Page<SentView>>> {
        who.must(Permission::Read)?;
        let cursor =
            match &asked.cursor {
                None => None,
                Some(text) => Some(read_pair(text).map(|(key, seq)| (Millis(key), seq)).ok_or_else(|| {
                    DeskError::field("cursor", "malformed", "Leave the cursor out to begin at the top.")
                })?),
            };
        let limit = i64::try_from(asked.limit).unwrap_or(i64::MAX);
        let who = who.clone();
        self.inner
            .db
            .read(who.workspace, move |scope| {
                let keys = scope.sent_list(who.viewer(), asked.list, cursor, limit)?;
                let next =
                    (keys.len() == asked.limit).then(|| keys.last().map(|(seq, key)| format!("{}.{seq}", key.0)));
                let seqs: Vec<i64> = keys.iter().map(|(seq, _)| *seq).collect();
                let messages = scope.messages_at(&seqs)?;
                let mut ids: Vec<ConversationId> = messages.iter().map(|m| m.conversation).collect();
                ids.sort_unstable();
                ids.dedup();
                let listed = scope.listed_some(who.user, &ids)?;
                let conversations: HashMap<ConversationId, ConversationView> =
                    conversation_views(scope, listed)?.into_iter().map(|view| (view.row.id, view)).collect();
                let mut entries: HashMap<i64, EntryView> =
                    entry_views(scope, messages)?.into_iter().map(|entry| (entry.row.seq, entry)).collect();
                let message = |seq: i64| {
                    let entry = entries.remove(&seq)?;
                    let conversation = conversations.get(&entry.row.conversation)?.clone();
                    Some(SentView { entry, conversation })
                };
                let rows = seqs.into_iter().filter_map(message).collect();
                Ok(AsOf { seq: scope.seq()?, value: Page { rows, next: next.flatten() } })
            })
            .await
    }
}
