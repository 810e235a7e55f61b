use std::collections::BTreeSet;

use partyline_core::conversation::Status;
use partyline_store::connection::Connection;
use partyline_store::{Db, StoreError};

use crate::engines::{NOW, engines, world};

#[tokio::test]
async fn every_statement_is_understood_by_both_engines() {
    for engine in engines() {
        let statements = partyline_store::statements();
        assert!(statements.len() > 80, "a module is missing from the list");
        let wrong: Vec<String> = engine
            .db
            .inspect(move |connection: &mut Connection| {
                let lists = partyline_store::lists::sample_lists().into_iter().map(|(_, sql, _)| sql);
                Ok::<_, StoreError>(
                    statements
                        .into_iter()
                        .chain(lists)
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
        seen.push(engine.db.columns().await.unwrap().into_iter().collect());
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
async fn a_database_of_a_newer_program_is_refused() {
    for engine in engines() {
        engine.db.pretend_newer_schema().await.unwrap();
        let refused = Db::open(&engine.location, NOW).expect_err("it is newer");
        assert!(matches!(refused, StoreError::Newer { found: 9999, .. }), "{}: {refused}", engine.name);
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
