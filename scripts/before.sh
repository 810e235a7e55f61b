#!/usr/bin/env bash
# Builds the program of the schema before this one, as the commit before the newest step of crates/store/migrations has it, and prints where
# it lies. It needs the history of the repository.
set -euo pipefail
cd "$(dirname "$0")/.."
newest=$(find crates/store/migrations -name '*.sql' -printf '%f\n' | cut -c1-4 | sort -n | tail -n 1)
added=$(git log --diff-filter=A --format=%H -- "crates/store/migrations/${newest}_*" | tail -n 1)
[ -n "$added" ] || { echo "the commit that began schema $newest is not in this history: git fetch --unshallow" >&2; exit 1; }
commit=$(git rev-parse "$added^")
tree=$PWD/target/before/$commit
if [ ! -x "$tree/partyline" ]; then
  rm -rf "$tree" && mkdir -p "$tree/source"
  git archive "$commit" | tar -x -C "$tree/source"
  # the same target folder: what it depends on is built there already
  (cd "$tree/source" && CARGO_TARGET_DIR="$OLDPWD/target" cargo build --locked -p partyline) >&2
  cp target/debug/partyline "$tree/partyline"
fi
echo "$tree/partyline"
