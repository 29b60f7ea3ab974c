/*
 * What generated code for the vector extension (MVE, Helium) of Cortex-M55 and M85 uses beside its assembly. Elsewhere EDGECONV_MVE gives the same by
 * plain C, for tests.
 */
#ifndef EDGECONV_MVE_H
#define EDGECONV_MVE_H

#include <stddef.h>
#include <stdint.h>
#include "edgeconv_math.h"

#if defined(__ARM_FEATURE_MVE) && !defined(EDGECONV_MVE)
#define EDGECONV_MVE 1
#endif

#if defined(__ARM_FEATURE_MVE)

static inline int32x4_t edgeconv_four_sums(int32x4_t a, int32x4_t b, int32_t factor_a, int32_t factor_b, int32_t constant, int32_t shift)
{
    return vshlq_r_s32(vmlaq_n_s32(vaddq_n_s32(vmulq_n_s32(a, factor_a), constant), b, factor_b), -shift);
}

/* (a * factor_a + b * factor_b + constant) >> shift, clamped, of bytes side by side. */
static inline void edgeconv_sums(int8_t *to, const int8_t *a, const int8_t *b, int32_t count, int32_t factor_a, int32_t factor_b, int32_t constant,
    int32_t shift, int32_t least, int32_t most)
{
    const int32x4_t low = vdupq_n_s32(least), high = vdupq_n_s32(most);
    int32_t fours;
    for (fours = count / 4; fours > 0; fours--) {
        const int32x4_t sum = edgeconv_four_sums(vldrbq_s32(a), vldrbq_s32(b), factor_a, factor_b, constant, shift);
        vstrbq_s32(to, vminq_s32(vmaxq_s32(sum, low), high));
        a += 4;
        b += 4;
        to += 4;
    }
    if (count % 4 > 0) {
        const mve_pred16_t here = vctp32q((uint32_t)(count % 4));
        const int32x4_t sum = edgeconv_four_sums(vldrbq_z_s32(a, here), vldrbq_z_s32(b, here), factor_a, factor_b, constant, shift);
        vstrbq_p_s32(to, vminq_s32(vmaxq_s32(sum, low), high), here);
    }
}

/*
 * Means of rows by columns pixels, halves away from zero: eight channels at a time, at most 256 pixels, so that sums stay in int16. With t = 2 sum + count,
 * less 1 below zero, the mean is t / (2 count) rounded down, and so is (2 t + 1) * ceil(2^30 / count) / 2^32: 2 t + 1 is odd and never a multiple of
 * 4 count, and what the factor is too large by stays below the distance to one.
 */
static inline void edgeconv_means(int8_t *to, const int8_t *x, int32_t rows, int32_t columns, int32_t row_bytes, int32_t pixel_bytes, int32_t channels,
    int32_t least, int32_t most)
{
    const int32_t count = rows * columns;
    const int32x4_t factor = vdupq_n_s32(0x40000000 / count + 1);
    const int16x8_t low = vdupq_n_s16((int16_t)least), high = vdupq_n_s16((int16_t)most);
    for (; channels > 0; channels -= 8) {
        int16x8_t sum = vdupq_n_s16(0);
        int32x4_t even, odd;
        const int8_t *row = x;
        int32_t y;
        for (y = 0; y < rows; y++) {
            const int8_t *pixel = row;
            int32_t left;
            for (left = columns; left > 0; left--) {
                sum = vaddq_s16(sum, vldrbq_s16(pixel));
                pixel += pixel_bytes;
            }
            row += row_bytes;
        }
        even = vmovlbq_s16(sum);
        odd = vmovltq_s16(sum);
        even = vaddq_s32(vshlq_n_s32(even, 2), vshlq_n_s32(vshrq_n_s32(even, 31), 1));
        odd = vaddq_s32(vshlq_n_s32(odd, 2), vshlq_n_s32(vshrq_n_s32(odd, 31), 1));
        even = vmulhq_s32(vaddq_n_s32(even, 2 * count + 1), factor);
        odd = vmulhq_s32(vaddq_n_s32(odd, 2 * count + 1), factor);
        sum = vmovntq_s32(vreinterpretq_s16_s32(even), odd);
        vstrbq_p_s16(to, vminq_s16(vmaxq_s16(sum, low), high), vctp16q((uint32_t)channels));
        x += 8;
        to += 8;
    }
}

