/*
 * Camera frames as a model's input: QUANTIZATION.md, section 6, in C99, without a library. Every generated model_frame.c includes this file.
 *
 * Rows come from the top to the bottom and are not kept: what is left of them is one or two rows of the model's size. All is integer
 * arithmetic of 32 bits, which frames of up to 8,388,608 pixels do not leave.
 */
#ifndef EDGECONV_FRAME_H
#define EDGECONV_FRAME_H

#include <stdint.h>

#if defined(__GNUC__)
#define EDGECONV_FRAME_INLINE static inline __attribute__((always_inline))   /* so that a format's and a model's constants are known */
#else
#define EDGECONV_FRAME_INLINE static inline
#endif

#define EDGECONV_FRAME_MOST_PIXELS 8388608

enum { EDGECONV_FRAME_GREY, EDGECONV_FRAME_YUYV, EDGECONV_FRAME_YUYV_FULL, EDGECONV_FRAME_RGB565, EDGECONV_FRAME_RGB565_LITTLE };
enum { EDGECONV_FRAME_AREA, EDGECONV_FRAME_BILINEAR, EDGECONV_FRAME_NEAREST };

/* What the model wants: its preprocessing record. */
typedef struct {
    int32_t width, height, channels;
    int32_t is_bgr;         /* of three channels blue comes first */
    int32_t is_centred;     /* the largest centred rectangle of the model's aspect, or the whole picture */
    int32_t resize;
} edgeconv_frame_rule;

/* How far the rows of a frame have come. */
typedef struct {
    int32_t left, top, width, height;   /* the part of the frame that is looked at; empty before the first frame */
    int32_t row;                        /* that the camera sends next */
    int32_t output;                     /* that the model gets next */
    int32_t missing;                    /* of that row; a row of the frame counts as long as the model has rows */
} edgeconv_frame_state;

EDGECONV_FRAME_INLINE int32_t edgeconv_frame_byte(int32_t x)
{
    return x < 0 ? 0 : x > 255 ? 255 : x;
}

/* The 16 bits of a pixel: red 5, green 6, blue 5; the high bits of each are repeated below it. */
EDGECONV_FRAME_INLINE void edgeconv_frame_split(int32_t bits, int32_t *rgb)
{
    const int32_t red = bits >> 11, green = (bits >> 5) & 63, blue = bits & 31;
    rgb[0] = (red << 3) | (red >> 2);
    rgb[1] = (green << 2) | (green >> 4);
    rgb[2] = (blue << 3) | (blue >> 2);
}

/* BT.601 in 2^-14; luma holds the half that rounds. */
EDGECONV_FRAME_INLINE void edgeconv_frame_yuv(const uint8_t *y, const uint8_t *uv, int32_t is_full, int32_t *rgb)
{
    const int32_t luma = is_full ? 16384 * *y + 8192 : 19077 * (*y - 16) + 8192, u = uv[0] - 128, v = uv[2] - 128;
    rgb[0] = edgeconv_frame_byte((luma + (is_full ? 22970 : 26149) * v) >> 14);
    rgb[1] = edgeconv_frame_byte((luma - (is_full ? 5638 : 6419) * u - (is_full ? 11700 : 13320) * v) >> 14);
    rgb[2] = edgeconv_frame_byte((luma + (is_full ? 29032 : 33050) * u) >> 14);
}

/* The channels of pixel x, as the model orders them. */
EDGECONV_FRAME_INLINE void edgeconv_frame_pixel(int32_t format, const edgeconv_frame_rule *rule, const uint8_t *row, int32_t x, int32_t *pixel)
{
    int32_t rgb[3];
    switch (format) {
    case EDGECONV_FRAME_RGB565:
        edgeconv_frame_split(row[2 * x] << 8 | row[2 * x + 1], rgb);
        break;
    case EDGECONV_FRAME_RGB565_LITTLE:
        edgeconv_frame_split(row[2 * x + 1] << 8 | row[2 * x], rgb);
        break;
    case EDGECONV_FRAME_GREY:
        pixel[0] = row[x];
        if (rule->channels == 3) {
            pixel[1] = row[x];
            pixel[2] = row[x];
        }
        return;
    default:
        edgeconv_frame_yuv(row + 2 * x, row + (2 * x | 3) - 2, format == EDGECONV_FRAME_YUYV_FULL ? 1 : 0, rgb);
        break;
    }
    if (rule->channels == 1) {
        pixel[0] = (77 * rgb[0] + 150 * rgb[1] + 29 * rgb[2] + 128) >> 8;
    } else {
        pixel[0] = rgb[rule->is_bgr ? 2 : 0];
        pixel[1] = rgb[1];
        pixel[2] = rgb[rule->is_bgr ? 0 : 2];
    }
}

