#!/usr/bin/env bash
# The whole benchmark, beside the peers that can be had here. Arguments go to `python -m benchmarks`.
source "$(dirname "$0")/lib.sh"
"$ROOT/scripts/setup.sh"
"$PYTHON" -m benchmarks "$@"
