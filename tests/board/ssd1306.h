// A display of 128x32 pixels with an SSD1306, as its data sheet has it: what arrives over I2C, and what is seen on the glass.
#ifndef SSD1306_H
#define SSD1306_H

#include <stddef.h>
#include <stdint.h>

enum { PANEL_COLUMNS = 128, PANEL_ROWS = 32 };

// The bytes of one write to the chip, behind its address.
void ssd1306_write(const uint8_t *bytes, size_t length);

// What is read from the chip: whether it is dark.
uint8_t ssd1306_status(void);

// Writes what is seen as a picture: a portable bitmap, 1 for a pixel that shines.
int ssd1306_save(const char *path);

#endif
