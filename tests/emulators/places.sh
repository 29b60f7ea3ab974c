# Sourced by the scripts beside it: the checkout, its build outputs, and the ARM64 libraries that no package installs.
root="$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")"
artifacts="$root/artifacts"
guest_libraries="${XDG_CACHE_HOME:-${HOME:-$artifacts}/.cache}/edgeconv/arm64-libraries"
