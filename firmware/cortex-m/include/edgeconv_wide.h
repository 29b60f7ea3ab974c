/*
 * Layers of int16 activations: what QUANTIZATION.md defines for them, section 2 (16x8 layers) and section 5. Included by the models that have
 * such layers.
 */
#ifndef EDGECONV_WIDE_H
#define EDGECONV_WIDE_H

#include <stdint.h>
#include "edgeconv_math.h"
#include "edgeconv_dsp.h"

/* An int16 of the arena, whose memory is used as bytes and as words at other times: the compiler has to know that they may be the same. */
#if defined(__GNUC__)
typedef int16_t __attribute__((may_alias)) edgeconv_int16;
#else
typedef int16_t edgeconv_int16;
#endif

/* An accumulator of 32 bits as an int16 of the output. */
static inline int16_t edgeconv_requantize_wide(
    int32_t accumulator, int32_t multiplier, int32_t shift, int32_t zero, int32_t least, int32_t most)
{
    return (int16_t)edgeconv_clamp(edgeconv_scale(accumulator, multiplier, shift) + zero, least, most);
}

/* A sum of a layer whose bias is int64: one product with a multiplier of 15 bits, one rounding shift, from 8 to 46 bits. */
static inline int16_t edgeconv_requantize_wide_sum(int64_t sum, int32_t multiplier, int32_t shift, int32_t least, int32_t most)
{
    const int64_t scaled = (sum * multiplier + (INT64_C(1) << (shift - 1))) >> shift;
    return (int16_t)(scaled < least ? least : scaled > most ? most : (int32_t)scaled);
}

/* A table of 513 entries 128 steps apart, and a line between two of them. The slope is an int16, modulo 2^16. */
static inline int16_t edgeconv_line(const int16_t *table, int32_t x)
{
    const int32_t entry = (x >> 7) + 256, rest = x & 127;
    const int32_t difference = table[entry + 1] - table[entry];
    const int32_t slope = ((difference + 32768) & 0xFFFF) - 32768;
    const int32_t value = table[entry] + ((slope * rest + 64) >> 7);
    return (int16_t)(((value + 32768) & 0xFFFF) - 32768);
}

/* Entry and rest of a table of 256 entries 2^bits steps apart, times 2^bits; beyond it a constant. */
static inline int32_t edgeconv_between(const int32_t *table, int32_t steps, int32_t bits, int32_t beyond)
{
    const int32_t entry = steps >> bits, rest = steps & ((INT32_C(1) << bits) - 1);
    return entry >= 255 ? beyond : table[entry] * (INT32_C(1) << bits) + rest * (table[entry + 1] - table[entry]);
}

/* An int16 in steps of 2^-12 / 3. */
static inline int32_t edgeconv_table_steps(int32_t x, int32_t multiplier, int32_t shift)
{
    return (x * multiplier + (shift > 0 ? INT32_C(1) << (shift - 1) : 0)) >> shift;
}

/* Sigmoid in Q0.15. */
static inline int16_t edgeconv_wide_sigmoid(const int32_t *table, int32_t steps)
{
    const int32_t value = edgeconv_between(table, steps < 0 ? -steps : steps, 9, INT32_C(0x7FFF) * 1024);
    return (int16_t)((steps >= 0 ? value + 512 : (INT32_C(1) << 25) - value + 511) >> 10);
}

/* tanh in Q0.15: twice the sigmoid of twice as much, less one. */
static inline int16_t edgeconv_wide_tanh(const int32_t *table, int32_t steps)
{
    const int32_t one = INT32_C(1) << 23;
    const int32_t value = edgeconv_between(table, steps < 0 ? -steps : steps, 8, INT32_C(0xFFFF) * 256);
    return (int16_t)((steps >= 0 ? value - one + 128 : one - value + 127) >> 8);
}

/* Softmax of a row: exp over [-10, 0] and 1 / (1 + x) are tables in Q0.15, the output scale is 2^-15. */
static inline void edgeconv_wide_softmax(
    const edgeconv_int16 *x, edgeconv_int16 *y, int32_t length, int32_t multiplier, int32_t shift, const int16_t *exponential, const int16_t *reciprocal)
{
    int32_t max = INT16_MIN, sum = 0, i;
    for (i = 0; i < length; i++) {
        max = x[i] > max ? x[i] : max;
    }
    for (i = 0; i < length; i++) {
        const int32_t difference = edgeconv_scale(x[i] - max, multiplier, shift);
        y[i] = edgeconv_line(exponential, edgeconv_clamp(difference + INT16_MAX, INT16_MIN, INT16_MAX));
        sum += y[i];
    }
    {
        const int32_t zeros = edgeconv_leading_zeros((uint32_t)sum), right = 31 - zeros;
        const int32_t normal = (int32_t)((sum * (INT64_C(1) << (zeros - 1)) + 8192) >> 14);
        const int32_t inverse = edgeconv_line(reciprocal, edgeconv_clamp(normal - 3 * 32768, INT16_MIN, INT16_MAX));
        for (i = 0; i < length; i++) {
            y[i] = (int16_t)edgeconv_clamp((y[i] * inverse + (INT32_C(1) << (right - 1))) >> right, 0, INT16_MAX);
        }
    }
}

#ifdef EDGECONV_DSP

/* Two elements as a word. */
static inline uint32_t edgeconv_two_words(const edgeconv_int16 *elements)
{
    uint32_t word;
    __builtin_memcpy(&word, elements, sizeof word);
    return word;
}

/* sum + low * low + high * high. */
static inline int64_t edgeconv_two_wide_products(uint32_t a, uint32_t b, int64_t sum)
{
#if defined(__ARM_FEATURE_DSP)
    __asm__("smlald %Q0, %R0, %1, %2" : "+r"(sum) : "r"(a), "r"(b));
    return sum;
#else
    return sum + (int64_t)((int16_t)(a & 0xFFFFu) * (int16_t)(b & 0xFFFFu)) + (int64_t)((int16_t)(a >> 16) * (int16_t)(b >> 16));
#endif
}

#endif
#endif
