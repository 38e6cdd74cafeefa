#!/bin/sh
# Runs a command with DATABASE_URL of a PostgreSQL 15+: the one given, the one that answers on 127.0.0.1:5432 for the
# user postgres without a password, or a private cluster made for the time of the command in a temporary folder.
set -eu

answers() { psql -h 127.0.0.1 -p "$1" -U postgres -d postgres -qAtc 'select 1' >/dev/null 2>&1; }

if [ -n "${DATABASE_URL:-}" ]; then
    exec "$@"
fi
if command -v psql >/dev/null && PGPASSWORD= answers 5432; then
    DATABASE_URL="postgres://postgres@127.0.0.1:5432/postgres" exec "$@"
fi

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1 || true)
[ -n "$bin" ] || bin=$(dirname "$(command -v initdb || true)")
if [ ! -x "$bin/initdb" ]; then
    echo "PostgreSQL was not found. On Debian: apt-get install postgresql" >&2
    exit 1
fi
folder=$(mktemp -d)
owner=$(id -un)
if [ "$owner" = root ]; then owner=postgres; id "$owner" >/dev/null 2>&1 || useradd --system "$owner"; fi
as_owner() { if [ "$(id -un)" = "$owner" ]; then sh -c "$1"; else su "$owner" -s /bin/sh -c "$1"; fi; }
chown "$owner" "$folder"
stop() { as_owner "'$bin/pg_ctl' -D '$folder/data' -m immediate -w stop" >/dev/null 2>&1 || true; rm -rf "$folder"; }
trap stop EXIT INT TERM
port=${PGPORT:-54399}
as_owner "'$bin/initdb' -D '$folder/data' -U postgres -A trust -E UTF8 --locale=C.UTF-8 >/dev/null"
as_owner "'$bin/pg_ctl' -D '$folder/data' -w -l '$folder/log' \
    -o '-p $port -h 127.0.0.1 -k $folder -c fsync=off -c full_page_writes=off -c synchronous_commit=off' start >/dev/null"
echo "A private PostgreSQL answers on port $port."
DATABASE_URL="postgres://postgres@127.0.0.1:$port/postgres" "$@"
