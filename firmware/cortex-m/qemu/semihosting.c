/* Semihosting: a breakpoint with a number, an operation in r0 and the address of its arguments in r1. */
#include "semihosting.h"

#include <stddef.h>
#include <stdint.h>

void board_stop(int code);

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

void board_stop(int code)
{
    const uint32_t arguments[2] = { 0x20026u /* an application that ended */, (uint32_t)code };
    (void)semihost(0x20, arguments);
    for (;;) {
    }
}
