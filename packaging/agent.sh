#!/bin/bash
# The board's program as tarballs and, where there is dpkg-deb, Debian packages; called by pack.sh:
#
#   agent.sh VERSION WORK_FOLDER OUTPUT_FOLDER
#
# SOURCE_DATE_EPOCH is the time of every file.
set -euo pipefail
here="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
root="$(dirname "$here")"
version="$1" work="$2" output="$3"
umask 022

# The unit is the one that `edgeconv-agent install` writes, but for its first line, which says so; it is the same on both processors.
unit() {
  mkdir -p "$work/image/etc/edgeconv" "$work/image/usr/bin"
  cp "$here/debian/agent.toml" "$work/image/etc/edgeconv/"
  cp "$root/artifacts/agent/linux-x64/out/edgeconv-agent" "$work/image/usr/bin/"
  "$work/image/usr/bin/edgeconv-agent" install --root "$work/image" --agent /usr/bin/edgeconv-agent --config /etc/edgeconv/agent.toml \
    --user edgeconv > /dev/null
  sed 1d "$work/image/etc/systemd/system/edgeconv-agent.service"
}

# tarball RUNTIME AGENT
tarball() {
  local name="edgeconv-agent-$version-$1"
  mkdir -p "$work/$name"
  install -m 755 "$2" "$work/$name/edgeconv-agent"
  install -m 644 "$root/edge-runtime/EdgeConv.Agent/AGENT.md" "$root/hw-samples/agent.toml" "$root/LICENSE" "$work/$name/"
  tar -C "$work" --sort=name --format=ustar --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -cf - "$name" \
    | gzip -n -9 > "$output/$name.tar.gz"
}

# debian ARCHITECTURE AGENT
debian() {
  local tree="$work/debian-$1" document
  install -D -m 755 "$2" "$tree/usr/bin/edgeconv-agent"
  install -D -m 644 "$work/unit" "$tree/usr/lib/systemd/system/edgeconv-agent.service"
  install -D -m 644 "$here/debian/agent.toml" "$tree/etc/edgeconv/agent.toml"
  install -D -m 644 "$root/LICENSE" "$tree/usr/share/doc/edgeconv-agent/copyright"
  for document in "$root/edge-runtime/EdgeConv.Agent/AGENT.md" "$root/hw-samples/agent.toml"; do
    install -m 644 "$document" "$tree/usr/share/doc/edgeconv-agent/"
  done
  mkdir -p "$tree/DEBIAN"
  sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$1/" -e "s/@SIZE@/$(installed_size "$tree")/" "$here/debian/control" > "$tree/DEBIAN/control"
  echo /etc/edgeconv/agent.toml > "$tree/DEBIAN/conffiles"
  install -m 755 "$here"/debian/{postinst,prerm,postrm} "$tree/DEBIAN/"
  (cd "$tree" && find etc usr -type f | LC_ALL=C sort | xargs md5sum > DEBIAN/md5sums)
  find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
  dpkg-deb --root-owner-group -Zxz -z6 --build "$tree" "$output/edgeconv-agent_${version}_$1.deb" > /dev/null
}

# KiB, a file a block at least: du would count what this file system takes.
installed_size() { find "$1" -type f -printf '%s\n' | awk '{ kib += int(($1 + 1023) / 1024) } END { print kib }'; }

unit > "$work/unit"
for pair in linux-arm64:arm64 linux-x64:amd64; do
  agent="$root/artifacts/agent/${pair%:*}/out/edgeconv-agent"
  tarball "${pair%:*}" "$agent"
  if command -v dpkg-deb > /dev/null; then
    debian "${pair#*:}" "$agent"
  else
    echo "No dpkg-deb here: the Debian package for ${pair#*:} is left out." >&2
  fi
done
