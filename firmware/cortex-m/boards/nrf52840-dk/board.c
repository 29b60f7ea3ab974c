/*
 * nRF52840 DK (PCA10056, Cortex-M4F). LEDs 1 to 4: P0.13 to P0.16, on when low. Serial line: TX P0.06, RX P0.08, which the board's J-Link
 * passes on as a USB serial port. Clock: 64 MHz from the internal oscillator that it starts with. Registers: Nordic's product specification.
 */
#include "board.h"
#include "registers.h"

#define P0_OUTSET REGISTER(0x50000508u)
#define P0_OUTCLR REGISTER(0x5000050Cu)
#define P0_PIN_CNF(pin) REGISTER(0x50000700u + 4u * (pin))
#define UART_STARTRX REGISTER(0x40002000u)
#define UART_STARTTX REGISTER(0x40002008u)
#define UART_RXDRDY REGISTER(0x40002108u)
#define UART_TXDRDY REGISTER(0x4000211Cu)
#define UART_ENABLE REGISTER(0x40002500u)
#define UART_PSELTXD REGISTER(0x4000250Cu)
#define UART_PSELRXD REGISTER(0x40002514u)
#define UART_RXD REGISTER(0x40002518u)
#define UART_TXD REGISTER(0x4000251Cu)
#define UART_BAUDRATE REGISTER(0x40002524u)

enum { TX = 6, RX = 8, FIRST_LED = 13, LEDS = 4 };
enum { OUTPUT = 3 /* without its input buffer */, INPUT = 0 };

const uint32_t board_hz = 64000000u;
const int32_t board_led_count = LEDS;

void board_init(void)
{
    uint32_t led;
    P0_OUTSET = 1u << TX;
    board_leds(0);
    for (led = 0; led < LEDS; led++) {
        P0_PIN_CNF(FIRST_LED + led) = OUTPUT;
    }
    P0_PIN_CNF(TX) = OUTPUT;
    P0_PIN_CNF(RX) = INPUT;
    UART_PSELTXD = TX;
    UART_PSELRXD = RX;
    UART_BAUDRATE = 0x01D7E000u;   /* 115,200 */
    UART_ENABLE = 4;
    UART_STARTTX = 1;
    UART_STARTRX = 1;
}

void board_leds(uint32_t on)
{
    P0_OUTCLR = (on & 15u) << FIRST_LED;
    P0_OUTSET = (~on & 15u) << FIRST_LED;
}

void board_write(uint8_t byte)
{
    UART_TXDRDY = 0;
    UART_TXD = byte;
    while (UART_TXDRDY == 0u) {
    }
}

int board_has_read(void)
{
    return UART_RXDRDY != 0u ? 1 : 0;
}

uint8_t board_read(void)
{
    while (!board_has_read()) {
    }
    UART_RXDRDY = 0;
    return (uint8_t)UART_RXD;
}
