/*
 * Raspberry Pi Pico 2 (RP2350, Cortex-M33). LED: GPIO 25. Serial line: UART0, TX GPIO 0 (pin 1), RX GPIO 1 (pin 2). Clock: the crystal's
 * 12 MHz. Registers: the RP2350 datasheet.
 */
#include "board.h"
#include "pico2.h"

#define XOSC_CTRL REGISTER(0x40048000u)
#define XOSC_STATUS REGISTER(0x40048004u)
#define XOSC_STARTUP REGISTER(0x4004800Cu)
#define CLK_REF_CTRL REGISTER(0x40010030u)
#define CLK_REF_SELECTED REGISTER(0x40010038u)
#define CLK_SYS_CTRL REGISTER(0x4001003Cu)
#define CLK_SYS_SELECTED REGISTER(0x40010044u)
#define CLK_PERI_CTRL REGISTER(0x40010048u)
#define UART0_DR REGISTER(0x40070000u)
#define UART0_FR REGISTER(0x40070018u)
#define UART0_IBRD REGISTER(0x40070024u)
#define UART0_FBRD REGISTER(0x40070028u)
#define UART0_LCR_H REGISTER(0x4007002Cu)
#define UART0_CR REGISTER(0x40070030u)

enum { TX = 0, RX = 1, LED = 25 };
enum { NOTHING_RECEIVED = 1 << 4, CANNOT_SEND = 1 << 5 };

/*
 * The datasheet's smallest IMAGE_DEF (section 5.9.5.1), by which the boot ROM knows a program for the Arm cores in secure state. It must lie in
 * the first 4 KB; the vectors are then taken from the image's beginning.
 */
__attribute__((section(".boot_block"), used)) static const uint32_t image_definition[5] = {
    0xFFFFDED3u,   /* start of the block */
    0x10210142u,   /* image type, one word: an executable, secure, Arm, RP2350 */
    0x000001FFu,   /* last item, one word before it */
    0u,            /* the next block is this one */
    0xAB123579u,   /* end of the block */
};

const uint32_t board_hz = 12000000u;
const int32_t board_led_count = 1;

/* The boot ROM leaves a ring oscillator of no exact frequency. */
static void use_crystal(void)
{
    XOSC_STARTUP = 47;                    /* times 256 cycles: a millisecond */
    XOSC_CTRL = 0xFABu << 12 | 0xAA0u;    /* on, 1 to 15 MHz */
    while ((XOSC_STATUS & 1u << 31) == 0u) {
    }
    CLK_REF_CTRL = 2;                     /* the crystal */
    while (CLK_REF_SELECTED != 1u << 2) {
    }
    CLK_SYS_CTRL = 0;                     /* the reference clock */
    while (CLK_SYS_SELECTED != 1u << 0) {
    }
    CLK_PERI_CTRL = 1u << 11;             /* on, the system's clock */
}

void board_init(void)
{
    use_crystal();
    pico2_wake(PICO2_IO_BANK0 | PICO2_PADS_BANK0 | PICO2_UART0);
    pico2_pin(TX, PICO2_UART, PICO2_INPUT);
    pico2_pin(RX, PICO2_UART, PICO2_INPUT | PICO2_PULL_UP);
    pico2_pin(LED, PICO2_SIO, PICO2_INPUT);
    SIO_OE_SET = 1u << LED;
    UART0_IBRD = 6;                       /* 12,000,000 / (16 * 115,200) = 6 + 33 / 64 */
    UART0_FBRD = 33;
    UART0_LCR_H = 3u << 5 | 1u << 4;      /* 8 bits, FIFO */
    UART0_CR = 1u << 9 | 1u << 8 | 1u;    /* receiver, sender, on */
    board_leds(0);
}

void board_leds(uint32_t on)
{
    if ((on & 1u) != 0u) {
        SIO_OUT_SET = 1u << LED;
    } else {
        SIO_OUT_CLR = 1u << LED;
    }
}

void board_write(uint8_t byte)
{
    while ((UART0_FR & CANNOT_SEND) != 0u) {
    }
    UART0_DR = byte;
}

int board_has_read(void)
{
    return (UART0_FR & NOTHING_RECEIVED) == 0u ? 1 : 0;
}

uint8_t board_read(void)
{
    while (!board_has_read()) {
    }
    return (uint8_t)UART0_DR;
}
