#!/usr/bin/env bash
# One file to install: dist/hoichan-….whl carries the release core and the built web client.
source "$(dirname "$0")/lib.sh"
"$ROOT/scripts/setup.sh"
input="$(digest media signalling rooms web_client pyproject.toml README.md LICENSE)"
if compgen -G 'dist/hoichan-*.whl' >/dev/null && unchanged wheel "$input"; then
    say "✓ $(ls dist/hoichan-*.whl) is up to date"
    exit
fi
rm -f dist/hoichan-*.whl
VIRTUAL_ENV="$ROOT/.venv" PATH="$ROOT/.venv/bin:$PATH" \
    step "Wheel" wheel "$PYTHON" -m maturin build --release --locked --out dist
done_for wheel "$input"
say "✓ $(ls dist/hoichan-*.whl)"
