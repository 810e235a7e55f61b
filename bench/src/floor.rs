//! What the machine itself can do: a durable write, and raw rows at the same durability.

use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;

/// The median of overwriting 4 KiB and making it durable.
pub fn fsync(folder: &Path) -> Result<Duration> {
    let mut file = std::fs::File::create(folder.join("floor"))?;
    file.write_all(&[0; 4096])?;
    file.sync_all()?;
    let mut times = Vec::new();
    for _ in 0..300 {
        let began = Instant::now();
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&[1; 4096])?;
        file.sync_data()?;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    Ok(times[times.len() / 2])
}

/// Rows a second into one table with the indexes of `entries`, `group` of them a commit, WAL and `synchronous=FULL`.
pub fn rows(folder: &Path, group: usize, total: usize) -> Result<f64> {
    let path = folder.join(format!("floor-{group}.db"));
    let db = rusqlite::Connection::open(&path)?;
    db.execute_batch(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
         CREATE TABLE entries (workspace INTEGER NOT NULL, seq INTEGER NOT NULL, id BLOB NOT NULL, conversation_id BLOB NOT NULL, at INTEGER NOT NULL, text TEXT, provider_key BLOB, PRIMARY KEY (workspace, seq)) STRICT;
         CREATE UNIQUE INDEX entries_id ON entries (workspace, id);
         CREATE INDEX entries_timeline ON entries (workspace, conversation_id, at, seq);
         CREATE UNIQUE INDEX entries_provider ON entries (workspace, provider_key);",
    )?;
    let mut insert = db.prepare(
        "INSERT INTO entries VALUES (1, ?1, ?2, ?3, ?4, 'Is my order ready? I can come by after five.', ?5)",
    )?;
    let began = Instant::now();
    let mut seq: i64 = 0;
    while usize::try_from(seq)? < total {
        db.execute_batch("BEGIN IMMEDIATE")?;
        for _ in 0..group {
            seq += 1;
            // spread like real ids: a multiplicative hash of the counter
            let spread =
                (u128::from(seq.unsigned_abs()).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)).to_be_bytes();
            insert.execute(rusqlite::params![seq, spread.as_slice(), &spread[..8], seq, spread.as_slice()])?;
        }
        db.execute_batch("COMMIT")?;
    }
    #[allow(clippy::cast_precision_loss, reason = "a rate")]
    Ok(seq as f64 / began.elapsed().as_secs_f64())
}
