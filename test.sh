#!/bin/bash
# Builds EdgeConv with warnings as errors, checks its formatting, and runs every test: on this machine, and the runtime's
# again on each emulated Raspberry Pi processor. Needs the .NET SDK; installs the emulators and a browser where it may.
# Goes on after a failure, so that one run shows them all. Logs are in artifacts/test. The last line is the sum.
set -uo pipefail
root="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
cd "$root" || exit 1
logs="$root/artifacts/test"
rm -rf "$logs"
mkdir -p "$logs"
export MSBUILDDISABLENODEREUSE=1 DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

passed=0 failed=0 skipped=0
skips=()

say() { printf '%s  %s\n' "$(date +%T)" "$*"; }

skip() {
  say "SKIPPED $*"
  skips+=("$*")
  if [ "${CI:-}" = true ]; then
    failed=$((failed + 1))
  else
    skipped=$((skipped + 1))
  fi
}

# step NAME COMMAND...: counts as one test.
step() {
  local name="$1" log="$logs/${1// /-}.log"
  shift
  say "$name"
  if "$@" > "$log" 2>&1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    say "FAILED $name; the end of $log:"
    grep -E 'error|warning' "$log" | sort -u | head -n 20
    tail -n 5 "$log"
    return 1
  fi
}

# tests NAME COMMAND...: an xUnit program; its own totals are added up.
tests() {
  local name="$1" log="$logs/${1// /-}.log" code total errors bad left idle
  shift
  say "$name"
  timeout --foreground -k 10 2400 "$@" -noColor -noLogo > "$log" 2>&1 < /dev/null
  code=$?
  if ! read -r total errors bad left idle < <(sed -nE \
    's/.*Total: ([0-9]+), Errors: ([0-9]+), Failed: ([0-9]+), Skipped: ([0-9]+), Not Run: ([0-9]+),.*/\1 \2 \3 \4 \5/p' "$log" | tail -n 1); then
    failed=$((failed + 1))
    say "FAILED $name: it ended with code $code and without a result; the end of $log:"
    tail -n 20 "$log"
    return
  fi
  passed=$((passed + total - bad - left - idle))
  bad=$((bad + errors))
  skipped=$((skipped + left))
  failed=$((failed + bad))
  if [ "$bad" != 0 ] || [ "$code" != 0 ]; then
    [ "$bad" != 0 ] || failed=$((failed + 1))
    say "FAILED $name: $bad of $total, exit code $code; all of it in $log:"
    grep -A 12 -E '\[FAIL\]|\[ERROR\]|\[FATAL' "$log" | head -n 200
  fi
  if [ "$left" != 0 ]; then
    skips+=("$left in $name: $(grep -A 1 '\[SKIP\]' "$log" | grep -v -e '\[SKIP\]' -e '^--' | sed 's/^ *//' | sort | uniq -c | sort -rn \
      | sed -E 's/^ *([0-9]+) (.*)/\2 (\1)/' | head -n 5 | paste -sd ';')")
  fi
  say "  $total tests, $bad failed, $left skipped"
}

if ! command -v dotnet > /dev/null; then
  say "FAILED: no dotnet on the PATH; install the .NET SDK 10."
  echo "tests: 0 passed, 1 failed, 0 skipped"
  exit 1
fi

tests/emulators/install.sh
emulators=$?
tests/board/install.sh > /dev/null || skip "camera and GPIO on an emulated board: no kernel for it (see what install.sh said above)"
tests/broker/install.sh || skip "MQTT against a real broker: no mosquitto (see what install.sh said above)"
tests/browser/install.sh || skip "tests of the HTML pages in a browser: no chromium (see what install.sh said above)"
tests/systemd/install.sh || skip "the service under a real systemd: no systemd (see what install.sh said above)"
tests/ssh/install.sh || skip "tests of deploy over a real ssh: no sshd (see what install.sh said above)"

if step "build" dotnet build EdgeConv.sln -c Release -warnaserror -v quiet -nologo; then
  step "format" dotnet format EdgeConv.sln --verify-no-changes --no-restore
  tests "runtime tests on this machine" tests/EdgeConv.Runtime.Tests/bin/Release/net10.0/EdgeConv.Runtime.Tests
  # More threads than cores: many of these wait, for an emulator, a board, a server or the clock.
  tests "tests" tests/EdgeConv.Tests/bin/Release/net10.0/EdgeConv.Tests -maxThreads 1.5x
  for loader in ecm onnx tflite; do
    step "fuzz $loader" dotnet tests/EdgeConv.Fuzz/bin/Release/net10.0/EdgeConv.Fuzz.dll --loader "$loader" --count 20000 --seed 1 \
      --minutes 5 --findings "$logs/fuzz-findings"
  done
fi

if [ "$emulators" != 0 ]; then
  skip "runtime tests on cortex-a53, cortex-a72, cortex-a76: no emulators (see what install.sh said above)"
elif step "publish for ARM64" dotnet publish tests/EdgeConv.Runtime.Tests -c Release -r linux-arm64 \
  -p:RunAnalyzers=false --artifacts-path artifacts/arm64-tests -o artifacts/arm64-tests/out -v quiet -nologo; then
  for cpu in cortex-a53 cortex-a72 cortex-a76; do
    tests "runtime tests on $cpu" tests/emulators/run-arm64.sh "$cpu" artifacts/arm64-tests/out/EdgeConv.Runtime.Tests
  done
fi

if [ ${#skips[@]} != 0 ]; then
  echo "Skipped:"
  printf '  %s\n' "${skips[@]}"
fi
echo "Took $((SECONDS / 60)) min $((SECONDS % 60)) s; logs are in $logs"
echo "tests: $passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
