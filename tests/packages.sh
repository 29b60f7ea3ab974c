# Sourced by the scripts that install what tests need: the system's packages, as root or by a sudo that does not ask.
# What is printed goes to $log, which the script names.

as_root() {
  if [ "$(id -u)" = 0 ]; then
    env DEBIAN_FRONTEND=noninteractive "$@"
  else
    sudo -n env DEBIAN_FRONTEND=noninteractive "$@"
  fi
}

install_packages() {
  if ! command -v apt-get > /dev/null; then
    echo "no apt-get here" >> "$log"
  elif [ "$(id -u)" != 0 ] && ! sudo -n true 2> /dev/null; then
    echo "neither root nor a sudo that does not ask for a password" >> "$log"
  else
    echo "Installing $* (a minute, once)" >&2
    as_root apt-get -o DPkg::Lock::Timeout=120 update -qq >> "$log" 2>&1
    as_root apt-get -o DPkg::Lock::Timeout=120 install -y -qq --no-install-recommends "$@" >> "$log" 2>&1
  fi
}
