#!/usr/bin/env bash
# The full half hour; `make test` runs a shortened one.
source "$(dirname "$0")/lib.sh"
"$ROOT/scripts/setup.sh"
SOAK_SECONDS="${SOAK_SECONDS:-1800}" "$PYTHON" -m pytest tests/soak --timeout 3600 -s
