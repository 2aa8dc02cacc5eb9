#!/bin/sh
# Runs once, inside the PostgreSQL container, when its volume is new (docker-compose.yml mounts it
# into /docker-entrypoint-initdb.d/). Passwords come from the environment and reach SQL as psql
# variables, so any character is safe. The superuser stays on the socket: the network is refused it.
set -eu
psql -X -q -v ON_ERROR_STOP=1 --no-password -U "$POSTGRES_USER" -d "$POSTGRES_DB" -f "${LOGINS_SQL:-/portal/logins.sql}"
psql -X -q -v ON_ERROR_STOP=1 --no-password -U "$POSTGRES_USER" -d "$POSTGRES_DB" <<'SQL'
\getenv app_password PORTAL_APP_PASSWORD
\getenv owner_password PORTAL_OWNER_PASSWORD
ALTER ROLE portal_app PASSWORD :'app_password';
ALTER ROLE portal_owner PASSWORD :'owner_password';
SQL
rules="$PGDATA/pg_hba.conf"
{ printf 'host all %s all reject\n' "$POSTGRES_USER"; cat "$rules"; } > "$rules.new"
cat "$rules.new" > "$rules"
rm "$rules.new"
