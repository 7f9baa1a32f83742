#!/bin/sh
# Makes the database when there is none, gives up root, and starts the server.
set -eu
if [ "$(id -u)" = 0 ]; then
	install -d -o postgres -g postgres -m 0700 "$PGDATA"
	exec gosu postgres "$0" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
	initdb --auth-local=peer --auth-host=scram-sha-256
	cat /usr/share/postgresql/conf.d/*.conf >> "$PGDATA/postgresql.conf"
fi
exec "$@"
