#!/bin/bash
# Installs the ssh server that the tests of deploy start for themselves on this machine, on Debian and its like. It is not left running.
#
# Exit code 0: it is there; 1: it is missing, named on stderr, and those tests will be skipped.
set -uo pipefail
root="$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")"
source "$root/tests/packages.sh"
log="$root/artifacts/ssh/install.log"

is_there() { [ -x /usr/sbin/sshd ] && command -v ssh > /dev/null && command -v scp > /dev/null; }

is_there && exit
mkdir -p "$(dirname "$log")" && : > "$log" || exit 1
install_packages openssh-server openssh-client
if ! is_there; then
  echo "Not installed: sshd, ssh. As root: apt-get install --no-install-recommends openssh-server openssh-client" >&2
  tail -n 3 "$log" | sed 's/^/  /' >&2
  exit 1
fi
