#!/usr/bin/env bash
# Formats, and mends what the linters know how to mend.
source "$(dirname "$0")/lib.sh"
"$ROOT/scripts/setup.sh"
.venv/bin/ruff check --fix --quiet || true # What is left is shown by `make check`.
.venv/bin/ruff format --quiet
cargo fmt --manifest-path "$CORE" --all
npm --prefix web_client run --silent fix
