#!/usr/bin/env bash
# Real SDKs and a real browser against a server of our own. Arguments go to pytest.
source "$(dirname "$0")/lib.sh"
source "$ROOT/scripts/tools.sh"
"$ROOT/scripts/setup.sh"
require_debian chromium chromium
"$PYTHON" -m pytest tests/e2e "$@"
