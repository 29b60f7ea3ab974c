#!/bin/bash
# Runs an ARM64 program as on one of the Raspberry Pi's processors:
#
#   run-arm64.sh cortex-a53|cortex-a72|cortex-a76 PROGRAM [ARGUMENTS]
#
# The exit code is the program's; 127 when there is no emulator, 2 for bad usage.
here="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
source "$here/places.sh"

case "${1:-}" in
  cortex-a53 | cortex-a72 | cortex-a76) ;;
  *)
    echo "run-arm64.sh: '${1:-}' is no processor of a Raspberry Pi; expected cortex-a53, cortex-a72 or cortex-a76." >&2
    exit 2
    ;;
esac
cpu="$1"
shift
if [ ! -x "${1:-}" ]; then
  echo "run-arm64.sh: '${1:-}' is not a program; expected the path of an ARM64 executable." >&2
  exit 2
fi
if ! command -v qemu-aarch64 > /dev/null; then
  echo "run-arm64.sh: no qemu-aarch64 here; run $here/install.sh as root." >&2
  exit 127
fi

# .NET's JIT writes code through a second mapping of its pages. QEMU before 8.1 does not see such writes and goes on with
# the code it translated before, which ends in random crashes; with one mapping it sees them. Native programs do not care.
exec qemu-aarch64 -cpu "$cpu" -L /usr/aarch64-linux-gnu -E LD_LIBRARY_PATH="$guest_libraries" \
  -E DOTNET_EnableWriteXorExecute=0 "$@"
