#!/bin/bash
# EXPERIMENTAL: the runtime's C# kernels, compiled to Thumb-2 by NativeAOT's compiler and linked with C, for QEMU's MPS2 boards.
#
#   build.sh MODEL.ecm FOLDER [CPU]      CPU of the C part: cortex-m3, cortex-m4 (where nothing is said) or cortex-m7
#
# FOLDER gets kernels.o and program.elf. Runs on Linux x64; needs the .NET SDK 10 and gcc-arm-none-eabi. The compiler is a NuGet package of one
# version (Kernels.csproj), which the build of the kernels restores.
set -euo pipefail
here="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
firmware="$here/.."
[ $# -ge 2 ] || { echo "build.sh: expected MODEL.ecm FOLDER [CPU]." >&2; exit 2; }
[ -f "$1" ] || { echo "build.sh: there is no $1." >&2; exit 1; }
model="$(readlink -f "$1")" cpu="${3:-cortex-m4}"
mkdir -p "$2"
output="$(readlink -f "$2")"

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
dotnet build "$here/Kernels.csproj" -c Release -v quiet -nologo -nodeReuse:false -p:UseSharedCompilation=false \
  -o "$output/dll" "-p:BaseIntermediateOutputPath=$output/obj/" > "$output/build.log" || { cat "$output/build.log" >&2; exit 1; }
version="$(sed -n 's:.*<IlcVersion>\(.*\)</IlcVersion>.*:\1:p' "$here/Kernels.csproj")"
packages="$(dotnet nuget locals global-packages --list | sed 's/^[^/]*//')"
"$packages/runtime.linux-x64.microsoft.dotnet.ilcompiler/$version/tools/ilc" "$output/dll/kernels.dll" -o "$output/kernels.o" \
  --systemmodule kernels --targetarch:arm --targetos:linux -O --nativelib

# Code goes where code is. Without the tables that unwind exceptions, which there are none of, and without the note that floats travel in
# registers, which none do.
arm-none-eabi-objcopy --rename-section __managedcode=.text.managed -R .ARM.exidx__managedcode -R .ARM.extab__managedcode \
  -R .rel.ARM.exidx__managedcode -R .rel.ARM.extab__managedcode -R .ARM.attributes -R .note.GNU-stack "$output/kernels.o"
arm-none-eabi-gcc "-mcpu=$cpu" -mthumb -mfloat-abi=soft -O2 -std=c99 -ffreestanding -ffunction-sections -fdata-sections -nostdlib \
  -Wall -Wextra "-I$firmware/include" "-I$firmware/qemu" -T "$firmware/qemu/mps.ld" "-L$firmware" -Wl,--gc-sections \
  -Wl,--defsym=FLASH_ORIGIN=0,--defsym=FLASH_LENGTH=0x400000,--defsym=RAM_ORIGIN=0x20000000,--defsym=RAM_LENGTH=0x400000 \
  "$firmware/startup.c" "$firmware/qemu/semihosting.c" "$here/main.c" "$here/runtime.c" "$output/kernels.o" \
  -x assembler-with-cpp "-DMODEL_FILE=\"$model\"" "$here/model.s" -x none -lgcc -o "$output/program.elf"
arm-none-eabi-size "$output/program.elf"
