#!/usr/bin/env bash
# Every test that CI runs, with all its set-up; goes on after a failure, and closes with the runners' own summaries.
source "$(dirname "$0")/lib.sh"
source "$ROOT/scripts/tools.sh"
"$ROOT/scripts/setup.sh"
require_debian chromium chromium
export NO_COLOR=1 # What is piped is read by grep, below.
failed=()
summaries=()

# `suite TITLE PATTERN COMMAND…`: runs it, shows it, and keeps the lines of its own summary (those that match PATTERN).
suite() {
    local title="$1" pattern="$2" log started=$SECONDS status=0
    log="$LOGS/test-${title// /-}.log"
    shift 2
    printf '\n== %s\n' "$title"
    "$@" </dev/null 2>&1 | tee "$log" || status=$?
    ((status == 0)) || failed+=("$title")
    summaries+=("== $title ($((SECONDS - started)) s)" "$(grep -aE "$pattern" "$log" || true)")
}

suite "check" '^(✗|All clean|Not clean)' scripts/check.sh
suite "core" '^test result: ' cargo test --manifest-path "$CORE" --workspace --locked
suite "fuzz" '.' media/core/fuzz/run.sh "${FUZZ_SECONDS:-5}"
suite "wheel" '.' scripts/build.sh
suite "python" '^=+ .*(passed|failed|error)' "$PYTHON" -m pytest --ignore tests/e2e --ignore tests/soak
suite "web client" '^ *(Test Files|Tests) ' npm --prefix web_client test
suite "web client in a browser" '^ *(Test Files|Tests) ' npm --prefix web_client run smoke
suite "end to end" '^=+ .*(passed|failed|error)' "$PYTHON" -m pytest tests/e2e tests/soak

printf '\n'
printf '%s\n' "${summaries[@]}"
((${#failed[@]} == 0)) || die "" "Failed: $(printf '%s; ' "${failed[@]}")"
