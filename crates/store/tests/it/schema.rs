use std::collections::BTreeSet;

use partyline_core::conversation::Status;
use partyline_store::connection::Connection;
use partyline_store::migrate::NEWEST_VERSION;
use partyline_store::{Db, StoreError};

use crate::engines::{NOW, World, engines, world};

#[tokio::test]
async fn every_statement_is_understood_by_both_engines() {
    for engine in engines() {
        let statements = partyline_store::statements();
        assert!(statements.len() > 80, "a module is missing from the list");
        let wrong: Vec<String> = engine
            .db
            .inspect(move |connection: &mut Connection| {
                let lists = partyline_store::lists::sample_lists().into_iter().map(|(_, sql, ..)| sql);
                Ok::<_, StoreError>(
                    statements
                        .into_iter()
                        .chain(lists)
                        .chain(partyline_store::notifications::sample_statements())
                        .filter_map(|sql| connection.prepare(sql).err())
                        .map(|e| e.to_string())
                        .collect(),
                )
            })
            .await
            .unwrap();
        assert!(wrong.is_empty(), "{}: {}", engine.name, wrong.join("\n"));
    }
}

/// A module with statements that is not in `statements()` would go untested.
#[test]
fn every_module_with_statements_is_listed() {
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let lib = std::fs::read_to_string(source.join("lib.rs")).unwrap();
    let mut found = 0;
    for file in std::fs::read_dir(&source).unwrap() {
        let path = file.unwrap().path();
        let text = if path.is_file() { std::fs::read_to_string(&path).unwrap() } else { continue };
        let module = path.file_stem().unwrap().to_str().unwrap();
        if text.contains("\nqueries! {") {
            assert!(lib.contains(&format!("{module}::QUERIES")), "{module}::QUERIES is missing from statements()");
            found += 1;
        }
        if text.contains("Sql::differs(") && module != "sql" {
            assert!(
                lib.contains(&format!("{module}::DIFFERING")) || lib.contains(&format!("{module}::LOCKS")),
                "{module} has a statement that is not listed"
            );
        }
    }
    assert!(found > 12);
}

#[tokio::test]
async fn both_engines_have_the_same_tables_and_columns() {
    let mut seen: Vec<BTreeSet<(String, String)>> = Vec::new();
    for engine in engines() {
        // the index of words is each engine's own
        let columns = engine.db.columns().await.unwrap().into_iter().filter(|(table, _)| table != "entry_search");
        seen.push(columns.collect());
    }
    assert!(seen[0].len() > 150);
    assert_eq!(seen[0].symmetric_difference(&seen[1]).collect::<Vec<_>>(), Vec::<&(String, String)>::new());
}

#[tokio::test]
async fn opening_twice_migrates_once_and_keeps_what_is_there() {
    for engine in engines() {
        let world = world(&engine).await;
        world.conversation(1, NOW).await;
        let again = Db::open(&engine.location, NOW).unwrap();
        let seen = again.read(world.workspace, |scope| scope.channels()).await.unwrap();
        assert_eq!(seen.len(), 1, "{}", engine.name);
    }
}

#[tokio::test]
async fn a_newer_database_is_opened_while_every_newer_step_lets_this_program_work_on() {
    for engine in engines() {
        let world = world(&engine).await;
        let fits = || engine.db.read_root(|root| root.schema_fits());
        fits().await.unwrap();
        engine.db.pretend_step(NEWEST_VERSION + 1, Some(NEWEST_VERSION)).await.unwrap();
        fits().await.unwrap();
        world.conversation(1, NOW).await;
        let again = Db::open(&engine.location, NOW).unwrap();
        let (conversation, ..) = World { db: again.clone(), ..world.clone() }.conversation(2, NOW).await;
        assert!(again.read(world.workspace, move |s| s.conversation(conversation)).await.unwrap().is_some());
        assert_eq!(again.read_root(|root| root.schema_version()).await.unwrap(), NEWEST_VERSION + 1, "left as it is");

        // the next step takes something away, and is followed by one that would not mind
        engine.db.pretend_step(NEWEST_VERSION + 2, Some(NEWEST_VERSION + 2)).await.unwrap();
        engine.db.pretend_step(NEWEST_VERSION + 3, Some(1)).await.unwrap();
        let refused = Db::open(&engine.location, NOW).expect_err("it is closed to this program");
        let newest = NEWEST_VERSION + 3;
        assert!(matches!(refused, StoreError::Newer { found, .. } if found == newest), "{}: {refused}", engine.name);
        assert!(matches!(fits().await, Err(StoreError::Newer { .. })), "{}: who runs already sees it too", engine.name);
    }
}

#[tokio::test]
async fn a_newer_database_that_does_not_say_who_may_work_on_is_refused() {
    for engine in engines() {
        engine.db.pretend_step(9999, None).await.unwrap();
        let refused = Db::open(&engine.location, NOW).expect_err("it is newer");
        assert!(matches!(refused, StoreError::Newer { found: 9999, .. }), "{}: {refused}", engine.name);
        assert!(refused.to_string().contains("start the newer program"), "{refused}");
    }
}

#[tokio::test]
async fn a_database_that_lost_its_steps_while_the_program_ran_is_noticed() {
    for engine in engines() {
        engine.db.tamper("DELETE FROM migrations WHERE version > 1", false).await.unwrap();
        let fits = engine.db.read_root(|root| root.schema_fits()).await;
        assert!(matches!(fits, Err(StoreError::Older { found: 1, .. })), "{}", engine.name);
    }
}

#[tokio::test]
async fn words_outside_the_vocabulary_are_refused_by_the_database() {
    for engine in engines() {
        let world = world(&engine).await;
        let (id, _, _) = world.conversation(1, NOW).await;
        for status in Status::ALL {
            world
                .db
                .write(world.workspace, NOW, move |tx| tx.change(id, |held| held.row.status = status).map(drop))
                .await
                .unwrap();
        }
    }
}
