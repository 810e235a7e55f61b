#!/usr/bin/env bash
# Takes a profile of the server while 64 clients text it, on SQLite and on a PostgreSQL of its own, and prints as Markdown which functions
# took the time: the first 25 by their own and by their inclusive time, and what each thread had. On PostgreSQL its own processes too.
#   scripts/profile.sh                  of the program as it ships, with its symbols
#   scripts/profile.sh --small          a small database and a short burst: whether it works
#   PROFILE=dev scripts/profile.sh      of another profile of cargo
# The recordings stay in target/profiles, for `perf report -i`. Needs perf (Debian: linux-perf) and leave to use it
# (kernel.perf_event_paranoid of 1 or less, or root).
set -euo pipefail
cd "$(dirname "$0")/.."
profile="${PROFILE:-profiling}"
into=target/profiles
rows=25
beginnings='\t<?&?(0x|(tokio|std|core|alloc|tower)::|(main|_start|start_thread|__rust_try|__clone3?|__libc_start\S*|PostmasterMain|PostgresMain)$)'

if ! perf record -q -o /dev/null true 2>/dev/null; then
  echo "perf is missing or not allowed here. On Debian: apt-get install -y linux-perf; sysctl kernel.perf_event_paranoid=1" >&2
  exit 1
fi
scripts/setup.sh run >&2
scripts/web.sh >&2
cargo build --locked --profile "$profile" -p partyline -p partyline-bench
folder=target/$([ "$profile" = dev ] && echo debug || echo "$profile")
mkdir -p "$into"
rm -f "$into"/*.perf
if started=$(scripts/postgres.sh start); then
  eval "$started"
  trap 'scripts/postgres.sh stop' EXIT
fi
"$folder/partyline-bench" "$folder/partyline" --profile "$into" --full "$@"

report() { # report FILE SORT...: inclusive and own share and what it is sorted by, parted by tabs
  perf report -i "$1" --stdio --no-inline --children -g none -t $'\t' -F "overhead_children,overhead,$2" 2>/dev/null |
    sed -E '/^(#|$)/d; s/ *\t */\t/g; s/^ +//; s/ +$//'
}

table() { # table TITLE COLUMN: the first rows of stdin by a column of shares
  echo
  echo "| $1 | own | inclusive |"
  echo "| --- | --- | --- |"
  sort -t $'\t' -k "$2" -rn | awk -F '\t' -v rows="$rows" 'NR <= rows { gsub(/\|/, "\\|", $3); printf "| %s | %s | %s |\n", $3, $2, $1 }'
}

for file in "$into"/*.perf; do
  echo
  echo "### $(basename "$file" .perf)"
  report "$file" comm | table "thread" 2
  functions=$(report "$file" symbol | sed -E 's/\t\[k\] (.*)/\t\1 (kernel)/; s/\t\[[^]]*\] /\t/')
  table "function, by own time" 2 <<<"$functions"
  # under what only begins threads and tasks is everything
  grep -vP "$beginnings" <<<"$functions" | table "function, by inclusive time" 1
done
