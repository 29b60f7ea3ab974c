# Sourced by the scripts that install what tests need: the system's packages, as root or by a sudo that does not ask.
# What is printed goes to $log, which the script names.

as_root() {
  if [ "$(id -u)" = 0 ]; then
    env DEBIAN_FRONTEND=noninteractive "$@"
  else
    sudo -n env DEBIAN_FRONTEND=noninteractive "$@"
  fi
}

# Until it works, or has not three times: a mirror that does not answer, or another installation at the same time, is often over in a while.
repeatedly() {
  local attempt
  for attempt in 1 2 3; do
    "$@" && return
    echo "attempt $attempt: $* did not work" >> "$log"
    [ "$attempt" = 3 ] || sleep 5
  done
  return 1
}

fetch_packages() {
  as_root apt-get -o DPkg::Lock::Timeout=120 update -qq >> "$log" 2>&1
  as_root apt-get -o DPkg::Lock::Timeout=120 install -y -qq --no-install-recommends "$@" >> "$log" 2>&1
}

install_packages() {
  if ! command -v apt-get > /dev/null; then
    echo "no apt-get here" >> "$log"
  elif [ "$(id -u)" != 0 ] && ! sudo -n true 2> /dev/null; then
    echo "neither root nor a sudo that does not ask for a password" >> "$log"
  else
    echo "Installing $* (a minute, once)" >&2
    repeatedly fetch_packages "$@"
  fi
}
