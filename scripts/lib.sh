# Shared by the scripts beside it: where things are, how progress is told, and what need not be done again.
# Sourced, never run.
# shellcheck shell=bash
set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$ROOT"
PYTHON="$ROOT/.venv/bin/python"
STAMPS="$ROOT/build/stamps"
LOGS="$ROOT/build/logs"
CORE="$ROOT/media/core/Cargo.toml"
mkdir -p "$STAMPS" "$LOGS"

export PIP_DISABLE_PIP_VERSION_CHECK=1
export npm_config_update_notifier=false npm_config_fund=false npm_config_audit=false

say() { printf '%s\n' "$*"; }

die() {
    printf '%s\n' "$@" >&2
    exit 1
}

# Runs a command with its output in a log, and tells how far it is: `step TITLE LOG_NAME COMMAND…`.
# On a terminal the last line of the log moves; elsewhere a line appears now and then.
step() {
    local title="$1" log="$LOGS/$2.log"
    shift 2
    local started=$SECONDS
    "$@" >"$log" 2>&1 </dev/null &
    local job=$!
    # shellcheck disable=SC2064 # The job of now is meant, not the one of later.
    trap "kill $job 2>/dev/null || true; exit 130" INT TERM
    while kill -0 "$job" 2>/dev/null; do
        _tell_progress "$title" "$log" $((SECONDS - started))
        sleep 0.5
    done
    trap - INT TERM
    local status=0
    wait "$job" || status=$?
    [[ -t 1 ]] && printf '\r\033[K'
    if ((status != 0)); then
        tail -n 40 "$log" >&2
        die "✗ $title failed after $((SECONDS - started)) s; the whole output is in ${log#"$ROOT/"}"
    fi
    printf '✓ %s (%d s)\n' "$title" $((SECONDS - started))
}

_tell_progress() {
    local title="$1" log="$2" seconds="$3"
    if [[ -t 1 ]]; then
        local last
        last="$(tail -n 1 "$log" 2>/dev/null | tr -d '\r' | cut -c 1-60)"
        printf '\r\033[K… %s, %d s  %s' "$title" "$seconds" "$last"
    elif ((seconds > 0 && seconds % 20 == 0)) && [[ "${_TOLD:-}" != "$title $seconds" ]]; then
        _TOLD="$title $seconds"
        printf '… %s, %d s\n' "$title" "$seconds"
    fi
}

# One hash over the content of everything git would track below the given paths.
digest() {
    git ls-files -z --cached --others --exclude-standard -- "$@" |
        xargs -0 -r sha256sum 2>/dev/null | sha256sum | cut -d ' ' -f 1
}

# `unchanged NAME HASH`: has the work called NAME been done for exactly this input?
unchanged() { [[ -f "$STAMPS/$1" && "$(<"$STAMPS/$1")" == "$2" ]]; }

done_for() { printf '%s' "$2" >"$STAMPS/$1"; }
