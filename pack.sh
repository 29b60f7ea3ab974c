#!/bin/bash
# Builds what EdgeConv ships into artifacts/packages: NuGet packages with their symbols, the command as a .NET tool, templates for `dotnet new`,
# and the board's program as tarballs and Debian packages for arm64 and x64. The same sources give the same bytes, in any folder, on any day.
#
#   pack.sh [-o FOLDER]
#
# The version is that of Directory.Build.props. Needs the .NET SDK 10 and what tests/emulators/install.sh installs; dpkg-deb for the Debian packages.
set -euo pipefail
root="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
packages="$root/artifacts/packages"
if [ "${1:-}" = -o ]; then
  packages="$(realpath -m "${2:?pack.sh: -o needs a folder}")"
  if [ -n "$(ls -A "$packages" 2> /dev/null)" ] && [ ! -e "$packages/SHA256SUMS" ]; then
    echo "pack.sh: $packages is there and holds no packages; expected a new or empty folder, or one of an earlier pack.sh." >&2
    exit 1
  fi
elif [ $# != 0 ]; then
  echo "pack.sh: '$1' is no option; expected -o FOLDER." >&2
  exit 2
fi
cd "$root"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1
# The time of every file in every package: that of the commit, or one for all where there is none.
SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2> /dev/null || echo 1767225600)}"
export SOURCE_DATE_EPOCH
version="$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)"
work="$root/artifacts/packing"
rm -rf "$packages" "$work/agent"
mkdir -p "$packages" "$work/agent"

# One after the other: each is a compiler that takes all cores.
tests/emulators/agent.sh arm64 > /dev/null
[ "$(uname -m)" = x86_64 ] || { echo "pack.sh: the agent for x64 is built on x64 only." >&2; exit 1; }
tests/emulators/agent.sh host > /dev/null
dotnet pack EdgeConv.Packages.slnf -c Release -p:ForPackages=true -p:RunAnalyzers=false --artifacts-path "$work" -o "$packages" -v quiet -nologo
packaging/agent.sh "$version" "$work/agent" "$packages"
(cd "$packages" && sha256sum -- * > SHA256SUMS)
echo "$packages"
