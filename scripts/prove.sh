#!/usr/bin/env bash
# The long proofs; docs/proofs.md says what each of them shows. About two hours on two cores; less with
#   PROVE_HISTORIES=10000 PROVE_KILLS=10 PROVE_TURNS=6 PROVE_CASES=1000 make prove
set -euo pipefail
cd "$(dirname "$0")/.."
trap 'scripts/postgres.sh stop >/dev/null 2>&1 || true' EXIT
scripts/setup.sh test
eval "$(scripts/postgres.sh start)"

began=$SECONDS
step() { printf '\n\033[1m== %s\033[0m (%s s)\n' "$1" "$((SECONDS - began))"; }

step "properties: ${PROVE_CASES:-5000} cases each"
PROPTEST_CASES="${PROVE_CASES:-5000}" cargo test --locked -p partyline-core -p partyline-channels

step "storms: ${PROVE_KILLS:-100} kills on each engine, ${PROVE_TURNS:-30} turns of two nodes"
PROVE_KILLS="${PROVE_KILLS:-100}" PROVE_TURNS="${PROVE_TURNS:-30}" cargo test --locked -p partyline --test it -- --test-threads 1 --nocapture storm two_nodes

step "an upgrade of two nodes, one after the other, from the program of the schema before"
PROVE_BEFORE=$(scripts/before.sh) cargo test --locked -p partyline --test it -- --ignored --nocapture rolling

step "simulation: ${PROVE_HISTORIES:-100000} random histories"
cargo build --locked --release -p partyline-sim
histories=${PROVE_HISTORIES:-100000} cores=$(nproc)
each=$(((histories + cores - 1) / cores))
# 48 bits, so that no seed of the run is too large for a shell
base=${PROVE_SEED:-$(od -An -N6 -tu8 /dev/urandom | tr -d ' ')}
echo "PROVE_SEED=$base: seeds $base to $((base + cores * each - 1))"
# some thousands come across everything; fewer may not
whole=()
[ "$each" -lt 5000 ] || whole=(--whole)
runs=()
for n in $(seq 0 $((cores - 1))); do
  target/release/partyline-sim --seed $((base + n * each)) --histories "$each" ${whole[@]+"${whole[@]}"} &
  runs+=($!)
done
failed=0
for run in "${runs[@]}"; do wait "$run" || failed=1; done
[ "$failed" = 0 ] || { echo "a history broke a promise, or they proved less than they should: it stands above" >&2; exit 1; }

step "all proved"
