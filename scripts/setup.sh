#!/usr/bin/env bash
# Everything that running and developing need, each part only when what it is made from has changed.
source "$(dirname "$0")/lib.sh"
source "$ROOT/scripts/tools.sh"

make_environment() {
    local python input
    python="$(find_python)"
    input="$("$python" --version) $(digest requirements)"
    [[ -x "$PYTHON" ]] && unchanged environment "$input" && return
    [[ -x "$PYTHON" ]] || step "Python environment" venv "$python" -m venv "$ROOT/.venv"
    step "Python packages" pip "$PYTHON" -m pip install --quiet --require-hashes -r requirements/lock.txt
    done_for environment "$input"
}

# Puts the compiled module beside its Python sources and the `hoichan` command into the environment.
build_core() {
    local input
    input="$(cargo --version) $(digest media/core pyproject.toml)"
    compgen -G 'media/_core*.so' >/dev/null && [[ -x .venv/bin/hoichan ]] && unchanged core "$input" && return
    # By uv, which the lock pins: the pip that an older Python brings along knows no dependency groups.
    VIRTUAL_ENV="$ROOT/.venv" PATH="$ROOT/.venv/bin:$PATH" \
        step "Media core (Rust, release)" core "$PYTHON" -m maturin develop --release --locked --uv
    done_for core "$input"
}

install_web_packages() {
    local input
    input="$(node --version) $(digest web_client/package.json web_client/package-lock.json)"
    [[ -d web_client/node_modules ]] && unchanged web-packages "$input" && return
    step "Web client's packages" npm npm --prefix web_client ci --ignore-scripts
    done_for web-packages "$input"
}

build_web_client() {
    local input
    input="$(digest web_client)"
    [[ -f signalling/web_client_dist/index.html && -f web_client/dist/index.html ]] && unchanged web-client "$input" && return
    step "Web client" web-client npm --prefix web_client run build
    rm -rf signalling/web_client_dist
    cp -r web_client/dist signalling/web_client_dist # Where the server looks for it, installed or not.
    done_for web-client "$input"
}

require_tools
make_environment
build_core
install_web_packages
build_web_client
