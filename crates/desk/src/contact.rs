//! Contacts: the people outside.

use partyline_core::event::EventType;
use partyline_core::id::ContactId;
use partyline_core::permission::Permission;
use partyline_store::NewEvent;

use crate::account::named;
use crate::error::{DeskError, Result};
use crate::{Desk, Who};

impl Desk {
    /// Names a contact.
    pub async fn name_contact(&self, who: &Who, id: ContactId, name: String) -> Result<()> {
        who.must(Permission::Reply)?;
        let name = named("name", &name).map_err(|p| DeskError::Invalid(vec![p]))?;
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                if !tx.name_contact(id, &name)? {
                    return Err(DeskError::NotFound("The contact"));
                }
                tx.append(NewEvent::new(who.actor(), EventType::ContactUpdated).subject(id.uuid()).changed(["name"]))?;
                Ok(())
            })
            .await
    }
}
