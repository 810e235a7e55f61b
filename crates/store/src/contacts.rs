//! People outside, and the addresses they are reached at.

use hmac::{Hmac, KeyInit, Mac};
use partyline_core::id::{AddressId, ContactId};
use partyline_core::time::Millis;
use sha2::Sha256;

use crate::error::Result;
use crate::scope::{Scope, Tx, entropy, random};
use crate::sql::queries;
use crate::value::{row, values};

queries! {
    ADDRESS_AT = "SELECT a.id, a.kind, a.value, a.key, a.contact_id, c.name, c.salt FROM addresses a JOIN contacts c ON c.workspace = a.workspace AND c.id = a.contact_id WHERE a.workspace = $1 AND a.kind = $2 AND a.value = $3";
    ADDRESS = "SELECT a.id, a.kind, a.value, a.key, a.contact_id, c.name, c.salt FROM addresses a JOIN contacts c ON c.workspace = a.workspace AND c.id = a.contact_id WHERE a.workspace = $1 AND a.id = $2";
    CREATE_CONTACT = "INSERT INTO contacts (workspace, id, name, salt, fields, created_at, updated_at) VALUES ($1, $2, $3, $4, '{}', $5, $5)";
    CREATE_ADDRESS = "INSERT INTO addresses (workspace, id, kind, value, key, contact_id, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    NAME_CONTACT = "UPDATE contacts SET name = $3, updated_at = $4 WHERE workspace = $1 AND id = $2";
    LAST_INBOUND = "SELECT max(at) FROM entries WHERE workspace = $1 AND address_id = $2 AND direction = 'inbound' AND kind = 'message'";
}

row! {
    /// An address, and whose it is.
    pub struct AddressRow {
        /// Its id.
        pub id: AddressId,
        /// `phone`, `short_code`, …
        pub kind: String,
        /// Normalised: E.164 for phones.
        pub value: String,
        /// What consent is kept under.
        pub key: Vec<u8>,
        /// Whose.
        pub contact: ContactId,
        /// What they are called, if that is known.
        pub name: Option<String>,
        /// Keys the log's hashes of what they said.
        pub salt: Option<Vec<u8>>,
    }
}

/// What consent for an address is kept under: a keyed hash that survives erasure and re-import, and names nobody.
#[must_use]
pub fn address_key(workspace_key: &[u8], kind: &str, value: &str) -> Vec<u8> {
    keyed_hash(workspace_key, format!("{kind}:{value}").as_bytes()).to_vec()
}

/// HMAC-SHA256.
#[must_use]
pub fn keyed_hash(key: &[u8], content: &[u8]) -> [u8; 32] {
    #[allow(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    mac.update(content);
    mac.finalize().into_bytes().into()
}

impl Scope<'_> {
    /// The address with this value, if anybody has it.
    pub fn address_at(&mut self, kind: &str, value: &str) -> Result<Option<AddressRow>> {
        self.row(ADDRESS_AT, values![kind, value])
    }

    /// One address.
    pub fn address(&mut self, id: AddressId) -> Result<Option<AddressRow>> {
        self.row(ADDRESS, values![id])
    }

    /// When this address last wrote to any of our channels.
    pub fn last_inbound(&mut self, address: AddressId) -> Result<Option<Millis>> {
        Ok(self.row::<(Option<Millis>,)>(LAST_INBOUND, values![address])?.and_then(|(at,)| at))
    }
}

impl Tx<'_> {
    /// The address with this value; it and a contact for it are made when there is none. `true`: it was made just now.
    pub fn address_or_new(&mut self, kind: &str, value: &str, name: Option<&str>) -> Result<(AddressRow, bool)> {
        if let Some(address) = self.address_at(kind, value)? {
            return Ok((address, false));
        }
        let now = self.now();
        let contact = ContactId::new(now, &entropy());
        let salt = random::<16>().to_vec();
        self.write(CREATE_CONTACT, values![contact, name, salt.clone(), now])?;
        let key = address_key(&self.workspace_row()?.address_key, kind, value);
        let id = AddressId::new(now, &entropy());
        self.write(CREATE_ADDRESS, values![id, kind, value, key.clone(), contact, now])?;
        let row = AddressRow {
            id,
            kind: kind.to_owned(),
            value: value.to_owned(),
            key,
            contact,
            name: name.map(str::to_owned),
            salt: Some(salt),
        };
        Ok((row, true))
    }

    /// Names a contact. `false`: there is none.
    pub fn name_contact(&mut self, id: ContactId, name: &str) -> Result<bool> {
        let now = self.now();
        Ok(self.run(NAME_CONTACT, values![id, name, now])? > 0)
    }
}
