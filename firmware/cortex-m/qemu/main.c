/*
 * Runs a generated model on the inputs of a file and writes, for each: the output, and for every layer a hash of its bytes and the ticks
 * that it took. `edgeconv verify --on cortex-m4` and `bench --on cortex-m4` build and run this.
 *
 * QEMU with -icount shift=0 lets an instruction take a nanosecond; SysTick counts at the board's clock, so a tick is 40 instructions at
 * 25 MHz.
 */
#include "semihosting.h"

#include <stdint.h>

static void traced(int32_t layer, const int8_t *bytes, int32_t length);
#define EDGECONV_TRACE(layer, bytes, length) traced(layer, bytes, length)
#include "model.c"

#define SYST_CSR (*(volatile uint32_t *)0xE000E010u)
#define SYST_RVR (*(volatile uint32_t *)0xE000E014u)
#define SYST_CVR (*(volatile uint32_t *)0xE000E018u)
#define TICKS_MASK UINT32_C(0xFFFFFF)

typedef struct {
    uint32_t hash;
    uint32_t ticks;
} layer_result;

static layer_result results[EDGECONV_LAYERS];
static EDGECONV_INPUT_TYPE input[EDGECONV_INPUT_LENGTH];
static EDGECONV_OUTPUT_TYPE output[EDGECONV_OUTPUT_LENGTH];
static uint32_t started;

/* Called around every layer: by these two `bench` sees in the emulator where one begins and ends. */
__attribute__((noipa)) static void layer_begins(void)
{
    __asm__ volatile("");
}

__attribute__((noipa)) static void layer_ends(void)
{
    __asm__ volatile("");
}

/* The counter runs down. */
static void traced(int32_t layer, const int8_t *bytes, int32_t length)
{
    results[layer].ticks = (started - SYST_CVR) & TICKS_MASK;
    layer_ends();
    results[layer].hash = edgeconv_crc(bytes, length);
    layer_begins();
    started = SYST_CVR;
}

int main(void)
{
    const int inputs = host_open("inputs.bin", HOST_READ), outputs = host_open("outputs.bin", HOST_WRITE);
    if (inputs < 0 || outputs < 0) {
        return 2;
    }
    SYST_RVR = TICKS_MASK;
    SYST_CVR = 0;
    SYST_CSR = 5;   /* on, at the processor's clock */
    edgeconv_init();
    while (host_read(inputs, input, (int)sizeof input) == (int)sizeof input) {
        layer_begins();
        started = SYST_CVR;
        edgeconv_run(input, output);
        if (host_write(outputs, output, (int)sizeof output) != (int)sizeof output
            || host_write(outputs, results, (int)sizeof results) != (int)sizeof results) {
            return 3;
        }
    }
    return 0;
}
