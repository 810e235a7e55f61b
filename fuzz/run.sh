#!/usr/bin/env bash
# Fuzzes one door for a while, on one core: fuzz/run.sh webhook|signature|api|query [seconds]. What is new and small enough stays in fuzz/corpus.
set -euo pipefail
cd "$(dirname "$0")"
target=$1 seconds=${2:-600}
# how many files stay beside those with names, and the bytes of one: what a test replays in a second or two
most=200 largest=1024
host=$(rustc -vV | sed -n 's/^host: //p')
# what cargo-fuzz sets, without the address sanitizer: nothing here is unsafe
export RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares"
cargo build --locked --release -j "${FUZZ_JOBS:-2}" --target "$host" --bin "$target"
found=target/found/$target kept=corpus/$target
mkdir -p "$found" target/crashes
program=target/$host/release/$target
"$program" -max_total_time="$seconds" -max_len=4096 -timeout=20 -rss_limit_mb=3000 -print_final_stats=1 \
  -artifact_prefix="target/crashes/$target-" "$found" "$kept"
# a small set that reaches every edge that was reached, chosen anew beside the files with names; of too many, the longest do most
find "$kept" -type f -regextype posix-extended -regex '.*/[0-9a-f]{40}' -exec mv -t "$found" {} +
"$program" -merge=1 -use_counters=0 -max_len="$largest" "$kept" "$found" 2>&1 | grep MERGE-OUTER
find "$kept" -type f -regextype posix-extended -regex '.*/[0-9a-f]{40}' -printf '%s %p\n' | sort -rn | tail -n +$((most + 1)) |
  cut -d' ' -f2- | xargs -r rm --
echo "$(find "$kept" -type f | wc -l) files in fuzz/$kept"
