#!/bin/bash
# Prints the path of a native edgeconv-agent, built first where it is missing or older than its sources:
#
#   agent.sh host|arm64
#
# Nothing else on stdout. Exit code 1 when it cannot be built, with the end of the log on stderr.
set -uo pipefail
here="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
source "$here/places.sh"

case "${1:-}" in
  host) [ "$(uname -m)" = aarch64 ] && target=linux-arm64 || target=linux-x64 ;;
  arm64) target=linux-arm64 ;;
  *)
    echo "agent.sh: '${1:-}' is no target; expected host or arm64." >&2
    exit 2
    ;;
esac
folder="$artifacts/agent/$target"
agent="$folder/out/edgeconv-agent"
built="$folder/built"

is_current() {
  [ -x "$agent" ] && [ -e "$built" ] && [ -z "$(find "$root/edge-runtime" "$root"/Directory.*.props "$root/global.json" \
    \( -name bin -o -name obj \) -prune -o -type f -newer "$built" -print -quit)" ]
}

publish() {
  if [ "$target" = linux-arm64 ] && [ "$(uname -m)" != aarch64 ] && ! command -v aarch64-linux-gnu-gcc > /dev/null; then
    echo "agent.sh: no aarch64-linux-gnu-gcc here; run $here/install.sh as root." >&2
    return 1
  fi
  if ! command -v dotnet > /dev/null; then
    echo "agent.sh: no dotnet on the PATH; install the .NET SDK 10." >&2
    return 1
  fi
  echo "Building edgeconv-agent for $target (half a minute, when its sources change)" >&2
  touch "$built.next"
  # An artifacts folder of its own: a build of the solution at the same time is not disturbed. Not with the lock: a compiler
  # server that stays behind would keep it.
  if ! MSBUILDDISABLENODEREUSE=1 DOTNET_NOLOGO=1 dotnet publish "$root/edge-runtime/EdgeConv.Agent" -c Release -r "$target" \
    --artifacts-path "$folder" -o "$folder/out" -nologo > "$folder/build.log" 2>&1 9>&-; then
    echo "agent.sh: edgeconv-agent for $target does not build; the whole log is $folder/build.log" >&2
    grep -E 'error|cannot find' "$folder/build.log" | sort -u | head -n 10 >&2
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
echo "$agent"
