/*
 * The integer arithmetic of EdgeConv models: what QUANTIZATION.md defines, in C99, without a library.
 *
 * Every generated model.c includes this file. Right shifts of negative numbers are arithmetic, as on every compiler for the targets
 * (C99 leaves that to the implementation); nothing else here depends on the compiler.
 */
#ifndef EDGECONV_MATH_H
#define EDGECONV_MATH_H

#include <stdint.h>
#if defined(__ARM_FEATURE_MVE)
#include <arm_mve.h>
#endif

/* (a * b + 2^30) >> 31: the high half of twice the product, rounded. Not for a = b = INT32_MIN. */
static inline int32_t edgeconv_high(int32_t a, int32_t b)
{
    return (int32_t)(((int64_t)a * b + INT64_C(0x40000000)) >> 31);
}

/* x / 2^bits, ties away from zero; bits from 0 to 31. */
static inline int32_t edgeconv_shift_right(int32_t x, int32_t bits)
{
    const int32_t mask = (int32_t)((UINT32_C(1) << bits) - 1u);
    const int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
    return (x >> bits) + ((x & mask) > threshold ? 1 : 0);
}

/* x * 2^bits where that fits. */
static inline int32_t edgeconv_shift_left(int32_t x, int32_t bits)
{
    return (int32_t)((uint32_t)x << bits);
}

/* accumulator * multiplier / 2^31 * 2^shift, rounded twice. */
static inline int32_t edgeconv_scale(int32_t accumulator, int32_t multiplier, int32_t shift)
{
    return shift >= 0 ? edgeconv_high(edgeconv_shift_left(accumulator, shift), multiplier)
                      : edgeconv_shift_right(edgeconv_high(accumulator, multiplier), -shift);
}

static inline int32_t edgeconv_clamp(int32_t x, int32_t least, int32_t most)
{
    return x < least ? least : x > most ? most : x;
}

/* An accumulator as the int8 of the output. */
static inline int8_t edgeconv_requantize(int32_t accumulator, int32_t multiplier, int32_t shift, int32_t zero, int32_t least, int32_t most)
{
    return (int8_t)edgeconv_clamp(edgeconv_scale(accumulator, multiplier, shift) + zero, least, most);
}

/* ---- one multiply-add in place of two roundings, where the generator has proven it equal ---- */

/* What takes a filter's sums to int8: sum * multiplier + constant, of which the high word counts. */
typedef struct {
    int32_t multiplier;
    uint32_t low;
    int32_t high;
} edgeconv_step;

static inline int64_t edgeconv_constant(const edgeconv_step *step)
{
    return (int64_t)((uint64_t)(uint32_t)step->high << 32 | step->low);
}

static inline int32_t edgeconv_high_word(int32_t sum, int32_t multiplier, int64_t constant)
{
    return (int32_t)(((int64_t)sum * multiplier + constant) >> 32);
}

/* The same with another constant below zero: halves are rounded away from it. */
static inline int32_t edgeconv_high_word_away(int32_t sum, int32_t multiplier, int64_t constant, uint32_t lowered)
{
    const int64_t product = (int64_t)sum * multiplier + constant;
    return (int32_t)((product - (product < 0 ? (int64_t)lowered : 0)) >> 32);
}

/* value = high >> shift, the nearest int8; one instruction where the processor has it. */
#if defined(__ARM_FEATURE_SAT)
#define EDGECONV_TO_INT8(value, high, shift) __asm__("ssat %0, #8, %1, asr %2" : "=r"(value) : "r"(high), "I"(shift))
#else
#define EDGECONV_TO_INT8(value, high, shift) ((value) = edgeconv_clamp((high) >> (shift), -128, 127))
#endif

