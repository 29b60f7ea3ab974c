/* Where frames come from and words go to. frame.c has QEMU's; a board has its camera and its serial line. */
#ifndef FRAME_H
#define FRAME_H

#include <stdbool.h>
#include <stdint.h>

#define FRAME_WIDTH 28
#define FRAME_HEIGHT 28

/* A grey byte a pixel, row after row; false when there are no more. */
bool next_frame(uint8_t *pixels);

/* A line of text. */
void say(const char *text);

#endif
