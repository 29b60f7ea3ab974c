/* Pins and resets of the RP2350, for the board and for programs that use more of its pins. */
#ifndef PICO2_H
#define PICO2_H

#include "registers.h"

#define SIO_IN REGISTER(0xD0000004u)
#define SIO_OUT_SET REGISTER(0xD0000018u)
#define SIO_OUT_CLR REGISTER(0xD0000020u)
#define SIO_OE_SET REGISTER(0xD0000038u)
#define SIO_OE_CLR REGISTER(0xD0000040u)

/* Blocks that are held in reset until they are needed. */
#define PICO2_ADC (1u << 0)
#define PICO2_IO_BANK0 (1u << 6)
#define PICO2_PADS_BANK0 (1u << 9)
#define PICO2_UART0 (1u << 26)

/* What a pin is connected to. */
enum { PICO2_UART = 2, PICO2_SIO = 5, PICO2_NOTHING = 31 };

/* How its pad is: it always drives with 4 mA; the bit that isolates it after reset is cleared. */
#define PICO2_PULL_UP (1u << 3)
#define PICO2_INPUT (1u << 6)
#define PICO2_NO_OUTPUT (1u << 7)

static inline void pico2_wake(uint32_t blocks)
{
    REGISTER(0x40020000u + 0x3000u) = blocks;   /* the alias that clears bits of RESET */
    while ((REGISTER(0x40020008u) & blocks) != blocks) {
    }
}

static inline void pico2_pin(uint32_t pin, uint32_t function, uint32_t pad)
{
    REGISTER(0x40028004u + 8u * pin) = function;
    REGISTER(0x40038004u + 4u * pin) = 1u << 4 | pad;
}

#endif
