#!/bin/bash
# Installs what the emulated boards need, on Debian and its like: the emulators, the ARM64 cross compiler that links the
# native agent, the compiler for Cortex-M, strace, which kills the agent at chosen system calls, and for the self-contained tests the ARM64 libssl that .NET hashes with.
#
#   install.sh          all of it; says nothing and takes no time when it is there
#   install.sh --check  installs nothing
#
# Packages need root or a sudo that does not ask. Exit code 0: all there; 1: something is missing, named on stderr.
set -uo pipefail
here="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
source "$here/places.sh"
source "$root/tests/packages.sh"
check_only="${1:-}"
log="$artifacts/emulators/install.log"
sysroot=/usr/aarch64-linux-gnu/lib

missing_packages() {
  command -v qemu-aarch64 > /dev/null || echo qemu-user
  command -v gcc > /dev/null || command -v clang > /dev/null || echo gcc
  command -v objcopy > /dev/null || echo binutils
  [ -e /usr/include/stdlib.h ] || echo libc6-dev
  { command -v aarch64-linux-gnu-gcc && command -v aarch64-linux-gnu-objcopy; } > /dev/null || echo gcc-aarch64-linux-gnu
  command -v strace > /dev/null || echo strace
  command -v make > /dev/null || echo make
  command -v qemu-system-arm > /dev/null || echo qemu-system-arm
  command -v arm-none-eabi-gcc > /dev/null || echo gcc-arm-none-eabi
  command -v clang > /dev/null || echo clang
  [ -e "$sysroot/crt1.o" ] || echo libc6-dev-arm64-cross
  [ -e "$sysroot/libstdc++.so.6" ] || echo libstdc++6-arm64-cross
  [ -e "$sysroot/libgcc_s.so.1" ] || echo libgcc-s1-arm64-cross
}

# .NET's hashes call libssl, which Debian does not package for cross use: unpack the ARM64 package beside the others,
# through apt lists of its own, so that the machine gets no foreign architecture. Needs no root.
install_libssl() {
  local state package
  command -v apt-get > /dev/null && mkdir -p "$guest_libraries" || return 1
  echo "Unpacking libssl for ARM64 (once)" >&2
  state="$(mktemp -d "$guest_libraries/apt.XXXXXX")" || return 1
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
  local apt=(apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Dir::State::lists="$state/lists"
    -o Dir::Cache="$state/cache" -o Dir::State::status=/dev/null -o APT::Sandbox::User= -o Debug::NoLocking=1)
  {
    "${apt[@]}" update
    for package in libssl3 libssl3t64; do
      (cd "$state" && "${apt[@]}" download "$package") && break
    done
    dpkg -x "$state"/libssl3*.deb "$state/root"
  } >> "$log" 2>&1 && cp "$state"/root/usr/lib/aarch64-linux-gnu/lib*.so.3 "$guest_libraries/"
  local unpacked=$?
  rm -rf "$state"
  return "$unpacked"
}

mkdir -p "$artifacts/emulators" && : > "$log" || exit 1
exec 9> "$artifacts/emulators/lock"
flock 9
packages="$(missing_packages)"
if [ -n "$packages" ] && [ -z "$check_only" ]; then
  # shellcheck disable=SC2086 # one word a package
  install_packages $packages
  packages="$(missing_packages)"
fi

if [ ! -e "$guest_libraries/libssl.so.3" ] && [ -z "$check_only" ]; then
  repeatedly install_libssl
fi

[ -e "$guest_libraries/libssl.so.3" ] || packages="$packages libssl3:arm64"
if [ -n "${packages// /}" ]; then
  echo "Not installed: $(echo $packages). As root: apt-get install --no-install-recommends" \
    "qemu-user gcc make libc6-dev strace gcc-aarch64-linux-gnu qemu-system-arm gcc-arm-none-eabi clang libc6-dev-arm64-cross libstdc++6-arm64-cross" \
    "libgcc-s1-arm64-cross," \
    "then $here/install.sh once more." >&2
  tail -n 3 "$log" | sed 's/^/  /' >&2
  exit 1
fi
