#!/usr/bin/env bash
# Our cost per forwarded packet beside this machine's limit. Arguments go to `python -m benchmarks`.
source "$(dirname "$0")/lib.sh"
"$ROOT/scripts/setup.sh"
"$PYTHON" -m benchmarks "$@"
