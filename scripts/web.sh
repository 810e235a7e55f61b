#!/usr/bin/env bash
# Builds the web apps when a source is newer than what was built.
set -euo pipefail
cd "$(dirname "$0")/../web"
stamp=node_modules/.partyline-built
if [ -f inbox/dist/index.html ] && [ -f phones/dist/index.html ] && [ -f "$stamp" ] &&
  [ -z "$(find . \( -name node_modules -o -name dist \) -prune -o -type f -newer "$stamp" -print -quit)" ]; then
  exit 0
fi
npm run build --silent
touch "$stamp"
