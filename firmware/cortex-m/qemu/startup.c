/*
 * Start-up of a Cortex-M in QEMU's MPS2 and MPS3 boards: vectors, memory, semihosting. Nothing of it is needed on a board of your own,
 * which has its start-up already.
 */
#include <stddef.h>
#include <stdint.h>
#include "semihosting.h"

extern uint32_t stack_top, data_start, data_end, data_load, bss_start, bss_end;
int main(void);
void reset(void);
static void fault(void);

__attribute__((section(".vectors"), used)) static void *const vectors[16] = {
    &stack_top, (void *)reset,
    (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault,
    (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault,
    (void *)fault, (void *)fault,
};

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

static intptr_t semihost(intptr_t operation, const void *arguments)
{
    register intptr_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = arguments;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

int host_open(const char *name, int mode)
{
    size_t length = 0;
    intptr_t arguments[3];
    while (name[length] != '\0') {
        length++;
    }
    arguments[0] = (intptr_t)name;
    arguments[1] = mode;
    arguments[2] = (intptr_t)length;
    return (int)semihost(0x01, arguments);
}

int host_read(int file, void *bytes, int length)
{
    intptr_t arguments[3] = { file, (intptr_t)bytes, length };
    return length - (int)semihost(0x06, arguments);
}

int host_write(int file, const void *bytes, int length)
{
    intptr_t arguments[3] = { file, (intptr_t)bytes, length };
    return length - (int)semihost(0x05, arguments);
}

void host_exit(int code)
{
    const uint32_t arguments[2] = { 0x20026u /* an application that ended */, (uint32_t)code };
    (void)semihost(0x20, arguments);
    for (;;) {
    }
}

static void fault(void)
{
    host_exit(99);
}

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
    host_exit(main());
}
