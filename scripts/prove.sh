#!/usr/bin/env bash
# The long proofs: property tests with many more cases, and the crash proof again and again.
#   PROVE_CASES=20000 PROVE_CRASHES=20 make prove
set -euo pipefail
cd "$(dirname "$0")/.."
trap 'scripts/postgres.sh stop >/dev/null 2>&1 || true' EXIT
scripts/setup.sh test
eval "$(scripts/postgres.sh start)"
PROPTEST_CASES="${PROVE_CASES:-5000}" cargo test --locked -p partyline-core -p partyline-channels
for n in $(seq "${PROVE_CRASHES:-10}"); do
  echo "crash proof $n"
  cargo test --locked -p partyline --test it crash
done
