#!/usr/bin/env bash
# Every fuzz target for FUZZ_SECONDS each; the Python ones through Hypothesis with many examples.
source "$(dirname "$0")/lib.sh"
"$ROOT/scripts/setup.sh"
media/core/fuzz/run.sh "${FUZZ_SECONDS:-600}"
HYPOTHESIS_PROFILE=thorough "$PYTHON" -m pytest tests --ignore tests/e2e -m fuzz --timeout 3600
