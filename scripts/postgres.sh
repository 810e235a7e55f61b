#!/usr/bin/env bash
# A PostgreSQL of our own for the tests, in a folder of its own under /tmp, on a unix socket, and encrypted on a port of its own: nothing of the machine's own server is touched.
#   eval "$(scripts/postgres.sh start)"   starts it and sets PARTYLINE_TEST_POSTGRES and PARTYLINE_TEST_POSTGRES_TLS
#   scripts/postgres.sh stop
set -euo pipefail
cd "$(dirname "$0")/.."

# a unix socket's path may have 107 bytes at most, and the server, which refuses to run as root, must reach it: so both stand in /tmp
home="/tmp/partyline-postgres-$(printf '%s' "$PWD" | cksum | cut -d' ' -f1)"
socket="$home"
# a port of its own for each checkout
port=$((20000 + $(printf '%s' "$PWD" | cksum | cut -d' ' -f1) % 12000))
bin=""
for candidate in $(command -v initdb >/dev/null 2>&1 && dirname "$(readlink -f "$(command -v initdb)")") /usr/lib/postgresql/*/bin; do
  [ -x "$candidate/initdb" ] && [ -x "$candidate/postgres" ] && bin="$candidate"
done
if [ -z "$bin" ]; then
  echo "PostgreSQL is missing. As root: apt-get install -y postgresql" >&2
  exit 1
fi

# the server refuses to run as root
as() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

case "${1:-}" in
  start)
    mkdir -p "$home" "$socket"
    if [ "$(id -u)" = 0 ]; then
      chown postgres: "$home"
    fi
    chmod 700 "$home"
    if [ ! -f "$home/data/PG_VERSION" ]; then
      (cd / && as "$bin/initdb" -D "$home/data" -U postgres -A trust --no-instructions -E UTF8 --locale=C >"$socket/initdb.log" 2>&1) || { cat "$socket/initdb.log" >&2; exit 1; }
    fi
    if [ ! -f "$home/server.crt" ]; then
      # an authority of our own and a certificate from it, for the test of the encrypted line
      (cd "$home" && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj "/CN=Partyline tests" -keyout ca.key -out ca.pem &&
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=localhost" -addext "subjectAltName=DNS:localhost" -keyout server.key -out server.csr &&
        openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -days 3650 -copy_extensions copy -out server.crt) >"$home/openssl.log" 2>&1 || { cat "$home/openssl.log" >&2; exit 1; }
      chmod 600 "$home/server.key"
      if [ "$(id -u)" = 0 ]; then chown postgres: "$home/server.key" "$home/server.crt"; fi
    fi
    if ! (cd / && as "$bin/pg_ctl" -D "$home/data" status >/dev/null 2>&1); then
      (cd / && as "$bin/pg_ctl" -D "$home/data" -w -l "$home/data/server.log" \
        -o "-k $socket -c listen_addresses=127.0.0.1 -c port=$port -c ssl=on -c ssl_cert_file=$home/server.crt -c ssl_key_file=$home/server.key -c max_connections=400 -c fsync=on -c shared_buffers=128MB" start >/dev/null) || { echo "PostgreSQL did not start; see $home/data/server.log" >&2; exit 1; }
    fi
    echo "export PARTYLINE_TEST_POSTGRES='postgres://postgres@/postgres?host=$socket&port=$port'"
    echo "export PARTYLINE_TEST_POSTGRES_TLS='postgres://postgres@localhost:$port/postgres?sslmode=require&sslrootcert=$home/ca.pem'"
    ;;
  stop)
    if [ -f "$home/data/postmaster.pid" ]; then (cd / && as "$bin/pg_ctl" -D "$home/data" -m fast -w stop >/dev/null) || true; fi
    rm -rf "$socket"
    ;;
  *) echo "usage: scripts/postgres.sh start|stop" >&2; exit 2 ;;
esac
