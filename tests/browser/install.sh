#!/bin/bash
# Installs the browser that the tests of the HTML pages open, on Debian and its like.
#
# Exit code 0: it is there; 1: it is missing, named on stderr, and those tests will be skipped.
set -uo pipefail
root="$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")"
source "$root/tests/packages.sh"
log="$root/artifacts/browser/install.log"

is_there() { command -v chromium > /dev/null || command -v chromium-browser > /dev/null; }

is_there && exit
mkdir -p "$(dirname "$log")" && : > "$log" || exit 1
install_packages chromium fonts-dejavu-core
if ! is_there; then
  echo "Not installed: chromium. As root: apt-get install --no-install-recommends chromium fonts-dejavu-core" >&2
  tail -n 3 "$log" | sed 's/^/  /' >&2
  exit 1
fi
