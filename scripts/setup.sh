#!/usr/bin/env bash
# Sees to what the other targets need. As root on Debian or Ubuntu it installs what is missing; otherwise it names the line to type.
#   scripts/setup.sh run     to build and run the demo
#   scripts/setup.sh test    to run every test: a browser and PostgreSQL too
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
need() { # need COMMAND PACKAGE
  command -v "$1" >/dev/null 2>&1 || missing+=("$2")
}

at_least() { # at_least WHAT FOUND WANTED HINT
  if [ "$(printf '%s\n%s\n' "$3" "$2" | sort -V | head -n 1)" != "$3" ]; then
    echo "$1 $2 is too old: $3 or later is needed. $4" >&2
    exit 1
  fi
}

[ -f "${CARGO_HOME:-$HOME/.cargo}/env" ] && . "${CARGO_HOME:-$HOME/.cargo}/env"
if ! command -v cargo >/dev/null 2>&1; then
  echo "Rust is missing. Install it from https://rustup.rs, then run this again." >&2
  exit 1
fi
if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
  echo "Node.js 20 or later is missing. Install it from https://nodejs.org, then run this again." >&2
  exit 1
fi
at_least Rust "$(rustc --version | cut -d' ' -f2)" 1.95.0 "Type: rustup update stable"
at_least Node.js "$(node --version | tr -d v)" 20.19.0 "Install it from https://nodejs.org"

need cc build-essential
if [ "${1:-run}" = test ]; then
  command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || missing+=(chromium)
  if ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && ! command -v initdb >/dev/null 2>&1; then missing+=(postgresql); fi
  if [ "$(id -u)" = 0 ]; then
    need mkfs.ext4 e2fsprogs
    # a mail server, which only root can start; it is run from a folder of its own, and the machine's own mail is left as it is
    if ! command -v postfix >/dev/null 2>&1 || ! command -v saslpasswd2 >/dev/null 2>&1; then
      missing+=(postfix sasl2-bin libsasl2-modules)
      echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections 2>/dev/null || true
    fi
  fi
  if ! fc-list 2>/dev/null | grep -qi 'noto color emoji'; then missing+=(fonts-noto-color-emoji); fi
fi

if [ "${#missing[@]}" -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  else
    echo "Missing: ${missing[*]}. Type: sudo apt-get install -y ${missing[*]}" >&2
    exit 1
  fi
fi

modules() { # modules FOLDER
  if [ ! -f "$1/node_modules/.package-lock.json" ] || [ "$1/package-lock.json" -nt "$1/node_modules/.package-lock.json" ]; then
    echo "Installing the node modules of $1"
    (cd "$1" && npm ci --no-audit --no-fund --loglevel=error && touch node_modules/.package-lock.json)
  fi
}
modules web
if [ "${1:-run}" = test ]; then modules e2e; fi
