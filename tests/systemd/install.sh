#!/bin/bash
# Installs systemd, whose analyzer reads the agent's unit in the tests, and whose manager runs it there, on Debian and its like. Nothing of it is
# left running, and the machine does not boot with it for that.
#
# Exit code 0: it is there; 1: it is missing, named on stderr, and those tests will be skipped.
set -uo pipefail
root="$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")"
source "$root/tests/packages.sh"
log="$root/artifacts/systemd/install.log"

is_there() { [ -x /lib/systemd/systemd ] && command -v systemd-analyze > /dev/null; }

is_there && exit
mkdir -p "$(dirname "$log")" && : > "$log" || exit 1
install_packages systemd
if ! is_there; then
  echo "Not installed: systemd. As root: apt-get install --no-install-recommends systemd" >&2
  tail -n 3 "$log" | sed 's/^/  /' >&2
  exit 1
fi
