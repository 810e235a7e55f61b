#!/usr/bin/env bash
# Every test: formatting, lints, unit tests, the store on SQLite and PostgreSQL, the API and provider tests, the web, and a real browser.
set -euo pipefail
cd "$(dirname "$0")/.."

began=$SECONDS
step() { printf '\n\033[1m== %s\033[0m (%s s)\n' "$1" "$((SECONDS - began))"; }
trap 'scripts/postgres.sh stop >/dev/null 2>&1 || true; scripts/mta.sh stop >/dev/null 2>&1 || true' EXIT

step "set-up"
scripts/setup.sh test
eval "$(scripts/postgres.sh start)"

step "formatting"
cargo fmt --all --check

step "web: types, lints, unit tests, build, size"
(cd web && npm run check && npm test && npm run build && npm run size)

step "clippy"
cargo clippy --locked --workspace --all-targets -- -D warnings

step "core, store on both engines, providers, carrier, API"
cargo test --locked --workspace

if [ "$(id -u)" = 0 ]; then
  step "what only root can do: a disk that breaks"
  cargo test --locked -p partyline --test it -- --ignored turns_read_only
  step "what only root can do: letters through a real mail server"
  eval "$(scripts/mta.sh start)"
  cargo test --locked -p partyline --test it -- --ignored mail:: digest::
else
  step "left out, since only root can do it: a disk that breaks (a_disk_that_turns_read_only), letters through a real mail server (mail, digest)"
fi

step "the API's document is the code's"
cargo build --locked -p partyline
cargo build --locked -p partyline-carrier --example carrier
target/debug/partyline openapi | diff -u web/openapi.json - || { echo "web/openapi.json is not what the code says: run make openapi" >&2; exit 1; }
(cd web && npm run api:check)

step "browser"
(cd e2e && npm test)

step "all passed"
