//! What the fuzzers have kept, played again: any bytes at all at each of three doors (the fourth, the search box, is the core's). `fuzz/run.sh` goes on looking.

use std::path::Path;

#[path = "../../../../fuzz/src/api.rs"]
mod api;
#[path = "../../../../fuzz/src/bytes.rs"]
mod bytes;
#[path = "../../../../fuzz/src/offline.rs"]
mod offline;
#[path = "../../../../fuzz/src/signature.rs"]
mod signature;
#[path = "../../../../fuzz/src/webhook.rs"]
mod webhook;

fn replay(door: &str, look: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(door);
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 2, "{} is empty", folder.display());
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        // a panic says what is wrong; this says with what
        let played = std::panic::catch_unwind(|| look(&bytes));
        assert!(played.is_ok(), "{}", file.display());
    }
}

#[test]
fn no_bytes_break_what_a_provider_says() {
    replay("webhook", webhook::look);
}

#[test]
fn no_bytes_get_in_without_the_secret() {
    replay("signature", signature::look);
}

#[test]
fn no_bytes_make_the_api_fail() {
    replay("api", api::look);
}
