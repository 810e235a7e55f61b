//! What is shown of the entries that were found.

use partyline_core::event::ActorKind;
use partyline_core::id::{ChannelId, ConversationId};
use partyline_core::time::Millis;
use uuid::Uuid;

use crate::error::Result;
use crate::lists::{PAGE_MAX, padded, places};
use crate::scope::Scope;
use crate::sql::assembled;
use crate::value::row;

row! {
    /// An entry that was found.
    pub struct HitRow {
        /// Its place in the log.
        pub seq: i64,
        /// The UUID of its id; `kind` says which kind of id.
        pub uuid: Uuid,
        /// Its home.
        pub conversation: ConversationId,
        /// When it happened.
        pub at: Millis,
        /// `message`, `note`, `call`.
        pub kind: String,
        /// `inbound`, `outbound`.
        pub direction: Option<String>,
        /// Through which channel.
        pub channel: Option<ChannelId>,
        /// What kind of author.
        pub author_kind: ActorKind,
        /// Who.
        pub author: Option<Uuid>,
        /// What they are called.
        pub author_name: Option<String>,
        /// What it says.
        pub text: Option<String>,
    }
}

impl Scope<'_> {
    /// What some authors are called, users and contacts; a contact without a name is called by an address.
    pub fn author_names(&mut self, authors: &[Uuid]) -> Result<Vec<(Uuid, Option<String>)>> {
        let mut found = Vec::new();
        for chunk in authors.chunks(PAGE_MAX) {
            let (size, values) = padded(chunk, &[]);
            let sql = assembled(&format!("author names {size}"), || {
                let places = places(2, size);
                format!(
                    "SELECT p.id, coalesce(p.name, (SELECT min(a.value) FROM addresses a WHERE a.workspace = p.workspace AND a.contact_id = p.id)) FROM contacts p WHERE p.workspace = $1 AND p.id IN ({places}) UNION ALL SELECT u.id, u.name FROM users u WHERE u.workspace = $1 AND u.id IN ({places})"
                )
            });
            found.extend(self.rows::<(Uuid, Option<String>)>(sql, &values)?);
        }
        Ok(found)
    }

    /// Some entries, the newest first.
    pub fn hits(&mut self, seqs: &[i64]) -> Result<Vec<HitRow>> {
        let mut found = Vec::new();
        for chunk in seqs.chunks(PAGE_MAX) {
            let (size, values) = padded(chunk, &[]);
            let sql = assembled(&format!("hits {size}"), || {
                format!(
                    "SELECT e.seq, e.id, e.conversation_id, e.at, e.kind, e.direction, e.channel_id, e.author_kind, e.author_id, coalesce(u.name, p.name), e.text FROM entries e LEFT JOIN users u ON u.workspace = e.workspace AND u.id = e.author_id LEFT JOIN contacts p ON p.workspace = e.workspace AND p.id = e.author_id WHERE e.workspace = $1 AND e.seq IN ({})",
                    places(2, size)
                )
            });
            found.extend(self.rows::<HitRow>(sql, &values)?);
        }
        found.sort_unstable_by_key(|hit| std::cmp::Reverse(hit.seq));
        Ok(found)
    }
}
