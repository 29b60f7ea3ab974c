#!/bin/bash
# From process start to the first answer, and the largest resident memory: EdgeConv beside ONNX Runtime, the same network, one thread, files in
# the page cache. README.md beside this file says what the columns are, and what they were.
#
#   measure.sh NETWORK... [--as KIND,...] [--runs N]  lenet5, ds-cnn, resnet8, alexnet, vgg16 of the bench, or all: int8 on both sides and ONNX
#                                                     Runtime's float; KIND: native, ahead (.NET, published with ReadyToRun), il (.NET as built)
#   measure.sh MODEL.ecm MODEL.onnx [PICTURE] [--runs N]   edgeconv-agent beside a float model of one channel, both native, on a picture (PGM);
#                                                     without one, on the first of MNIST's test set
set -euo pipefail
here="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
source "$here/../emulators/places.sh"
work="$artifacts/startup" known="lenet5 ds-cnn resnet8 alexnet vgg16" runs=20 kinds="native ahead il"
export MSBUILDDISABLENODEREUSE=1 DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
[ "$(uname -m)" = aarch64 ] && target=linux-arm64 || target=linux-x64

usage() {
  sed -n 's/^#   //p' "${BASH_SOURCE[0]}" >&2
  exit 2
}

# built LOG COMMAND...: says why where it fails.
built() {
  "${@:2}" > "$work/$1.log" 2>&1 || { echo "measure.sh: the whole log is $work/$1.log" >&2; tail -n 20 "$work/$1.log" >&2; exit 1; }
}

# program NAME KIND: the smallest program with an engine, into $work/KIND/NAME.
program() {
  local how=(-r "$target")
  case "$2" in
    ahead) how+=(--no-self-contained -p:PublishAot=false -p:PublishReadyToRun=true) ;;
    il) how=() ;;
  esac
  echo "Building $1, $2" >&2
  built "$1.$2" dotnet publish "$here/$1" -c Release "${how[@]}" -p:RunAnalyzers=false --artifacts-path "$work/build/$2" -o "$work/$2/$1" -nologo
}

# The first picture of MNIST's test set.
seven() {
  { printf 'P5 28 28 255\n'; gzip -dc "$root/trainer/data/mnist/t10k-images-idx3-ubyte.gz" | dd bs=784 iflag=fullblock,skip_bytes skip=16 count=1; } \
    > "$1" 2> /dev/null || true
}

files_beside() {
  local file picture="${3:-$work/seven.pgm}" agent theirs="$work/native/EdgeConv.OnnxRuntimeStart/EdgeConv.OnnxRuntimeStart"
  for file in "$@"; do
    [ -r "$file" ] || { echo "measure.sh: $file cannot be read." >&2; exit 1; }
  done
  [ $# = 3 ] || seven "$picture"
  agent="$("$here/../emulators/agent.sh" host)"
  program EdgeConv.OnnxRuntimeStart native
  "$agent" run "$1" "$picture"
  "$theirs" "$2" "$picture"
  "$work/stopwatch" "$runs" edgeconv-agent "$agent" run "$1" "$picture" -- "ONNX Runtime" "$theirs" "$2" "$picture"
}

# network NAME KIND
network() {
  local path="$work/networks/$1" ours="$work/$2/EdgeConv.RuntimeStart/EdgeConv.RuntimeStart" theirs="$work/$2/EdgeConv.OnnxRuntimeStart/EdgeConv.OnnxRuntimeStart"
  echo; echo "$1, $2"
  "$work/stopwatch" "$runs" EdgeConv "$ours" "$path.ecm" -- "ONNX Runtime, int8" "$theirs" "$path.int8.onnx"
  # By itself: what a program leaves to the next one is not only the page cache.
  "$work/stopwatch" "$runs" "ONNX Runtime, float" "$theirs" "$path.onnx"
}

names=() files=()
while [ $# != 0 ]; do
  case "$1" in
    --runs) runs="${2:-}"; [[ "$runs" =~ ^[1-9][0-9]{0,2}$ ]] || usage; shift ;;
    --as) kinds="${2:-}"; [[ "$kinds" =~ ^(native|ahead|il)(,(native|ahead|il))*$ ]] || usage; kinds="${kinds//,/ }"; shift ;;
    all) read -ra names <<< "$known" ;;
    -*) usage ;;
    *) if [[ " $known " == *" $1 "* ]]; then names+=("$1"); else files+=("$1"); fi ;;
  esac
  shift
done
mkdir -p "$work/networks"
gcc -O2 -o "$work/stopwatch" "$here/stopwatch.c"
case "${#names[@]}:${#files[@]}" in
  0:2 | 0:3) files_beside "${files[@]}"; exit ;;
  0:* | *:[1-9]*) usage ;;
esac

for kind in $kinds; do
  program EdgeConv.RuntimeStart "$kind"
  program EdgeConv.OnnxRuntimeStart "$kind"
done
bench="$work/build/bench/bin/EdgeConv.Benchmarks/release/EdgeConv.Benchmarks"
built bench dotnet build "$here/../EdgeConv.Benchmarks" -c Release -p:RunAnalyzers=false --artifacts-path "$work/build/bench" -nologo
for name in "${names[@]}"; do
  # A file that is there is made anew where what writes it has changed.
  [ "$work/networks/$name.onnx" -nt "$bench.dll" ] || built "$name" "$bench" --write "$work/networks" "$name"
  for kind in $kinds; do
    network "$name" "$kind"
  done
done