/* Chooses the part of a frame, and waits for its first row: 0, or -1 where a frame has no pixels or too many. */
EDGECONV_FRAME_INLINE int32_t edgeconv_frame_start(edgeconv_frame_state *state, const edgeconv_frame_rule *rule, int32_t width, int32_t height)
{
    state->width = 0;
    state->height = 0;
    if (width < 1 || height < 1 || width > 32767 || height > 32767 || width * height > EDGECONV_FRAME_MOST_PIXELS) {
        return -1;
    }
    state->width = width;
    state->height = height;
    if (rule->is_centred) {
        const int32_t wide = height * rule->width, high = width * rule->height;
        if (wide < high) {
            state->width = wide / rule->height > 1 ? wide / rule->height : 1;
        } else if (high < wide) {
            state->height = high / rule->width > 1 ? high / rule->width : 1;
        }
    }
    state->left = (width - state->width) / 2;
    state->top = (height - state->height) / 2;
    state->row = 0;
    state->output = 0;
    state->missing = state->height;
    return 0;
}

/* ---- mean over the area that an output pixel covers: a pixel of the frame is as long as the model has pixels ---- */

/* A row's sums under each output column. */
EDGECONV_FRAME_INLINE void edgeconv_frame_sum_columns(
    int32_t format, const edgeconv_frame_rule *rule, const uint8_t *row, int32_t left, int32_t width, uint32_t *line)
{
    int32_t pixel[3] = { 0, 0, 0 }, here = left - 1, unused = 0, x, c;   /* unused: of the pixel here */
    for (x = 0; x < rule->width; x++) {
        int32_t first[3], inner[3] = { 0, 0, 0 };
        const int32_t part = unused < width ? unused : width, whole = (width - part) / rule->width, last = width - part - whole * rule->width;
        const int32_t last_whole = here + whole;
        for (c = 0; c < rule->channels; c++) {
            first[c] = pixel[c] * part;
        }
        unused -= part;
        while (here < last_whole) {
            edgeconv_frame_pixel(format, rule, row, ++here, pixel);
            for (c = 0; c < rule->channels; c++) {
                inner[c] += pixel[c];
            }
        }
        if (last > 0) {
            edgeconv_frame_pixel(format, rule, row, ++here, pixel);
            unused = rule->width - last;
        }
        for (c = 0; c < rule->channels; c++) {
            *line++ = (uint32_t)(first[c] + inner[c] * rule->width + pixel[c] * last);
        }
    }
}

EDGECONV_FRAME_INLINE void edgeconv_frame_area(edgeconv_frame_state *state, const edgeconv_frame_rule *rule, const int8_t *table,
    const uint32_t *line, uint32_t *sums, int8_t *input)
{
    const int32_t length = rule->width * rule->channels;
    const uint32_t area = (uint32_t)(state->width * state->height);
    int32_t unused = rule->height, i;
    while (unused > 0) {
        const int32_t part = unused < state->missing ? unused : state->missing;
        for (i = 0; i < length; i++) {
            sums[i] = (state->missing == state->height ? 0u : sums[i]) + line[i] * (uint32_t)part;
        }
        unused -= part;
        state->missing -= part;
        if (state->missing == 0) {
            for (i = 0; i < length; i++) {
                input[state->output * length + i] = table[i % rule->channels * 256 + (int32_t)((2u * sums[i] + area) / (2u * area))];
            }
            state->output++;
            state->missing = state->height;
        }
    }
}

/* ---- four neighbours, weights of 11 bits ---- */

