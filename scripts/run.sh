#!/usr/bin/env bash
# From a fresh clone to a running server. Arguments go to `hoichan serve`.
source "$(dirname "$0")/lib.sh"
"$ROOT/scripts/setup.sh"
exec "$ROOT/.venv/bin/hoichan" serve --dev "$@"
