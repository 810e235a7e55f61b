//! A backup knows every table, and what it does not take it leaves on purpose.

use std::collections::BTreeSet;

use partyline_store::backup::{Fate, TABLES};

use crate::engines::engines;

#[tokio::test]
async fn every_table_is_taken_by_its_key_or_left_on_purpose() {
    for engine in engines() {
        let there: BTreeSet<String> = engine.db.columns().await.unwrap().into_iter().map(|(table, _)| table).collect();
        let named: BTreeSet<String> = TABLES.iter().map(|(table, _)| (*table).to_owned()).collect();
        assert_eq!(
            there.symmetric_difference(&named).collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "{}: say in backup::TABLES what becomes of it",
            engine.name
        );
        for (table, fate) in TABLES {
            let Fate::Taken(key) = fate else { continue };
            assert_eq!(engine.db.primary_key(table).await.unwrap(), *key, "{}: the key of {table}", engine.name);
        }
    }
}
