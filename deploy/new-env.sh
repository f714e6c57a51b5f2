#!/bin/sh
# Writes .env from .env.example, with fresh passwords and keys. Never touches one that is there.
set -eu
cd "$(dirname "$0")/.."
if [ -e .env ]; then
    echo ".env is there already; nothing was changed" >&2
    exit 1
fi
umask 077
awk '
    function made_by(command,   line) { command | getline line; close(command); return line }
    /^(POSTGRES_PASSWORD|REDIS_PASSWORD|INTERNAL_API_TOKEN|ADMIN_TOKEN)=$/ { print $0 made_by("openssl rand -hex 32 #" NR); next }
    /^CREDENTIALS_KEY=$/ { print $0 made_by("openssl rand -base64 32"); next }
    { print }
' .env.example > .env.new
if grep -Eq '^(POSTGRES_PASSWORD|REDIS_PASSWORD|INTERNAL_API_TOKEN|ADMIN_TOKEN|CREDENTIALS_KEY)=$' .env.new; then
    rm -f .env.new
    echo "the secrets could not be made; is openssl installed?" >&2
    exit 1
fi
mv .env.new .env
echo "wrote .env, readable by you alone; keep a copy of CREDENTIALS_KEY somewhere else"
