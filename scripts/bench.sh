#!/usr/bin/env bash
# Builds the program as it ships and measures it beside the machine's floor.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh run
scripts/web.sh
cargo build --locked --release -p partyline -p partyline-bench
exec target/release/partyline-bench target/release/partyline
