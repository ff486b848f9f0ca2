#!/usr/bin/env bash
# Rewrites requirements/lock.txt. Run by hand when dependencies change; the result is committed.
source "$(dirname "$0")/lib.sh"
"$ROOT/.venv/bin/uv" pip compile --quiet --generate-hashes --no-header --upgrade --group dev \
    --python-version 3.11 pyproject.toml --output-file requirements/lock.txt
