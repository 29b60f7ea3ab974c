/*
 * Start-up of a Cortex-M without an operating system and, but for STARTUP_WITH_LIBRARY, without a library: vectors and memory. main() and board_stop() are the program's.
 */
#include <stddef.h>
#include <stdint.h>

extern uint32_t stack_top, data_start, data_end, data_load, bss_start, bss_end;
int main(void);
void reset(void);

/* After main with what it returned, after a fault with 99; does not return. */
void board_stop(int code);

static void fault(void)
{
    board_stop(99);
}

/* Those of the processor. A program that turns on an interrupt of a peripheral puts its handler behind them. */
__attribute__((section(".vectors"), used)) static void *const vectors[16] = {
    &stack_top, (void *)reset,
    (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault,
    (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault,
    (void *)fault, (void *)fault,
};

#ifndef STARTUP_WITH_LIBRARY
/* The compiler turns loops into calls of these, whatever it is told about a library. */
void *memcpy(void *to, const void *from, size_t length)
{
    uint8_t *t = to;
    const uint8_t *f = from;
    while (length-- > 0u) {
        *t++ = *f++;
    }
    return to;
}

void *memset(void *to, int value, size_t length)
{
    uint8_t *t = to;
    while (length-- > 0u) {
        *t++ = (uint8_t)value;
    }
    return to;
}
#endif

void reset(void)
{
    uint32_t *to = &data_start;
    const uint32_t *from = &data_load;
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
    *(volatile uint32_t *)0xE000ED88u |= UINT32_C(0xF) << 20;   /* the coprocessors that are FPU and MVE */
    __asm__ volatile("dsb\n\tisb");
#endif
    while (to < &data_end) {
        *to++ = *from++;
    }
    for (to = &bss_start; to < &bss_end; to++) {
        *to = 0;
    }
    board_stop(main());
}
