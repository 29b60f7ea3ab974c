#!/bin/bash
# Prepares an emulated Raspberry Pi 3: Debian's own ARM64 kernel with its virtual camera (vivid), PWM and I2C, busybox, libc and libgpiod, in one
# initial RAM disk, beside the kernel and its device tree. Prints the folder that they are in.
#
#   install.sh          all of it, once: some 60 MB of packages
#   install.sh --check  prepares nothing
#
# The packages are unpacked through apt lists of their own: the machine gets no foreign architecture. Only the emulator itself is installed.
# Exit code 0: all there; 1: something is missing, named on stderr.
set -uo pipefail
here="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
source "$here/../emulators/places.sh"
source "$root/tests/packages.sh"
board="$(dirname "$guest_libraries")/board"
log="$board/install.log"
mkdir -p "$board" || exit 1
exec 9> "$board/lock"
flock 9
: > "$log"

missing_packages() {
  command -v qemu-system-aarch64 > /dev/null || echo qemu-system-arm
  command -v cpio > /dev/null || echo cpio
  command -v fdtput > /dev/null || echo device-tree-compiler
  command -v aarch64-linux-gnu-gcc > /dev/null || echo gcc-aarch64-linux-gnu
  [ -e /usr/aarch64-linux-gnu/include/linux/videodev2.h ] || echo libc6-dev-arm64-cross
}

unpack_packages() {
  local state kernel
  command -v apt-get > /dev/null || return 1
  echo "Unpacking Debian's ARM64 kernel (a minute, once)" >&2
  state="$(mktemp -d "$board/apt.XXXXXX")" || return 1
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/debs"
  local apt=(-qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Dir::State::lists="$state/lists" -o Dir::Cache="$state/cache"
    -o Dir::State::status=/dev/null -o APT::Sandbox::User= -o Debug::NoLocking=1)
  {
    apt-get "${apt[@]}" update
    kernel="$(apt-cache "${apt[@]:1}" show --no-all-versions linux-image-arm64 | sed -n 's/^Depends: \([^ ,]*\).*/\1/p' | head -n 1)"
    (cd "$state/debs" && apt-get "${apt[@]}" download "$kernel" busybox-static libc6 && { apt-get "${apt[@]}" download libgpiod2 || apt-get "${apt[@]}" download libgpiod3; })
    for package in "$state"/debs/*.deb; do dpkg-deb -x "$package" "$state/root"; done
  } >> "$log" 2>&1
  build_ramdisk "$state/root" "$state/ramdisk" >> "$log" 2>&1
  local built=$?
  rm -rf "$state"
  return "$built"
}

# Modules in the order in which they must be loaded: each names the ones that it needs.
module_files() {
  local from="$1" name file
  shift
  for name in "${@//_/-}"; do
    case " $seen " in *" $name "*) continue ;; esac
    seen="$seen $name"
    file="$(find "$from" -name "$name.ko" -o -name "${name//-/_}.ko" | head -n 1)"
    [ -n "$file" ] || continue
    # shellcheck disable=SC2046 # one word a module
    module_files "$from" $(tr '\0' '\n' < "$file" | sed -n 's/^depends=//p' | tr ',' ' ')
    echo "$file"
  done
}

build_ramdisk() {
  local from="$1" to="$2" file seen=""
  mkdir -p "$to"/{bin,modules,proc,sys,dev,tmp,lib/aarch64-linux-gnu} || return 1
  cp "$from/bin/busybox" "$to/bin/" && cp "$here/init" "$to/init" && chmod +x "$to/init" || return 1
  for file in $(module_files "$from/lib/modules" vivid vhci-hcd i2c-tiny-usb i2c-dev pwm-bcm2835); do
    cp "$file" "$to/modules/" && basename "$file" >> "$to/modules/order"
  done
  [ -s "$to/modules/order" ] || return 1
  for file in libc.so.6 libm.so.6 libdl.so.2 libpthread.so.0 librt.so.1 libgpiod.so.2 libgpiod.so.3 ld-linux-aarch64.so.1; do
    file="$(find "$from" -name "$file" | head -n 1)"
    [ -z "$file" ] || cp -L "$file" "$to/lib/aarch64-linux-gnu/"
  done
  cp "$to/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1" "$to/lib/"
  (cd "$to" && find . | cpio -o -H newc -R 0:0 | gzip -1) > "$board/base.cpio.gz.tmp" || return 1
  cp "$from"/boot/vmlinuz-* "$board/kernel" && cp "$from"/usr/lib/linux-image-*/broadcom/bcm2837-rpi-3-b.dtb "$board/board.dtb" || return 1
  # QEMU's chip has no PWM. Its registers lie in memory of the graphics processor instead, which nothing uses here: Linux's driver writes them, the
  # test reads them.
  fdtput -t x "$board/board.dtb" /soc ranges 7e000000 3f000000 1000000 40000000 40000000 1000 7c000000 3e000000 1000 \
    && fdtput -t x "$board/board.dtb" /soc/pwm@7e20c000 reg 7c000000 28 || return 1
  sha256sum "$here/init" "$here/install.sh" | cut -d ' ' -f 1 > "$board/made-of"
  mv "$board/base.cpio.gz.tmp" "$board/base.cpio.gz"
}

is_ready() {
  [ -e "$board/base.cpio.gz" ] && [ "$(cat "$board/made-of" 2> /dev/null)" = "$(sha256sum "$here/init" "$here/install.sh" | cut -d ' ' -f 1)" ]
}

packages="$(missing_packages)"
if [ -z "${1:-}" ]; then
  if [ -n "$packages" ]; then
    # shellcheck disable=SC2086 # one word a package
    install_packages $packages
    packages="$(missing_packages)"
  fi
  is_ready || repeatedly unpack_packages
fi
if [ -n "$packages" ] || ! is_ready; then
  echo "No emulated board: ${packages:+missing $(echo $packages); }run $here/install.sh as root. The log is $log" >&2
  tail -n 3 "$log" | sed 's/^/  /' >&2
  exit 1
fi
compile() { aarch64-linux-gnu-gcc -O1 -static -Wall -Wextra -Werror -o "$board/$1" "${@:2}"; }
compile player "$here/player.c" && compile i2c "$here"/{i2c,usb,ssd1306}.c || exit 1
echo "$board"
