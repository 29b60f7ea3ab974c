# Sourced by the scripts beside it: the checkout, its build outputs, and the ARM64 libraries that no package installs. The packaged command has no
# checkout around these, and a folder that may not be written.
root="$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")"
artifacts="$root/artifacts"
[ -e "$root/EdgeConv.sln" ] || artifacts="${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/edgeconv/artifacts"
guest_libraries="${XDG_CACHE_HOME:-${HOME:-$artifacts}/.cache}/edgeconv/arm64-libraries"
