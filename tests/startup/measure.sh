#!/bin/bash
# From process start to the first class, EdgeConv beside ONNX Runtime: both native programs, the same network, the same
# picture, one thread, files in the page cache.
#
#   measure.sh MODEL.ecm MODEL.onnx [PICTURE.pgm]       without a picture, the first of MNIST's test set
set -euo pipefail
here="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
source "$here/../emulators/places.sh"
if [ $# -lt 2 ] || [ $# -gt 3 ]; then
  echo "usage: measure.sh MODEL.ecm MODEL.onnx [PICTURE.pgm]" >&2
  exit 2
fi
model="$1" onnx="$2" work="$artifacts/startup"
for file in "$@"; do
  [ -r "$file" ] || { echo "measure.sh: $file cannot be read." >&2; exit 1; }
done
mkdir -p "$work"
picture="${3:-$work/seven.pgm}"
if [ $# = 2 ]; then
  { printf 'P5 28 28 255\n'; gzip -dc "$root/trainer/data/mnist/t10k-images-idx3-ubyte.gz" | dd bs=784 iflag=fullblock,skip_bytes skip=16 count=1; } \
    > "$picture" 2> /dev/null || true
fi

agent="$("$here/../emulators/agent.sh" host)"
[ "$(uname -m)" = aarch64 ] && target=linux-arm64 || target=linux-x64
echo "Building the ONNX Runtime program" >&2
MSBUILDDISABLENODEREUSE=1 dotnet publish "$here/EdgeConv.OnnxRuntimeStart" -c Release -r "$target" --artifacts-path "$work" -o "$work/out" \
  -nologo > "$work/build.log" 2>&1 || { tail -n 20 "$work/build.log" >&2; exit 1; }
gcc -O2 -o "$work/stopwatch" "$here/stopwatch.c"

"$agent" run "$model" "$picture"
"$work/out/EdgeConv.OnnxRuntimeStart" "$onnx" "$picture"
"$work/stopwatch" 20 "$agent" run "$model" "$picture" -- "$work/out/EdgeConv.OnnxRuntimeStart" "$onnx" "$picture"
