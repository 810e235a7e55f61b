use partyline_core::consent::{ConsentState, Record, Source};
use partyline_core::event::{Actor, EventType};
use partyline_store::{NewEvent, StoreError};

use crate::engines::{NOW, engines, world};

#[tokio::test]
async fn the_state_is_the_fold_of_the_ledger_and_the_ledger_only_grows() {
    for engine in engines() {
        let world = world(&engine).await;
        let states = world
            .db
            .write(world.workspace, NOW, |tx| {
                let (address, _) = tx.address_or_new("phone", "+14155550123", None)?;
                let mut states = Vec::new();
                for (stop, reference, at) in
                    [(true, "SM1", NOW), (true, "SM1", NOW), (false, "SM2", NOW - 5), (false, "SM3", NOW + 5)]
                {
                    let seq = tx.append(NewEvent::new(Actor::Contact(address.contact), EventType::ConsentChanged))?.seq;
                    let n = u64::try_from(seq).unwrap();
                    let records = if stop {
                        Record::stop(Source::Keyword, at, n, Some(reference))
                    } else {
                        Record::start(Source::Keyword, at, n, Some(reference))
                    };
                    tx.add_consents(&address, seq, Actor::Contact(address.contact), &records, None)?;
                    states.push(tx.ledger(&address)?.update);
                }
                Ok::<_, StoreError>(states)
            })
            .await
            .unwrap();
        let expected = [ConsentState::Revoked, ConsentState::Revoked, ConsentState::Revoked, ConsentState::Implied];
        assert_eq!(states, expected, "{}: a START that was said before the STOP lifts nothing", engine.name);
        for text in ["UPDATE consents SET at = 0", "DELETE FROM consents"] {
            assert!(engine.db.tamper(text, false).await.is_err(), "{}: {text}", engine.name);
        }
    }
}
