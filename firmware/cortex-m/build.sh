#!/bin/bash
# Firmware for a real board out of a folder that `edgeconv export --to c` has written.
#
#   build.sh BOARD MODEL_FOLDER [-o FOLDER] [SOURCE.c...]
#
# BOARD is stm32f4-discovery, pico2 or nrf52840-dk; `edgeconv boards` calls the first stm32f407g-disc1 and the last nrf52840, which mean the same.
# Without sources the program is boards/main.c: it classifies the model's golden picture, and
# then what comes over the serial line. With sources, main() is theirs. FOLDER gets firmware.elf, .bin, .hex and for the Pico 2 .uf2; it is
# MODEL_FOLDER/BOARD where nothing is said. Needs arm-none-eabi-gcc (Debian: gcc-arm-none-eabi), for the Pico 2 a C compiler of this machine too.
set -euo pipefail
here="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"

fail() {
  echo "build.sh: $2" >&2
  exit "$1"
}

[ $# -ge 2 ] || fail 2 "expected BOARD MODEL_FOLDER; boards: stm32f4-discovery, pico2, nrf52840-dk."
board="$1" model="$2"
shift 2
case "$board" in
  stm32f407g-disc1) board=stm32f4-discovery ;;
  nrf52840) board=nrf52840-dk ;;
esac
case "$board" in
  stm32f4-discovery | nrf52840-dk) cpu=cortex-m4 ;;
  pico2) cpu=cortex-m33 ;;
  *) fail 2 "there is no board '$board'; expected stm32f4-discovery, pico2 or nrf52840-dk." ;;
esac
[ -e "$model/src/model.c" ] || fail 1 "there is no $model/src/model.c; write it with: edgeconv export MODEL.ecm --to c -o $model"
command -v arm-none-eabi-gcc > /dev/null || fail 1 "there is no arm-none-eabi-gcc on the PATH (Debian: apt-get install gcc-arm-none-eabi)."

output="$model/$board" sources=()
while [ $# -gt 0 ]; do
  case "$1" in
    -o) output="${2:?build.sh: -o needs a folder}"; shift 2 ;;
    *) sources+=("$1"); shift ;;
  esac
done
mkdir -p "$output"

options=("-mcpu=$cpu" -mthumb -mfloat-abi=soft -O2 -std=c99 -ffreestanding -ffunction-sections -fdata-sections -nostdlib
  -Wall -Wextra -Wconversion "-I$model/src" "-I$here/boards" "-I$here/boards/$board")
if [ ${#sources[@]} -eq 0 ]; then
  sources=("$here/boards/main.c")
  options+=(-include "$here/boards/layer_done.h")
fi
for source in "$model"/src/*.c; do
  sources+=("$source")
done
elf="$output/firmware.elf"
arm-none-eabi-gcc "${options[@]}" -T "$here/boards/$board/board.ld" "-L$here" -Wl,--gc-sections "-Wl,-Map=$output/firmware.map" \
  "$here/startup.c" "$here/boards/common.c" "$here/boards/$board/board.c" "${sources[@]}" -lgcc -o "$elf"
arm-none-eabi-objcopy -O binary "$elf" "$output/firmware.bin"
arm-none-eabi-objcopy -O ihex "$elf" "$output/firmware.hex"
if [ "$board" = pico2 ]; then
  cc -O1 -Wall -Wextra -o "$output/uf2" "$here/tools/uf2.c"
  "$output/uf2" "$output/firmware.bin" "$output/firmware.uf2" 0x10000000 0xE48BFF59
  rm "$output/uf2"
fi
arm-none-eabi-size "$elf"
