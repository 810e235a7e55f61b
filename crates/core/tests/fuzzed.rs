//! What the fuzzer has kept of queries, played again. `fuzz/run.sh query` goes on looking.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use std::path::Path;

#[path = "../../../fuzz/src/bytes.rs"]
#[allow(dead_code, reason = "the other doors need more of it")]
mod bytes;
#[path = "../../../fuzz/src/query.rs"]
mod query;

#[test]
fn no_text_breaks_the_search() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/query");
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 2, "{} is empty", folder.display());
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        // a panic says what is wrong; this says with what
        let played = std::panic::catch_unwind(|| query::look(&bytes));
        assert!(played.is_ok(), "{}", file.display());
    }
}
