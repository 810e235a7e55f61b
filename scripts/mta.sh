#!/usr/bin/env bash
# A mail server of our own for the tests: Postfix with its configuration, queue and mailboxes in a folder under /tmp, on ports of its own.
# Nothing of the machine's own mail is touched. Postfix must be started by root.
#   eval "$(scripts/mta.sh start)"   starts it and sets PARTYLINE_TEST_MTA
#   scripts/mta.sh stop
# It takes letters to anybody @example.com and puts all of them into $PARTYLINE_TEST_MTA/mail/all/new. nobody@ does not exist (550); what goes to grey…@ is
# taken at the second try (450). On one port it needs STARTTLS and the password of inbox, on the other it is as a server of this machine.
set -euo pipefail
cd "$(dirname "$0")/.."

sum=$(printf '%s' "$PWD" | cksum | cut -d' ' -f1)
home="/tmp/partyline-mta-$sum"
port=$((10000 + sum % 4500 * 2))
inside=$((port + 1))

case "${1:-}" in
  start)
    command -v postfix >/dev/null 2>&1 && command -v saslpasswd2 >/dev/null 2>&1 || PATH="$PATH:/usr/sbin:/sbin"
    if ! command -v postfix >/dev/null 2>&1 || ! command -v saslpasswd2 >/dev/null 2>&1; then
      echo "Postfix is missing. As root: apt-get install -y postfix sasl2-bin libsasl2-modules" >&2
      exit 1
    fi
    if [ "$(id -u)" != 0 ]; then
      echo "Postfix must be started by root: the proofs that need a mail server are left out" >&2
      exit 0
    fi
    if [ ! -f "$home/etc/main.cf" ]; then
      rm -rf "$home"
      mkdir -p "$home"/{etc/sasl,queue,data,mail,grey}
      chmod 755 "$home"
      chown postfix "$home/data"
      chown nobody "$home/mail" "$home/grey"
      # an authority of our own and a certificate from it
      (cd "$home" && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj "/CN=Partyline tests" -keyout ca.key -out ca.pem &&
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=localhost" -addext "subjectAltName=DNS:localhost" -keyout server.key -out server.csr &&
        openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -days 3650 -copy_extensions copy -out server.crt) >"$home/openssl.log" 2>&1 || { cat "$home/openssl.log" >&2; exit 1; }
      printf 'pwcheck_method: auxprop\nauxprop_plugin: sasldb\nmech_list: PLAIN LOGIN\nsasldb_path: %s/etc/sasl/db\n' "$home" >"$home/etc/sasl/smtpd.conf"
      printf 'correct horse' | saslpasswd2 -p -c -f "$home/etc/sasl/db" -u partyline.test inbox
      chown postfix "$home/etc/sasl/db"
      cat >"$home/grey.sh" <<'GREY'
#!/usr/bin/env bash
# Postfix's policy protocol: who is greylisted is told to come back, once.
cd "$1"
recipient=""
while IFS= read -r line; do
  case "$line" in
    recipient=*) recipient="${line#recipient=}" ;;
    "")
      if [[ "$recipient" == grey* ]] && [ ! -e "./${recipient//\//}" ]; then
        : >"./${recipient//\//}"
        printf 'action=defer 4.7.1 greylisted, come back later\n\n'
      else
        printf 'action=dunno\n\n'
      fi
      ;;
  esac
done
GREY
      chmod 755 "$home/grey.sh"
      cat >"$home/etc/main.cf" <<MAIN
compatibility_level = 3.6
queue_directory = $home/queue
data_directory = $home/data
command_directory = /usr/sbin
daemon_directory = $(postconf -d -h daemon_directory 2>/dev/null || echo /usr/lib/postfix/sbin)
mail_owner = postfix
setgid_group = postdrop
myhostname = partyline.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
default_transport = error:nothing leaves this machine
mynetworks = 127.0.0.0/8
maillog_file = $home/maillog
maillog_file_prefixes = $home
virtual_mailbox_domains = example.com
virtual_mailbox_base = $home/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:$(id -u nobody)
virtual_gid_maps = static:$(id -g nobody)
virtual_minimum_uid = 1
alias_maps =
local_recipient_maps =
smtputf8_enable = yes
smtpd_tls_cert_file = $home/server.crt
smtpd_tls_key_file = $home/server.key
cyrus_sasl_config_path = $home/etc/sasl
smtpd_sasl_local_domain = partyline.test
broken_sasl_auth_clients = no
smtpd_recipient_restrictions = reject_unauth_destination, check_recipient_access regexp:$home/etc/refused, check_policy_service unix:private/policy, permit_mynetworks, permit_sasl_authenticated, reject
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_peername_lookup = no
MAIN
      cat >"$home/etc/master.cf" <<MASTER
127.0.0.1:$inside inet n - n - - smtpd
127.0.0.1:$port inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_sasl_security_options=noanonymous
  -o mynetworks=
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
virtual unix - n n - - virtual
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
policy unix - n n - 0 spawn user=nobody argv=$home/grey.sh $home/grey
MASTER
      echo '/^nobody@/ 550 5.1.1 there is no such person' >"$home/etc/refused"
    fi
    postfix -c "$home/etc" status >/dev/null 2>&1 || postfix -c "$home/etc" start >"$home/start.log" 2>&1 || { cat "$home/start.log" >&2; tail -n 20 "$home/maillog" >&2; exit 1; }
    echo "export PARTYLINE_TEST_MTA='$home'"
    echo "export PARTYLINE_TEST_SMTP='smtp://127.0.0.1:$inside'"
    echo "export PARTYLINE_TEST_SMTP_TLS='smtp://inbox%40partyline.test:correct%20horse@localhost:$port?tls=required&ca=$home/ca.pem'"
    ;;
  stop)
    PATH="$PATH:/usr/sbin:/sbin"
    if [ -d "$home/etc" ] && [ "$(id -u)" = 0 ]; then postfix -c "$home/etc" stop >/dev/null 2>&1 || true; fi
    rm -rf "$home"
    ;;
  *) echo "usage: scripts/mta.sh start|stop" >&2; exit 2 ;;
esac
