//! Contacts, by names and numbers.

use std::time::Instant;

use partyline_core::id::{AddressId, ContactId, ConversationId};
use partyline_core::query::Look;

use super::walk::{Bounds, Range, Seeker};
use super::words::Wanted;
use super::{ADDRESSES, CONTACT, HAS_CONVERSATION, SEEN_OF_CONTACT};
use crate::error::Result;
use crate::lists::{PAGE_MAX, padded, places};
use crate::people::Viewer;
use crate::scope::Scope;
use crate::sql::assembled;
use crate::value::values;

/// Somebody outside who was found.
#[derive(Debug, Clone)]
pub struct FoundContact {
    /// Who.
    pub id: ContactId,
    /// What they are called.
    pub name: Option<String>,
    /// Where they are reached, the oldest first.
    pub addresses: Vec<String>,
    /// The newest conversation with them that the viewer may see.
    pub conversation: Option<ConversationId>,
}

impl Scope<'_> {
    /// Contacts whose names and numbers have all of this, words also by their beginnings; the newest first, at most `limit`. Without
    /// words there are none. Whether somebody may know of them is not asked.
    pub fn contacts_by(&mut self, looks: &[Look], limit: usize, bounds: Bounds) -> Result<Vec<ContactId>> {
        if !looks.iter().any(|look| !look.negated) {
            return Ok(Vec::new());
        }
        let wanted = Wanted { looks, signs: Vec::new(), of_contact: true };
        let all = Range { above: 0, before: self.seq()?.saturating_add(1) };
        let mut seeker = Seeker::new(self, &wanted, all, bounds);
        let mut found = Vec::new();
        while found.len() < limit
            && let Some(seqs) = seeker.next(self)?
        {
            for chunk in seqs.chunks(PAGE_MAX) {
                let (size, values) = padded(chunk, &[]);
                let sql = assembled(&format!("contacts found {size}"), || {
                    format!(
                        "SELECT contact_id FROM contact_docs WHERE workspace = $1 AND seq IN ({}) ORDER BY seq DESC",
                        places(2, size)
                    )
                });
                found.extend(self.rows::<(ContactId,)>(sql, &values)?.into_iter().map(|(id,)| id));
            }
        }
        found.truncate(limit);
        Ok(found)
    }

    /// Every address of some contacts.
    pub fn addresses_of(&mut self, contacts: &[ContactId]) -> Result<Vec<AddressId>> {
        let mut found = Vec::new();
        for chunk in contacts.chunks(PAGE_MAX) {
            let (size, values) = padded(chunk, &[]);
            let sql = assembled(&format!("addresses of {size}"), || {
                format!("SELECT id FROM addresses WHERE workspace = $1 AND contact_id IN ({})", places(2, size))
            });
            found.extend(self.rows::<(AddressId,)>(sql, &values)?.into_iter().map(|(id,)| id));
        }
        Ok(found)
    }

    /// The same, of whom this user may know: somebody with whom there is no conversation yet, or one that they see. Whom they may know
    /// is asked of each who was found, and again for so long as `bounds` allow; the first is always asked about.
    pub fn find_contacts(
        &mut self,
        viewer: Viewer,
        looks: &[Look],
        limit: usize,
        bounds: Bounds,
    ) -> Result<Vec<FoundContact>> {
        let mut found = Vec::new();
        let candidates = self.contacts_by(looks, bounds.candidates, bounds)?;
        let began = Instant::now();
        for (at, id) in candidates.into_iter().enumerate() {
            if found.len() == limit || (at > 0 && began.elapsed() >= bounds.time) {
                break;
            }
            let sees_all = viewer.role.sees_everything();
            let seen = self.row::<(ConversationId,)>(SEEN_OF_CONTACT, values![id, viewer.user, sees_all])?;
            let conversation = seen.map(|(id,)| id);
            if conversation.is_none() && self.row::<(i64,)>(HAS_CONVERSATION, values![id])?.is_some() {
                continue;
            }
            type Named = (Option<String>, Option<i64>);
            let Some((name, None)) = self.row::<Named>(CONTACT, values![id])? else { continue };
            let addresses = self.rows::<(String,)>(ADDRESSES, values![id])?.into_iter().map(|(value,)| value).collect();
            found.push(FoundContact { id, name, addresses, conversation });
        }
        Ok(found)
    }
}
