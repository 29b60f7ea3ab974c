/* What was drawn with a pen, as a picture such as MNIST has them: white on black, centred, as large wherever and however large it was drawn. */
#ifndef STROKES_H
#define STROKES_H

#include <stdint.h>

enum { STROKES_SIDE = 112 };   /* of the picture, in pixels */

void strokes_clear(void);

/* The pen is at (x, y): 0 to 255, from left to right and from top to bottom. */
void strokes_add(uint8_t x, uint8_t y);

/* The pen was taken away; the next point begins a line of its own. */
void strokes_lift(void);

/* Points so far. */
int32_t strokes_count(void);

/* STROKES_SIDE rows of as many bytes. */
const uint8_t *strokes_picture(void);

#endif
