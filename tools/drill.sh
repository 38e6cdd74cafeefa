#!/bin/sh
# The drill of a restore: a small country is backed up, lost, and restored elsewhere; then the log is verified, a page is
# opened, and every count is compared. `tools/drill.sh` on SQLite; with DATABASE_URL (a server where databases may be
# made, e.g. by tools/with-postgres.sh) on PostgreSQL.
set -eu

cd "$(dirname "$0")/.."
bin=$PWD/.venv/bin
folder=$(mktemp -d)
began=$(date +%s)
number=$$
base=${DATABASE_URL:-}

order() { # SQL outside a transaction, on the server of DATABASE_URL
    DATABASE_URL="$base" "$bin/python" -c 'import os, sys, psycopg
with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server: server.execute(sys.argv[1])' "$1"
}
finish() {
    [ ! -s "$folder/pid" ] || kill "$(cat "$folder/pid")" 2>/dev/null || true
    wait
    if [ -n "$base" ]; then
        for name in here there; do order "DROP DATABASE IF EXISTS drill_${name}_$number WITH (FORCE)" || true; done
    fi
    rm -rf "$folder"
}
trap finish EXIT INT TERM
at() { # here or there: everything of that place, and nothing of the other
    place=$1
    shift
    url=""
    [ -z "$base" ] || url="${base%/*}/drill_${place}_$number"
    env SHANYRAQ_DEMO=1 SHANYRAQ_PURE=1 SHANYRAQ_LANG=en SHANYRAQ_VAR_DIR="$folder/$place" SHANYRAQ_BACKUP_KEY_FILE="$folder/key" \
        DATABASE_URL="$url" "$@"
}
counted() { grep -E '^ +[0-9]+  ' "$1" | grep -v -E '  (django_session|accounts_sign_in)$'; }
say() { printf '   %s (%s s)\n' "$1" "$(($(date +%s) - began))"; }

umask 077
"$bin/python" -c 'import secrets; print(secrets.token_urlsafe(48))' >"$folder/key"
if [ -n "$base" ]; then
    for name in here there; do order "CREATE DATABASE drill_${name}_$number"; done
fi

at here "$bin/shanyraq" up --no-serve --scale 1:1000 >"$folder/up.txt"
at here "$bin/shanyraq" ledger verify >"$folder/log-before.txt"
say "a country was built, its log verified"
at here "$bin/shanyraq" backup --to "$folder/copy.backup" >"$folder/backup.txt"
say "backed up: $(wc -c <"$folder/copy.backup") bytes"

if [ -n "$base" ]; then order "DROP DATABASE drill_here_$number"; fi
rm -rf "$folder/here"
say "lost"

at there "$bin/shanyraq" restore "$folder/copy.backup" >"$folder/restored.txt"
say "restored elsewhere"
at there "$bin/shanyraq" migrate --dry-run >"$folder/migrate.txt"
! grep -q '^  ' "$folder/migrate.txt" || { echo "migrations are missing after the restore" >&2; exit 1; }
at there "$bin/shanyraq" ledger verify >"$folder/log-after.txt"
say "the log was verified"

at there "$bin/shanyraq" backup --to "$folder/again.backup" >/dev/null
at there "$bin/shanyraq" restore "$folder/again.backup" --dry-run >"$folder/again.txt"
counted "$folder/restored.txt" >"$folder/counts-before.txt"
counted "$folder/again.txt" >"$folder/counts-after.txt"
[ "$(wc -l <"$folder/counts-before.txt")" -gt 20 ] || { echo "too few tables were restored" >&2; exit 1; }
diff "$folder/counts-before.txt" "$folder/counts-after.txt" || { echo "counts differ" >&2; exit 1; }
say "counts of $(wc -l <"$folder/counts-after.txt") tables are equal"

port=$("$bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
at there sh -c 'echo $$ >"$1"; exec "$2" serve --no-jobs --workers 1 --port "$3"' - \
    "$folder/pid" "$bin/shanyraq" "$port" >"$folder/serve.txt" 2>&1 &
"$bin/python" - "$port" <<'PYTHON'
import sys
import time
import urllib.error
import urllib.request

for attempt in range(100):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/places/", timeout=10) as answer:
            page = answer.read().decode()
        break
    except (urllib.error.URLError, ConnectionError):
        time.sleep(0.2)
else:
    sys.exit("the portal did not answer")
if "</html>" not in page or len(page) < 2_000:
    sys.exit("the page of places is empty")
PYTHON
say "a page opens"
