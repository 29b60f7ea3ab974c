/* A resistive touch panel of four wires at a Pico 2. Wiring: README.md. */
#ifndef PANEL_H
#define PANEL_H

#include <stdint.h>

void panel_init(void);

/* Where it is touched, 0 to 255 each: 1, or 0 where it is not. */
int32_t panel_read(uint8_t *x, uint8_t *y);

#endif