static inline int32_t edgeconv_larger(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/* The int4 in the low half of a byte, and that in the high one. */
static inline int32_t edgeconv_low_half(int8_t pair)
{
    return (int32_t)((uint32_t)pair << 28) >> 28;
}

static inline int32_t edgeconv_high_half(int8_t pair)
{
    return pair >> 4;
}

/* One of many of them. */
static inline int32_t edgeconv_half(const int8_t *pairs, int32_t index)
{
    return (index & 1) == 0 ? edgeconv_low_half(pairs[index >> 1]) : edgeconv_high_half(pairs[index >> 1]);
}

/* best[i] = the larger of best[i] and sums[i]. */
static inline void edgeconv_keep_largest(int32_t *best, const int32_t *sums, int32_t count)
{
    int32_t i;
    for (i = 0; i < count; i++) {
        best[i] = edgeconv_larger(best[i], sums[i]);
    }
}

/* Bytes that do not overlap; sixteen or four at a time where the compiler has a way to say so. */
static inline void edgeconv_copy(int8_t *to, const int8_t *from, int32_t count)
{
#if defined(__ARM_FEATURE_MVE)
    __asm__ volatile(
        "wlstp.8 lr, %2, 2f\n"
        "1: vldrb.u8 q0, [%1], #16\n"
        "vstrb.8 q0, [%0], #16\n"
        "letp lr, 1b\n"
        "2:\n"
        : "+r"(to), "+r"(from) : "r"(count) : "lr", "q0", "memory");
#else
    int32_t i = 0;
#if defined(__GNUC__)
    for (; i + 16 <= count; i += 16) {
        __builtin_memcpy(to + i, from + i, 16);
    }
    for (; i + 4 <= count; i += 4) {
        __builtin_memcpy(to + i, from + i, 4);   /* the built-in one: there may be no library */
    }
#endif
    for (; i < count; i++) {
        to[i] = from[i];
    }
#endif
}

static inline void edgeconv_fill(int8_t *to, int8_t value, int32_t count)
{
#if defined(__ARM_FEATURE_MVE)
    __asm__ volatile(
        "vdup.8 q0, %2\n"
        "wlstp.8 lr, %1, 2f\n"
        "1: vstrb.8 q0, [%0], #16\n"
        "letp lr, 1b\n"
        "2:\n"
        : "+r"(to) : "r"(count), "r"(value) : "lr", "q0", "memory");
#else
    int32_t i;
    for (i = 0; i < count; i++) {
        to[i] = value;
    }
#endif
}

/* Rows of an image, the first of them perhaps above it, with left and right bytes of a value beside each; rows outside are all of it. */
static inline void edgeconv_pad(int8_t *to, const int8_t *image, int32_t first, int32_t count, int32_t height, int32_t row_bytes,
    int32_t left, int32_t right, int8_t value)
{
    int32_t row;
    for (row = first; row < first + count; row++) {
        edgeconv_fill(to, value, left);
        to += left;
        if (row >= 0 && row < height) {
            edgeconv_copy(to, image + row * row_bytes, row_bytes);
        } else {
            edgeconv_fill(to, value, row_bytes);
        }
        to += row_bytes;
        edgeconv_fill(to, value, right);
        to += right;
    }
}

/* sum / count, halves away from zero. */
static inline int32_t edgeconv_mean(int32_t sum, int32_t count)
{
    return (sum + (sum > 0 ? count / 2 : -(count / 2))) / count;
}

static inline int32_t edgeconv_saturate(int64_t x)
{
    return x < INT32_MIN ? INT32_MIN : x > INT32_MAX ? INT32_MAX : (int32_t)x;
}

/* Leading zeros of a number that is not 0. */
static inline int32_t edgeconv_leading_zeros(uint32_t x)
{
    int32_t zeros = 0;
    while ((x & UINT32_C(0x80000000)) == 0u) {
        x <<= 1;
        zeros++;
    }
    return zeros;
}

/* ---- softmax: differences in Q5.26, exp in Q0.31, sums in Q12.19 ---- */

/* exp of a Q0.31 number in [-1/4, 0): Taylor's polynomial of degree 4 around -1/8. */
static inline int32_t edgeconv_exp_near_zero(int32_t a)
{
    const int32_t exp_of_minus_eighth = INT32_C(1895147668), third = INT32_C(715827883);
    const int32_t x = a + (INT32_C(1) << 28);
    const int32_t x2 = edgeconv_high(x, x), x3 = edgeconv_high(x2, x), x4 = edgeconv_high(x2, x2);
    const int32_t high = edgeconv_high(edgeconv_shift_right(x4, 2) + x3, third) + x2;
    return exp_of_minus_eighth + edgeconv_high(exp_of_minus_eighth, x + edgeconv_shift_right(high, 1));
}

/* exp in Q0.31 of a number in Q5.26 that is not positive. */
static inline int32_t edgeconv_exp(int32_t x)
{
    /* exp(-2^i) for i = -2 to 4 */
    static const int32_t factors[7] = { 1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242 };
    const int32_t quarter = INT32_C(1) << 24;
    const int32_t fraction = (x & (quarter - 1)) - quarter;
    int32_t result, remainder, i;
    if (x == 0) {
        return INT32_MAX;
    }
    result = edgeconv_exp_near_zero(edgeconv_shift_left(fraction, 5));
    remainder = fraction - x;
    for (i = 0; i < 7; i++) {
        if ((remainder & edgeconv_shift_left(quarter, i)) != 0) {
            result = edgeconv_high(result, factors[i]);
        }
    }
    return result;
}

/* 2 / (1 + x) in Q2.29 for a Q0.31 number in [0, 1): three steps of Newton's method. */
static inline int32_t edgeconv_two_over_one_plus(int32_t x)
{
    const int32_t one = INT32_C(1) << 29;
    const int32_t half = (int32_t)(((int64_t)x + INT32_MAX + 1) / 2);
    int32_t y = INT32_C(1515870810) + edgeconv_high(half, INT32_C(-1010580540));
    int32_t i;
    for (i = 0; i < 3; i++) {
        y += edgeconv_saturate((int64_t)edgeconv_high(y, one - edgeconv_high(half, y)) * 4);
    }
    return y;
}

/* 1 / (1 + x) in Q0.31 for a Q0.31 number in [0, 1). */
static inline int32_t edgeconv_one_over_one_plus(int32_t x)
{
    return edgeconv_saturate((int64_t)edgeconv_two_over_one_plus(x) * 2);
}

/* A difference of bytes in Q5.26. */
static inline int32_t edgeconv_rescale(int32_t difference, int32_t multiplier, int32_t shift)
{
    return edgeconv_high(edgeconv_shift_left(difference, shift), multiplier);
}

/* The row's maximum, and the sum of exp(x - maximum) in Q12.19. */
static inline int32_t edgeconv_sum_of_exponentials(
    const int8_t *x, int32_t length, int32_t multiplier, int32_t shift, int32_t least, int32_t *max)
{
    int32_t sum = 0, i;
    *max = -128;
    for (i = 0; i < length; i++) {
        *max = x[i] > *max ? x[i] : *max;
    }
    for (i = 0; i < length; i++) {
        const int32_t difference = x[i] - *max;
        sum += difference >= least ? edgeconv_shift_right(edgeconv_exp(edgeconv_rescale(difference, multiplier, shift)), 12) : 0;
    }
    return sum;
}

/* Softmax of a row: output scale 1/256, zero point -128. */
static inline void edgeconv_softmax(const int8_t *x, int8_t *y, int32_t length, int32_t multiplier, int32_t shift, int32_t least)
{
    int32_t max, i;
    const int32_t sum = edgeconv_sum_of_exponentials(x, length, multiplier, shift, least, &max);
    const int32_t headroom = edgeconv_leading_zeros((uint32_t)sum);
    const int32_t reciprocal = edgeconv_one_over_one_plus((int32_t)(((uint32_t)sum << headroom) - UINT32_C(0x80000000)));
    const int32_t exponent = 12 - headroom + 31 - 8;
    for (i = 0; i < length; i++) {
        const int32_t difference = x[i] - max;
        int32_t value = 0;
        if (difference >= least && exponent <= 31) {
            value = edgeconv_shift_right(edgeconv_high(reciprocal, edgeconv_exp(edgeconv_rescale(difference, multiplier, shift))), exponent);
        }
        y[i] = (int8_t)edgeconv_clamp(value - 128, -128, 127);
    }
}

/* log of a Q12.19 number of at least one, in Q5.26: a power of two times a mantissa around 2^-1/4. */
static inline int32_t edgeconv_log(int32_t sum)
{
    const int32_t root_half = INT32_C(1518500250), fourth_root_half = INT32_C(1805811301), quarter = INT32_C(1) << 23;
    const int32_t zeros = edgeconv_leading_zeros((uint32_t)sum);
    const int32_t headroom = edgeconv_leading_zeros((uint32_t)edgeconv_high(sum, root_half)) - 1;
    const int32_t by_one = edgeconv_saturate((int64_t)edgeconv_high(edgeconv_shift_left(sum, zeros - 1), root_half) * 2);
    const int32_t by_root = edgeconv_saturate((int64_t)sum * (INT64_C(1) << headroom));
    const int32_t power_by_one = (12 - zeros) * (INT32_C(1) << 25) + quarter;
    const int32_t power_by_root = (12 - headroom) * (INT32_C(1) << 25) - quarter;
    const int32_t mantissa = by_one < by_root ? by_one : by_root;
    const int32_t power = power_by_one > power_by_root ? power_by_one : power_by_root;
    const int64_t both = (int64_t)mantissa + fourth_root_half;
    const int32_t p = (int32_t)((both + (both >= 0 ? 1 : -1)) / 2);
    const int32_t q = (mantissa - fourth_root_half) * 2;
    const int32_t square = edgeconv_high(q, q);
    const int32_t numerator = edgeconv_high(q, mantissa) + edgeconv_high(edgeconv_high(q, square), INT32_C(117049297));
    const int32_t denominator_minus_one = edgeconv_high(p, INT32_C(1057819769) + q + edgeconv_high(INT32_C(127690142), square))
        + edgeconv_high(INT32_C(638450708), q);
    const int32_t quotient = edgeconv_high(edgeconv_shift_right(numerator, 6), edgeconv_one_over_one_plus(denominator_minus_one));
    return edgeconv_saturate(((int64_t)edgeconv_high(power, INT32_C(1488522236)) + quotient) * 2);
}

/* Logarithm of the softmax of a row: output scale 1/16, zero point 127. */
static inline void edgeconv_log_softmax(const int8_t *x, int8_t *y, int32_t length, int32_t multiplier, int32_t shift, int32_t least,
    int32_t inverse_multiplier, int32_t inverse_shift)
{
    int32_t max, i;
    const int32_t log = edgeconv_log(edgeconv_sum_of_exponentials(x, length, multiplier, shift, least, &max));
    /* below this the difference and the logarithm together leave Q5.26 */
    const int32_t bound = edgeconv_scale((int32_t)((uint32_t)log + UINT32_C(0x80000000)), inverse_multiplier, inverse_shift);
    const int32_t lowest = bound > least - 1 ? bound : least - 1;
    for (i = 0; i < length; i++) {
        const int32_t difference = x[i] - max;
        const int32_t value = difference > lowest ? edgeconv_shift_right(edgeconv_rescale(difference, multiplier, shift) - log, 22) : -INT32_C(0x40000000);
        y[i] = (int8_t)edgeconv_clamp(value + 127, -128, 127);
    }
}

/* CRC-32C, as golden vectors hash a layer's bytes. */
static inline uint32_t edgeconv_crc(const int8_t *bytes, int32_t length)
{
    uint32_t crc = UINT32_C(0xFFFFFFFF);
    int32_t i, bit;
    for (i = 0; i < length; i++) {
        crc ^= (uint32_t)(uint8_t)bytes[i];
        for (bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ ((crc & 1u) != 0u ? UINT32_C(0x82F63B78) : 0u);
        }
    }
    return ~crc;
}

#endif
