#!/bin/bash
# Installs the MQTT broker that the tests of rules publish to, on Debian and its like.
#
# Exit code 0: it is there; 1: it is missing, named on stderr, and those tests will be skipped.
set -uo pipefail
root="$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")"
source "$root/tests/packages.sh"
log="$root/artifacts/broker/install.log"

is_there() { [ -x /usr/sbin/mosquitto ] || command -v mosquitto > /dev/null; }

is_there && exit
mkdir -p "$(dirname "$log")" && : > "$log" || exit 1
install_packages mosquitto
# The package starts a broker of its own where it finds a service manager; the tests start theirs.
command -v systemctl > /dev/null && as_root systemctl disable --now mosquitto >> "$log" 2>&1
if ! is_there; then
  echo "Not installed: mosquitto. As root: apt-get install --no-install-recommends mosquitto" >&2
  tail -n 3 "$log" | sed 's/^/  /' >&2
  exit 1
fi