/* The centre of output pixel i, in 2048ths of a pixel of the frame. */
EDGECONV_FRAME_INLINE int32_t edgeconv_frame_position(int32_t i, int32_t size, int32_t outputs)
{
    const int32_t twice = (2 * i + 1) * size, whole = twice / outputs, rest = twice - whole * outputs, most = (size - 1) * 2048;
    const int32_t position = whole * 1024 + (rest * 1024 + outputs / 2) / outputs - 1024;
    return position < 0 ? 0 : position > most ? most : position;
}

/* A row between its pixels. */
EDGECONV_FRAME_INLINE void edgeconv_frame_between_columns(
    int32_t format, const edgeconv_frame_rule *rule, const uint8_t *row, int32_t left, int32_t width, uint32_t *line)
{
    int32_t x, c;
    for (x = 0; x < rule->width; x++) {
        const int32_t position = edgeconv_frame_position(x, width, rule->width), first = position >> 11, weight = position & 2047;
        int32_t here[3], next[3];
        edgeconv_frame_pixel(format, rule, row, left + first, here);
        edgeconv_frame_pixel(format, rule, row, left + (first + 1 < width ? first + 1 : first), next);
        for (c = 0; c < rule->channels; c++) {
            *line++ = (uint32_t)(here[c] * (2048 - weight) + next[c] * weight);
        }
    }
}

/* y is the row of the part that line is of; before is the row above. */
EDGECONV_FRAME_INLINE void edgeconv_frame_bilinear(edgeconv_frame_state *state, const edgeconv_frame_rule *rule, const int8_t *table,
    int32_t y, const uint32_t *line, uint32_t *before, int8_t *input)
{
    const int32_t length = rule->width * rule->channels;
    int32_t i;
    while (state->output < rule->height) {
        const int32_t position = edgeconv_frame_position(state->output, state->height, rule->height), first = position >> 11;
        const uint32_t weight = (uint32_t)(position & 2047);
        if ((first + 1 < state->height ? first + 1 : first) > y) {
            break;
        }
        for (i = 0; i < length; i++) {
            const uint32_t top = first < y ? before[i] : line[i];
            input[state->output * length + i] = table[i % rule->channels * 256 + (int32_t)((top * (2048u - weight) + line[i] * weight + (1u << 21)) >> 22)];
        }
        state->output++;
    }
    for (i = 0; i < length; i++) {
        before[i] = line[i];
    }
}

/* ---- nearest pixel centre ---- */

EDGECONV_FRAME_INLINE void edgeconv_frame_nearest(edgeconv_frame_state *state, int32_t format, const edgeconv_frame_rule *rule, const int8_t *table,
    int32_t y, const uint8_t *row, int8_t *input)
{
    while (state->output < rule->height && (2 * state->output + 1) * state->height / (2 * rule->height) == y) {
        int8_t *to = input + state->output * rule->width * rule->channels;
        int32_t pixel[3], x, c;
        for (x = 0; x < rule->width; x++) {
            edgeconv_frame_pixel(format, rule, row, state->left + (2 * x + 1) * state->width / (2 * rule->width), pixel);
            for (c = 0; c < rule->channels; c++) {
                *to++ = table[c * 256 + pixel[c]];
            }
        }
        state->output++;
    }
}

/* The next row of a frame; rows that the model does not look at are only counted. line and kept: a row of the model each. */
EDGECONV_FRAME_INLINE void edgeconv_frame_next(edgeconv_frame_state *state, int32_t format, const edgeconv_frame_rule *rule, const int8_t *table,
    const uint8_t *row, uint32_t *line, uint32_t *kept, int8_t *input)
{
    const int32_t y = state->row++ - state->top;
    if (y < 0 || y >= state->height) {
        return;
    }
    switch (rule->resize) {
    case EDGECONV_FRAME_AREA:
        edgeconv_frame_sum_columns(format, rule, row, state->left, state->width, line);
        edgeconv_frame_area(state, rule, table, line, kept, input);
        break;
    case EDGECONV_FRAME_BILINEAR:
        if (state->output < rule->height && y >= edgeconv_frame_position(state->output, state->height, rule->height) >> 11) {
            edgeconv_frame_between_columns(format, rule, row, state->left, state->width, line);
            edgeconv_frame_bilinear(state, rule, table, y, line, kept, input);
        }
        break;
    default:
        edgeconv_frame_nearest(state, format, rule, table, y, row, input);
        break;
    }
}

#endif
