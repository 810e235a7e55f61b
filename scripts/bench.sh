#!/usr/bin/env bash
# Builds the program as it ships and measures it beside the machine's floors, on SQLite and on a PostgreSQL of its own. What it prints is
# what stands under "The table" in docs/performance.md.
#   scripts/bench.sh           a database of 10,000 conversations: some minutes
#   scripts/bench.sh --full    10 thousand, 100 thousand and a million: half an hour, and 20 GB under $TMPDIR
#   scripts/bench.sh --small   one and two thousand, once: says nothing of speed, only whether everything is there
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh run >&2
scripts/web.sh >&2
cargo build --locked --release -p partyline -p partyline-bench
if started=$(scripts/postgres.sh start); then
  eval "$started"
  trap 'scripts/postgres.sh stop' EXIT
fi
target/release/partyline-bench target/release/partyline "$@"
