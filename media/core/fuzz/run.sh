#!/usr/bin/env bash
# Runs every fuzz target for the given number of seconds, on stable Rust: no nightly, no cargo-fuzz.
#
#   run.sh SECONDS [TARGET…]
#
# Prints one line per target, and exits with 1 if one of them found something. What it found is kept, and the line
# says where; `run.sh` starts from it next time. New inputs are kept under the target directory, seeds under seeds/.
set -euo pipefail
cd "$(dirname "$0")"

seconds=${1:?usage: run.sh SECONDS [TARGET…]}
shift
triple=x86_64-unknown-linux-gnu
[ "$(uname -m)" = x86_64 ] || triple=$(uname -m)-unknown-linux-gnu
target_dir=$(realpath -m "${CARGO_TARGET_DIR:-target}")
binaries=$target_dir/$triple/release
state=$target_dir/fuzz

# What `cargo fuzz` passes, less the sanitizers, which need nightly: safe Rust panics before it reads out of bounds.
# With --target, build scripts and procedural macros are left uninstrumented.
instrumentation="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4
 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table
 -Cllvm-args=-sanitizer-coverage-trace-compares"
RUSTFLAGS=$(echo $instrumentation) CARGO_TARGET_DIR=$target_dir \
    cargo build --quiet --locked --release --bins --target "$triple"

# One target, one line. Its exit status is the fuzzer's.
fuzz() {
    local name=$1 corpus=$state/corpus/$1 found=$state/found/$1- log=$state/$1.log status=0
    mkdir -p "$corpus" "$state/found"
    "$binaries/$name" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 -max_len=2048 -print_final_stats=1 \
        -artifact_prefix="$found" "$corpus" "seeds/$name" >"$log" 2>&1 || status=$?
    if [ $status -eq 0 ]; then
        local runs cover
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
        cover=$(sed -n 's/.*cov: \([0-9]*\).*/\1/p' "$log" | tail -1)
        printf '%-8s passed  %s runs, %s edges\n' "$name" "$runs" "$cover"
    else
        printf '%-8s FAILED  %s (log: %s)\n' "$name" "$(sed -n 's/.*Test unit written to //p' "$log")" "$log"
    fi
    return $status
}

if [ $# -eq 0 ]; then
    set -- $(sed -n 's|^path = "targets/\(.*\)\.rs"|\1|p' Cargo.toml)
fi
# As many at once as there are CPUs: each fuzzer is one thread, and all are bounded by time. Each tells as it ends.
export -f fuzz
export seconds state binaries
mkdir -p "$state"
printf '%s\n' "$@" | xargs -P "$(nproc)" -I{} bash -c 'fuzz {} || true' | tee "$state/outcomes"
passed=$(grep -c ' passed ' "$state/outcomes" || true)
echo "$passed passed, $(($# - passed)) failed"
[ "$passed" -eq $# ]
