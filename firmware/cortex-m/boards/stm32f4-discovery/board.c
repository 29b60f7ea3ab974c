/*
 * STM32F4 Discovery (STM32F407VG, Cortex-M4F). LEDs: PD12 green, PD13 orange, PD14 red, PD15 blue. Serial line: USART2, TX PA2, RX PA3.
 * Clock: the internal 16 MHz that it starts with; flash needs no wait state at that. Registers: ST's reference manual RM0090.
 */
#include "board.h"
#include "registers.h"

#define RCC_AHB1ENR REGISTER(0x40023830u)
#define RCC_APB1ENR REGISTER(0x40023840u)
#define GPIOA_MODER REGISTER(0x40020000u)
#define GPIOA_AFRL REGISTER(0x40020020u)
#define GPIOD_MODER REGISTER(0x40020C00u)
#define GPIOD_BSRR REGISTER(0x40020C18u)
#define USART2_SR REGISTER(0x40004400u)
#define USART2_DR REGISTER(0x40004404u)
#define USART2_BRR REGISTER(0x40004408u)
#define USART2_CR1 REGISTER(0x4000440Cu)

enum { GPIOA_ON = 1 << 0, GPIOD_ON = 1 << 3, USART2_ON = 1 << 17 };
enum { RECEIVED = 1 << 5, CAN_SEND = 1 << 7 };
enum { FIRST_LED = 12 };

const uint32_t board_hz = 16000000u;
const int32_t board_led_count = 4;

void board_init(void)
{
    RCC_AHB1ENR |= GPIOA_ON | GPIOD_ON;
    RCC_APB1ENR |= USART2_ON;
    (void)RCC_APB1ENR;                                                    /* a clock takes two cycles to arrive */
    GPIOD_MODER = (GPIOD_MODER & ~(0xFFu << 24)) | 0x55u << 24;           /* PD12 to PD15 are outputs */
    GPIOA_AFRL = (GPIOA_AFRL & ~(0xFFu << 8)) | 0x77u << 8;               /* PA2, PA3: function 7 is USART2 */
    GPIOA_MODER = (GPIOA_MODER & ~(0xFu << 4)) | 0xAu << 4;
    USART2_BRR = (board_hz + 57600u) / 115200u;
    USART2_CR1 = 1u << 13 | 1u << 3 | 1u << 2;                            /* on, sender, receiver */
    board_leds(0);
}

void board_leds(uint32_t on)
{
    GPIOD_BSRR = (on & 15u) << FIRST_LED | (~on & 15u) << (FIRST_LED + 16);
}

void board_write(uint8_t byte)
{
    while ((USART2_SR & CAN_SEND) == 0u) {
    }
    USART2_DR = byte;
}

int board_has_read(void)
{
    return (USART2_SR & RECEIVED) != 0u ? 1 : 0;
}

uint8_t board_read(void)
{
    while (!board_has_read()) {
    }
    return (uint8_t)USART2_DR;
}
