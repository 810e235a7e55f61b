#!/usr/bin/env bash
# Fuzzes one door for a while, on one core: fuzz/run.sh webhook|signature|api [seconds]. What is new and small enough stays in fuzz/corpus.
set -euo pipefail
cd "$(dirname "$0")"
target=$1 seconds=${2:-600}
host=$(rustc -vV | sed -n 's/^host: //p')
# what cargo-fuzz sets, without the address sanitizer: nothing here is unsafe
export RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares"
cargo build --release --target "$host" --bin "$target"
mkdir -p "target/found/$target" "target/crashes"
program=target/$host/release/$target
"$program" -max_total_time="$seconds" -max_len=4096 -timeout=20 -rss_limit_mb=3000 -print_final_stats=1 \
  -artifact_prefix="target/crashes/$target-" "target/found/$target" "corpus/$target"
# the smallest set that reaches as much, and no more than a test replays in a second
rm -rf "target/least/$target" && mkdir -p "target/least/$target"
"$program" -merge=1 -max_len=1024 "target/least/$target" "corpus/$target" "target/found/$target" 2>&1 | tail -3
