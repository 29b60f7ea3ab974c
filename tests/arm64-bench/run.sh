#!/bin/bash
# Counts the instructions of EdgeConv on the emulated processors of three Raspberry Pis and models their cycles, ONNX Runtime
# beside it. Builds and installs what it needs first. `run.sh --help` says what can be measured, README.md what it means.
#
#   run.sh [--cpu a53,a72,a76] [--network conv3x3-64-28,lenet5,...] [--against onnxruntime] [--explain 3] [--save]
#   run.sh --build             only builds, and prints the folder of the programs
set -uo pipefail
here="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
source "$here/../emulators/places.sh"
work="$artifacts/arm64-bench"
log="$work/build.log"
models=(llvm-14 llvm-19)
export MSBUILDDISABLENODEREUSE=1 DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

fail() {
  echo "arm64-bench: $*" >&2
  exit 1
}

missing_models() {
  local package
  for package in "${models[@]}"; do
    { command -v "llvm-mca-${package#llvm-}" && command -v "llvm-mc-${package#llvm-}"; } > /dev/null || echo "$package"
  done
}

install_models() {
  local as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo -n)
  command -v apt-get > /dev/null || return 0
  echo "Installing $* (a minute, once)" >&2
  "${as_root[@]}" apt-get -o DPkg::Lock::Timeout=120 update -qq >> "$log" 2>&1
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install -y -qq --no-install-recommends "$@" >> "$log" 2>&1
}

# newer FILE SOURCE...: whether a source has changed since FILE was made.
newer() {
  [ ! -e "$1" ] || [ -n "$(find "${@:2}" \( -name bin -o -name obj \) -prune -o -type f -newer "$1" -print -quit)" ]
}

# publish NAME PROJECT SOURCE...: a native ARM64 program in a folder of its own.
publish() {
  local stamp="$work/$1.built" sources=("$here/$2" "${@:3}" "$root"/Directory.*.props "$root/global.json")
  newer "$stamp" "${sources[@]}" || return 0
  echo "Building $2 for linux-arm64 (half a minute, when its sources change)" >&2
  touch "$stamp.next"
  dotnet publish "$here/$2" -c Release -r linux-arm64 -p:RunAnalyzers=false --artifacts-path "$work/build-$1" -o "$work/$1" -nologo >> "$log" 2>&1 9>&- \
    || { grep -E 'error|cannot find' "$log" | sort -u | head -n 10 >&2; fail "$2 does not build; the whole log is $log"; }
  mv "$stamp.next" "$stamp"
}

mkdir -p "$work" || exit 1
exec 9> "$work/lock" # not passed on to compilers, which stay behind as servers
flock 9
: > "$log"
command -v dotnet > /dev/null || fail "no dotnet on the PATH; install the .NET SDK 10."
"$here/../emulators/install.sh" || exit 1
# shellcheck disable=SC2046 # one word a package
[ -z "$(missing_models)" ] || install_models $(missing_models)
[ -z "$(missing_models)" ] || fail "not installed: $(echo $(missing_models)). As root: apt-get install --no-install-recommends ${models[*]} (log: $log)"

if newer "$work/blocks.so" "$here/plugin"; then
  gcc -O2 -Wall -Wextra -Werror -shared -fPIC -fvisibility=hidden "$here/plugin/blocks.c" -o "$work/blocks.so" || fail "the plugin does not compile."
fi
publish edgeconv EdgeConv.Arm64Bench.Runner "$root/edge-runtime"
publish onnxruntime EdgeConv.Arm64Bench.OnnxRuntime
if [ "${1:-}" = --build ]; then
  echo "$work"
  exit 0
fi

host="$work/host.built"
if newer "$host" "$here/EdgeConv.Arm64Bench" "$root/tests/EdgeConv.BenchNetworks" "$root/converters/EdgeConv.Converters" "$root/edge-runtime/EdgeConv.Runtime"; then
  touch "$host.next"
  dotnet build "$here/EdgeConv.Arm64Bench" -c Release -p:RunAnalyzers=false --artifacts-path "$work/build-host" -nologo >> "$log" 2>&1 9>&- \
    || { grep -E 'error' "$log" | sort -u | head -n 10 >&2; fail "the bench does not build; the whole log is $log"; }
  mv "$host.next" "$host"
fi
flock -u 9
exec "$work/build-host/bin/EdgeConv.Arm64Bench/release/EdgeConv.Arm64Bench" --root "$root" --work "$work" "$@"
