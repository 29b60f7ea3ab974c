/* What every board does in the same way. */
#include "board.h"

#define SYSTICK_CONTROL (*(volatile uint32_t *)0xE000E010u)
#define SYSTICK_RELOAD (*(volatile uint32_t *)0xE000E014u)
#define SYSTICK_NOW (*(volatile uint32_t *)0xE000E018u)
#define SYSTICK_PASSED (UINT32_C(1) << 16)   /* since the last look */

void board_print(const char *text)
{
    while (*text != '\0') {
        board_write((uint8_t)*text++);
    }
}

void board_print_number(int32_t number)
{
    char digits[12];
    int32_t at = (int32_t)sizeof digits - 1;
    uint32_t left = number < 0 ? 0u - (uint32_t)number : (uint32_t)number;
    digits[at] = '\0';
    do {
        digits[--at] = (char)('0' + left % 10u);
        left /= 10u;
    } while (left > 0u);
    if (number < 0) {
        digits[--at] = '-';
    }
    board_print(digits + at);
}

void board_wait(uint32_t milliseconds)
{
    SYSTICK_RELOAD = board_hz / 1000u - 1u;
    SYSTICK_NOW = 0;
    SYSTICK_CONTROL = 5;   /* on, at the processor's clock, without an interrupt */
    while (milliseconds > 0u) {
        if ((SYSTICK_CONTROL & SYSTICK_PASSED) != 0u) {
            milliseconds--;
        }
    }
    SYSTICK_CONTROL = 0;
}

void board_show(int32_t number)
{
    if (board_led_count >= 4) {
        board_leds((uint32_t)number + 1u);
        return;
    }
    for (; number >= 0; number--) {
        board_leds(1);
        board_wait(150);
        board_leds(0);
        board_wait(250);
    }
}

int32_t board_largest(const int8_t *values, int32_t length)
{
    int32_t best = 0, i;
    for (i = 1; i < length; i++) {
        best = values[i] > values[best] ? i : best;
    }
    return best;
}

void board_stop(int code)
{
    (void)code;
    board_leds(0xFFFFFFFFu);
    for (;;) {
    }
}
