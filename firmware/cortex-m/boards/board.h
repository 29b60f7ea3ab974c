/* A board as the programs of this folder see it: some LEDs and a serial line of 115,200 baud, 8 bits, no parity. */
#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

/* ---- in the board's own folder ---- */

extern const uint32_t board_hz;       /* of the processor, and of SysTick */
extern const int32_t board_led_count;

/* Clock, pins, serial line. */
void board_init(void);

/* Bit i is the state of LED i. */
void board_leds(uint32_t on);

void board_write(uint8_t byte);

/* Waits for one. */
uint8_t board_read(void);

/* Whether board_read would not wait. */
int board_has_read(void);

/* ---- for every board, in common.c ---- */

void board_print(const char *text);
void board_print_number(int32_t number);

void board_wait(uint32_t milliseconds);

/* A number from 0: as number + 1 in binary where there are four LEDs, else as number + 1 flashes of the first, which takes its time. */
void board_show(int32_t number);

/* The first of the largest. */
int32_t board_largest(const int8_t *values, int32_t length);

/* After main or a fault (99): all LEDs on, for ever. */
void board_stop(int code);

#endif
