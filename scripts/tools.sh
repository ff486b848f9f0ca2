# Are the tools here that nothing can be built without? If not: which, and what installs it.
# Sourced, never run.
# shellcheck shell=bash

_apt() { if ((EUID == 0)); then echo "apt-get install -y $*"; else echo "sudo apt-get install -y $*"; fi; }

_missing() { die "Missing: $1." "To install it, run:" "    $2"; }

# `_at_least FOUND WANTED`: compares dotted versions.
_at_least() { [[ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" == "$2" ]]; }

_version_of() { "$@" 2>/dev/null | grep -oE '[0-9]+(\.[0-9]+)+' | head -n 1; }

find_python() {
    local candidate
    for candidate in python3.11 python3 python3.12 python3.13 python3.14; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' &>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

require_tools() {
    local rust="curl --proto '=https' -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal -c rustfmt -c clippy"
    local node="see https://nodejs.org/en/download (Node.js 22 LTS brings npm along)"
    local tool python
    for tool in gcc g++ make cmake git; do
        command -v "$tool" >/dev/null || _missing "$tool" "$(_apt "$tool")"
    done
    python="$(find_python)" || _missing "Python 3.11 or newer" "$(_apt python3 python3-venv)"
    "$python" -c 'import ensurepip, venv' &>/dev/null || _missing "Python's venv module" "$(_apt python3-venv)"
    _at_least "$(_version_of cargo --version)" 1.90 || _missing "Rust 1.90 or newer (cargo)" "$rust"
    _at_least "$(_version_of node --version)" 20.19 || _missing "Node.js 20.19 or newer" "$node"
    command -v npm >/dev/null || _missing "npm" "$(_apt npm)"
}

# `require_debian PACKAGE COMMAND…`: installs PACKAGE unless one of the commands is there already.
require_debian() {
    local package="$1" tool
    shift
    for tool in "$@"; do command -v "$tool" >/dev/null && return; done
    command -v apt-get >/dev/null || _missing "$package" "install $package with your system's package manager"
    local root=()
    if ((EUID != 0)); then
        sudo -n true 2>/dev/null || _missing "$package, which the tests need" "$(_apt "$package")"
        root=(sudo -n)
    fi
    step "Debian package lists" apt-update "${root[@]}" apt-get update
    step "Debian's $package" "apt-$package" "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends "$package"
}
