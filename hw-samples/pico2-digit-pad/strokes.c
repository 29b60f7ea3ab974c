/*
 * MNIST's digits fit into 20 of 28 pixels, and their centre of mass is the picture's centre. Here a pixel of theirs is four, which the model's
 * preprocessing takes the mean of: that gives the pen its soft edge.
 */
#include "strokes.h"

enum { BOX = 80, PEN = 5 /* its radius */, MOST_POINTS = 1024, CENTRE = STROKES_SIDE / 2, MOST_SHIFT = CENTRE - BOX / 2 - 1 };

typedef struct {
    uint8_t x, y, begins;
} point;

static point points[MOST_POINTS];
static uint8_t picture[STROKES_SIDE * STROKES_SIDE];
static int32_t count;
static uint8_t is_lifted = 1;

void strokes_clear(void)
{
    count = 0;
    is_lifted = 1;
}

void strokes_add(uint8_t x, uint8_t y)
{
    if (count < MOST_POINTS && (is_lifted || points[count - 1].x != x || points[count - 1].y != y)) {
        points[count].x = x;
        points[count].y = y;
        points[count++].begins = is_lifted;
        is_lifted = 0;
    }
}

void strokes_lift(void)
{
    is_lifted = 1;
}

int32_t strokes_count(void)
{
    return count;
}

static void dot(int32_t x, int32_t y)
{
    int32_t dx, dy;
    for (dy = -PEN; dy <= PEN; dy++) {
        for (dx = -PEN; dx <= PEN; dx++) {
            const int32_t column = x + dx, row = y + dy;
            if (dx * dx + dy * dy <= PEN * PEN + 2 && column >= 0 && column < STROKES_SIDE && row >= 0 && row < STROKES_SIDE) {
                picture[row * STROKES_SIDE + column] = 255;
            }
        }
    }
}

static void line(int32_t x0, int32_t y0, int32_t x1, int32_t y1)
{
    const int32_t dx = x1 - x0, dy = y1 - y0, wide = dx < 0 ? -dx : dx, high = dy < 0 ? -dy : dy, steps = wide > high ? wide : high;
    int32_t i;
    dot(x0, y0);
    for (i = 1; i <= steps; i++) {
        dot(x0 + dx * i / steps, y0 + dy * i / steps);
    }
}

/* The middle of the strokes' box comes to (x, y), its longer side becomes BOX. */
static void draw(int32_t x, int32_t y)
{
    int32_t left = 255, right = 0, top = 255, bottom = 0, size, i;
    for (i = 0; i < count; i++) {
        left = points[i].x < left ? points[i].x : left;
        right = points[i].x > right ? points[i].x : right;
        top = points[i].y < top ? points[i].y : top;
        bottom = points[i].y > bottom ? points[i].y : bottom;
    }
    size = right - left > bottom - top ? right - left : bottom - top;
    size = size > 0 ? size : 1;
    for (i = 0; i < STROKES_SIDE * STROKES_SIDE; i++) {
        picture[i] = 0;
    }
    for (i = 0; i < count; i++) {
        const point *from = &points[points[i].begins ? i : i - 1];
        line(x + (2 * from->x - left - right) * (BOX - 2 * PEN) / (2 * size), y + (2 * from->y - top - bottom) * (BOX - 2 * PEN) / (2 * size),
            x + (2 * points[i].x - left - right) * (BOX - 2 * PEN) / (2 * size), y + (2 * points[i].y - top - bottom) * (BOX - 2 * PEN) / (2 * size));
    }
}

static int32_t shift(int32_t sum, int32_t pixels)
{
    const int32_t away = CENTRE - sum / pixels;
    return away > MOST_SHIFT ? MOST_SHIFT : away < -MOST_SHIFT ? -MOST_SHIFT : away;
}

const uint8_t *strokes_picture(void)
{
    int32_t x, y, sum_x = 0, sum_y = 0, pixels = 0;
    draw(CENTRE, CENTRE);
    for (y = 0; y < STROKES_SIDE; y++) {
        for (x = 0; x < STROKES_SIDE; x++) {
            if (picture[y * STROKES_SIDE + x] != 0) {
                sum_x += x;
                sum_y += y;
                pixels++;
            }
        }
    }
    if (pixels > 0) {
        draw(CENTRE + shift(sum_x, pixels), CENTRE + shift(sum_y, pixels));
    }
    return picture;
}
