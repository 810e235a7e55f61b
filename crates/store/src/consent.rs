//! The consent ledger: append-only, under a keyed hash of the address, and its fold for the gate.

use partyline_core::consent::{ConsentState, Ledger, Purpose, Record, Source, fold};
use partyline_core::event::Actor;
use partyline_core::time::Millis;

use crate::contacts::AddressRow;
use crate::error::{Result, StoreError};
use crate::scope::{Scope, Tx};
use crate::sql::queries;
use crate::value::values;

queries! {
    RECORDS = "SELECT purpose, state, source, said_at, seq, reference FROM consents WHERE workspace = $1 AND address_key = $2 ORDER BY seq, n";
    ADD = "INSERT INTO consents (workspace, seq, n, address_key, purpose, state, source, reference, evidence, actor_kind, actor_id, said_at, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    STATE = "SELECT update_state, marketing_state, provider_block, stopped_at, stop_confirmed FROM consent_states WHERE workspace = $1 AND address_key = $2";
    PUT_STATE = "INSERT INTO consent_states (workspace, address_key, update_state, marketing_state, provider_block, stopped_at, stop_confirmed, seq) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (workspace, address_key) DO UPDATE SET update_state = excluded.update_state, marketing_state = excluded.marketing_state, provider_block = excluded.provider_block, stopped_at = excluded.stopped_at, stop_confirmed = excluded.stop_confirmed, seq = excluded.seq";
    CONFIRMED = "UPDATE consent_states SET stop_confirmed = 1 WHERE workspace = $1 AND address_key = $2";
}

impl Scope<'_> {
    /// How things stand with an address, its last message included: what the gate asks.
    pub fn ledger(&mut self, address: &AddressRow) -> Result<Ledger> {
        let last_inbound_at = self.last_inbound(address.id)?;
        Ok(Ledger { last_inbound_at, ..self.consent(address)? })
    }

    /// What an address has said about consent; when it last wrote is not looked for, which costs more the more it has written.
    pub fn consent(&mut self, address: &AddressRow) -> Result<Ledger> {
        let state: Option<(ConsentState, ConsentState, bool, Option<Millis>, bool)> =
            self.row(STATE, values![address.key.clone()])?;
        Ok(match state {
            Some((update, marketing, provider_blocked, stopped_at, stop_confirmed)) => {
                Ledger { update, marketing, provider_blocked, stopped_at, stop_confirmed, last_inbound_at: None }
            }
            None => Ledger::default(),
        })
    }

    fn consent_records(&mut self, key: &[u8]) -> Result<Vec<Record>> {
        let rows: Vec<(Purpose, ConsentState, String, Millis, i64, Option<String>)> =
            self.rows(RECORDS, values![key])?;
        rows.into_iter()
            .map(|(purpose, state, source, said_at, seq, reference)| {
                let source: Source =
                    source.parse().map_err(|_| StoreError::Corrupt(format!("a consent from {source:?}")))?;
                Ok(Record { purpose, state, source, said_at, seq: u64::try_from(seq).unwrap_or(0), reference })
            })
            .collect()
    }
}

impl Tx<'_> {
    /// Writes records, folds the ledger anew, and gives how things stand before and after.
    pub fn add_consents(
        &mut self,
        address: &AddressRow,
        seq: i64,
        actor: Actor,
        records: &[Record],
        evidence: Option<&str>,
    ) -> Result<(Ledger, Ledger)> {
        let before = self.ledger(address)?;
        let now = self.now();
        for (n, r) in (0i64..).zip(records) {
            self.write(
                ADD,
                values![
                    seq,
                    n,
                    address.key.clone(),
                    r.purpose,
                    r.state,
                    r.source.as_str(),
                    r.reference.clone(),
                    evidence,
                    actor.kind(),
                    actor.uuid(),
                    r.said_at,
                    now,
                ],
            )?;
        }
        let folded = fold(&self.consent_records(&address.key)?);
        let after = Ledger {
            // a stop that is said twice is confirmed once; after a start, a new one may be confirmed again
            stop_confirmed: before.stop_confirmed && folded.stopped_at.is_some(),
            last_inbound_at: before.last_inbound_at,
            ..folded
        };
        self.write(
            PUT_STATE,
            values![
                address.key.clone(),
                after.update,
                after.marketing,
                after.provider_blocked,
                after.stopped_at,
                after.stop_confirmed,
                seq
            ],
        )?;
        Ok((before, after))
    }

    /// The one confirmation of a STOP has left, or may have.
    pub fn stop_was_confirmed(&mut self, address: &AddressRow) -> Result<()> {
        self.write(CONFIRMED, values![address.key.clone()])
    }
}
