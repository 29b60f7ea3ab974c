/*
 * Runs a generated model, compiled by itself as in a user's firmware, on the inputs of a file and writes for each how many bytes of stack
 * edgeconv_run took: what lies below main's own stack is filled with a pattern before, and looked through after. `edgeconv bench --on cortex-m4`
 * builds and runs this.
 */
#include "semihosting.h"
#include "model.h"

#include <stdint.h>

#define PATTERN UINT32_C(0xC5A3965C)
#define MOST_WORDS 16384

extern uint32_t bss_end;

static EDGECONV_INPUT_TYPE input[EDGECONV_INPUT_LENGTH];
static EDGECONV_OUTPUT_TYPE output[EDGECONV_OUTPUT_LENGTH];

/* What is below is free: no interrupt is on, and main calls nothing between here and the end of its look. */
static inline volatile uint32_t *stack_now(void)
{
    volatile uint32_t *here;
    __asm__ volatile("mov %0, sp" : "=r"(here));
    return here;
}

int main(void)
{
    const int inputs = host_open("inputs.bin", HOST_READ), depths = host_open("stack.bin", HOST_WRITE);
    if (inputs < 0 || depths < 0) {
        return 2;
    }
    edgeconv_init();
    while (host_read(inputs, input, (int)sizeof input) == (int)sizeof input) {
        volatile uint32_t *const top = stack_now();
        volatile uint32_t *const bottom = top - &bss_end > MOST_WORDS ? top - MOST_WORDS : &bss_end;
        volatile uint32_t *word;
        uint32_t depth;
        for (word = bottom; word < top; word++) {
            *word = PATTERN;
        }
        edgeconv_run(input, output);
        for (word = bottom; word < top && *word == PATTERN; word++) {
        }
        depth = (uint32_t)(top - word) * 4u;
        if (host_write(depths, &depth, (int)sizeof depth) != (int)sizeof depth) {
            return 3;
        }
    }
    return 0;
}
