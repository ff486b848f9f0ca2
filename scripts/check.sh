#!/usr/bin/env bash
# Every promise that a machine can keep, without running the product. Goes on after a failure, to show all of them.
source "$(dirname "$0")/lib.sh"
"$ROOT/scripts/setup.sh"
failed=()

check() {
    local title="$1" log="$LOGS/check.log" started=$SECONDS
    shift
    if "$@" >"$log" 2>&1 </dev/null; then
        printf '✓ %s (%d s)\n' "$title" $((SECONDS - started))
    else
        cat "$log"
        printf '✗ %s\n' "$title"
        failed+=("$title")
    fi
}

check "ruff: lint" .venv/bin/ruff check
check "ruff: format" .venv/bin/ruff format --check
check "mypy: strict" "$PYTHON" -m mypy
check "mypy: _core.pyi is true" "$PYTHON" -m mypy.stubtest media._core --mypy-config-file pyproject.toml
check "import-linter: the arrows" .venv/bin/lint-imports
check "cargo fmt" cargo fmt --manifest-path "$CORE" --all --check
check "clippy" cargo clippy --manifest-path "$CORE" --workspace --all-targets --locked --quiet -- -D warnings
check "clippy, with Python" cargo clippy --manifest-path "$CORE" --features python --locked --quiet -- -D warnings
check "web client: tsc and biome" npm --prefix web_client run --silent check
check "house rules" "$PYTHON" -m pytest tests/house -q

if ((${#failed[@]} > 0)); then
    die "" "Not clean: $(printf '%s; ' "${failed[@]}")"
fi
say "All clean."
