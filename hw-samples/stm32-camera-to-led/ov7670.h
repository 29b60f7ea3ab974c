/* An OV7670 camera at the DCMI of an STM32F4 Discovery: 160x120 pixels of YUYV, Y from 0 to 255. Wiring: README.md. */
#ifndef OV7670_H
#define OV7670_H

#include <stdint.h>

enum { OV7670_WIDTH = 160, OV7670_HEIGHT = 120, OV7670_ROW_BYTES = 2 * OV7670_WIDTH };

/* Pins, the camera's clock, its registers: 0, or -1 where no OV7670 answers. */
int32_t ov7670_init(void);

/* The next whole frame: 0, or -1 where none comes within about a second. */
int32_t ov7670_capture(uint8_t *frame);

#endif