/* The largest of rows by columns pixels, sixteen channels at a time. */
static inline void edgeconv_largest(int8_t *to, const int8_t *x, int32_t rows, int32_t columns, int32_t row_bytes, int32_t pixel_bytes, int32_t channels,
    int32_t least, int32_t most)
{
    for (; channels > 0; channels -= 16) {
        int8x16_t best = vdupq_n_s8((int8_t)least);
        const int8_t *row = x;
        int32_t y;
        for (y = 0; y < rows; y++) {
            const int8_t *pixel = row;
            int32_t left;
            for (left = columns; left > 0; left--) {
                best = vmaxq_s8(best, vld1q_s8(pixel));
                pixel += pixel_bytes;
            }
            row += row_bytes;
        }
        vstrbq_p_s8(to, vminq_s8(best, vdupq_n_s8((int8_t)most)), vctp8q((uint32_t)channels));
        x += 16;
        to += 16;
    }
}

#elif defined(EDGECONV_MVE)

static inline void edgeconv_sums(int8_t *to, const int8_t *a, const int8_t *b, int32_t count, int32_t factor_a, int32_t factor_b, int32_t constant,
    int32_t shift, int32_t least, int32_t most)
{
    int32_t i;
    for (i = 0; i < count; i++) {
        to[i] = (int8_t)edgeconv_clamp((a[i] * factor_a + constant + b[i] * factor_b) >> shift, least, most);
    }
}

static inline void edgeconv_means(int8_t *to, const int8_t *x, int32_t rows, int32_t columns, int32_t row_bytes, int32_t pixel_bytes, int32_t channels,
    int32_t least, int32_t most)
{
    const int32_t count = rows * columns;
    int32_t c, y, i;
    for (c = 0; c < channels; c++) {
        int32_t sum = 0;
        for (y = 0; y < rows; y++) {
            for (i = 0; i < columns; i++) {
                sum += x[y * row_bytes + i * pixel_bytes + c];
            }
        }
        sum = 2 * (2 * sum + count - (sum < 0 ? 1 : 0)) + 1;
        to[c] = (int8_t)edgeconv_clamp((int32_t)(((int64_t)sum * (0x40000000 / count + 1)) >> 32), least, most);
    }
}

static inline void edgeconv_largest(int8_t *to, const int8_t *x, int32_t rows, int32_t columns, int32_t row_bytes, int32_t pixel_bytes, int32_t channels,
    int32_t least, int32_t most)
{
    int32_t c, y, i;
    for (c = 0; c < channels; c++) {
        int32_t best = least;
        for (y = 0; y < rows; y++) {
            for (i = 0; i < columns; i++) {
                best = edgeconv_larger(best, x[y * row_bytes + i * pixel_bytes + c]);
            }
        }
        to[c] = (int8_t)edgeconv_clamp(best, least, most);
    }
}

/* Rows of vectors of sixteen pixels against as many weights, of which the next vector lies step bytes on. */
static inline int32_t edgeconv_taps(const int8_t *x, const int8_t *w, int32_t rows, int32_t vectors, int32_t row_bytes, int32_t step)
{
    int32_t sum = 0, row, vector, i;
    for (row = 0; row < rows; row++) {
        for (vector = 0; vector < vectors; vector++) {
            for (i = 0; i < 16; i++) {
                sum += x[row * row_bytes + 16 * vector + i] * w[i];
            }
            w += step;
        }
    }
    return sum;
}

/* The same with pixels at these distances. */
static inline int32_t edgeconv_gathered_taps(const int8_t *x, const int8_t *w, const uint8_t *offsets, int32_t vectors, int32_t step)
{
    int32_t sum = 0, vector, i;
    for (vector = 0; vector < vectors; vector++) {
        for (i = 0; i < 16; i++) {
            sum += x[offsets[16 * vector + i]] * w[i];
        }
        w += step;
    }
    return sum;
}

#endif
#endif
