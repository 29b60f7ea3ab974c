#!/bin/bash
# Prints the path of a native program of this checkout, built first where it is missing or older than its sources:
#
#   native.sh host|arm64 PROJECT [SOURCES...]     folders: the project's, such as edge-runtime/EdgeConv.Agent, and others that it is built from
#
# Nothing else on stdout. Exit code 1 when it cannot be built, with the end of the log on stderr. What two programs have in common is built once.
set -uo pipefail
here="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
source "$here/places.sh"

case "${1:-}" in
  host) [ "$(uname -m)" = aarch64 ] && target=linux-arm64 || target=linux-x64 ;;
  arm64) target=linux-arm64 ;;
  *)
    echo "native.sh: '${1:-}' is no target; expected host or arm64." >&2
    exit 2
    ;;
esac
project="$root/${2:-}"
name="$(sed -n 's:.*<AssemblyName>\(.*\)</AssemblyName>.*:\1:p' "$project"/*.csproj 2> /dev/null | head -n 1)"
if [ -z "$name" ]; then
  echo "native.sh: '${2:-}' is no project's folder here; expected one such as edge-runtime/EdgeConv.Agent." >&2
  exit 2
fi
folder="$artifacts/agent/$target"
program="$folder/out/$name"
built="$folder/$name.built"
sources=("$root/edge-runtime" "$project" "${@:3}")

is_current() {
  [ -x "$program" ] && [ -e "$built" ] && [ -z "$(find "${sources[@]}" "$root"/Directory.*.props "$root/global.json" \
    \( -name bin -o -name obj \) -prune -o -type f -newer "$built" -print -quit)" ]
}

publish() {
  if [ "$target" = linux-arm64 ] && [ "$(uname -m)" != aarch64 ] && ! command -v aarch64-linux-gnu-gcc > /dev/null; then
    echo "native.sh: no aarch64-linux-gnu-gcc here; run $here/install.sh as root." >&2
    return 1
  fi
  if ! command -v dotnet > /dev/null; then
    echo "native.sh: no dotnet on the PATH; install the .NET SDK 10." >&2
    return 1
  fi
  echo "Building $name for $target (half a minute, when its sources change)" >&2
  touch "$built.next"
  # An artifacts folder of its own: a build of the solution at the same time is not disturbed. Not with the lock: a compiler
  # server that stays behind would keep it.
  if ! MSBUILDDISABLENODEREUSE=1 DOTNET_NOLOGO=1 dotnet publish "$project" -c Release -r "$target" \
    -p:RunAnalyzers=false --artifacts-path "$folder" -o "$folder/out" -nologo > "$folder/$name.log" 2>&1 9>&-; then
    echo "native.sh: $name for $target does not build; the whole log is $folder/$name.log" >&2
    grep -E 'error|cannot find' "$folder/$name.log" | sort -u | head -n 10 >&2
    return 1
  fi
  mv "$built.next" "$built"
}

if ! is_current; then
  mkdir -p "$folder" || exit 1
  exec 9> "$folder/lock"
  flock 9
  is_current || publish || exit 1
fi
echo "$program"
