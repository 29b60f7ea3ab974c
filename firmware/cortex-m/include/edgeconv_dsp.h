/*
 * Two products an instruction: what generated code uses of the DSP extension of Cortex-M4, M7, M33 and M55. Elsewhere EDGECONV_DSP gives the
 * same by plain C, for tests.
 */
#ifndef EDGECONV_DSP_H
#define EDGECONV_DSP_H

#include <stdint.h>

#if defined(__ARM_FEATURE_DSP)
#define EDGECONV_DSP 1
#endif

#ifdef EDGECONV_DSP

/* A function that keeps the registers for itself. */
#define EDGECONV_ALONE __attribute__((noinline))

/* A function that is nothing but its assembly. GCC is not to conclude from its empty body that it does nothing. */
#if defined(__clang__)
#define EDGECONV_NAKED __attribute__((naked, noinline))
#else
#define EDGECONV_NAKED __attribute__((naked, noinline, noipa))
#endif
#define EDGECONV_UNUSED __attribute__((unused))

/* Four bytes from any address; one load where the processor does that. */
static inline uint32_t edgeconv_word(const int8_t *bytes)
{
    uint32_t word;
    __builtin_memcpy(&word, bytes, sizeof word);   /* the built-in one: there may be no library */
    return word;
}

/* Eight int4 as two words of bytes that are 16 times the low halves and the high halves. */
static inline uint32_t edgeconv_low_nibbles(uint32_t halves)
{
    return (halves << 4) & UINT32_C(0xF0F0F0F0);
}

static inline uint32_t edgeconv_high_nibbles(uint32_t halves)
{
    return halves & UINT32_C(0xF0F0F0F0);
}

#if defined(__ARM_FEATURE_DSP)

/* Bytes 0 and 2 as two int16. */
static inline uint32_t edgeconv_even(uint32_t bytes)
{
    uint32_t pair;
    __asm__("sxtb16 %0, %1" : "=r"(pair) : "r"(bytes));
    return pair;
}

/* Bytes 1 and 3. */
static inline uint32_t edgeconv_odd(uint32_t bytes)
{
    uint32_t pair;
    __asm__("sxtb16 %0, %1, ror #8" : "=r"(pair) : "r"(bytes));
    return pair;
}

/* sum + low * low + high * high. */
static inline int32_t edgeconv_two_products(uint32_t a, uint32_t b, int32_t sum)
{
    int32_t result;
    __asm__("smlad %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
    return result;
}

/* Two int16 at a time. */
static inline uint32_t edgeconv_add_pairs(uint32_t a, uint32_t b)
{
    uint32_t sum;
    __asm__("sadd16 %0, %1, %2" : "=r"(sum) : "r"(a), "r"(b));
    return sum;
}

static inline uint32_t edgeconv_subtract_pairs(uint32_t a, uint32_t b)
{
    uint32_t difference;
    __asm__("ssub16 %0, %1, %2" : "=r"(difference) : "r"(a), "r"(b));
    return difference;
}

/* The low halves of two words side by side, and the high ones. */
static inline uint32_t edgeconv_low_halves(uint32_t a, uint32_t b)
{
    uint32_t pair;
    __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(pair) : "r"(a), "r"(b));
    return pair;
}

static inline uint32_t edgeconv_high_halves(uint32_t a, uint32_t b)
{
    uint32_t pair;
    __asm__("pkhtb %0, %1, %2, asr #16" : "=r"(pair) : "r"(b), "r"(a));
    return pair;
}

#else

static inline uint32_t edgeconv_even(uint32_t bytes)
{
    return (uint32_t)(uint16_t)(int8_t)(bytes & 0xFFu) | (uint32_t)(uint16_t)(int8_t)((bytes >> 16) & 0xFFu) << 16;
}

static inline uint32_t edgeconv_odd(uint32_t bytes)
{
    return edgeconv_even(bytes >> 8);
}

static inline int32_t edgeconv_two_products(uint32_t a, uint32_t b, int32_t sum)
{
    const int32_t low = (int16_t)(a & 0xFFFFu) * (int16_t)(b & 0xFFFFu), high = (int16_t)(a >> 16) * (int16_t)(b >> 16);
    return (int32_t)((uint32_t)sum + (uint32_t)low + (uint32_t)high);   /* as the instruction: without an end */
}

static inline uint32_t edgeconv_low_halves(uint32_t a, uint32_t b)
{
    return (a & 0xFFFFu) | b << 16;
}

static inline uint32_t edgeconv_high_halves(uint32_t a, uint32_t b)
{
    return a >> 16 | (b & 0xFFFF0000u);
}

static inline uint32_t edgeconv_add_pairs(uint32_t a, uint32_t b)
{
    return edgeconv_low_halves(a + b, (a >> 16) + (b >> 16));
}

static inline uint32_t edgeconv_subtract_pairs(uint32_t a, uint32_t b)
{
    return edgeconv_low_halves(a - b, (a >> 16) - (b >> 16));
}

#endif

/* ---- rows of an image, widened to words of two int16 ---- */

static inline void edgeconv_fill_words(uint32_t *words, int32_t count, uint32_t value)
{
    for (int32_t i = 0; i < count; i++) {
        words[i] = value;
    }
}

/* To a lower address. */
static inline void edgeconv_copy_words(uint32_t *to, const uint32_t *from, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        to[i] = from[i];
    }
}

static inline uint32_t edgeconv_both_halves(int32_t value)
{
    return ((uint32_t)value & 0xFFFFu) * 0x10001u;
}

/*
 * Two channels a word, words[(row * pairs + pair) * columns + column]: of four channels 0 and 2, then 1 and 3; of three the same, without
 * the last; two side by side. What stands in the half of a missing channel has weights of 0.
 */
static inline void edgeconv_channel_words(uint32_t *words, const int8_t *image, int32_t first, int32_t rows, int32_t height, int32_t width,
    int32_t channels, int32_t left, int32_t right, int32_t zero)
{
    const int32_t pairs = (channels + 1) / 2, columns = left + width + right;
    for (int32_t y = first; y < first + rows; y++) {
        if (y < 0 || y >= height) {
            edgeconv_fill_words(words, pairs * columns, edgeconv_both_halves(zero));
        } else {
            const int8_t *pixel = image + y * width * channels;
            for (int32_t pair = 0; pair < pairs && left + right > 0; pair++) {
                edgeconv_fill_words(words + pair * columns, left, edgeconv_both_halves(zero));
                edgeconv_fill_words(words + pair * columns + left + width, right, edgeconv_both_halves(zero));
            }
            for (int32_t x = left; x < left + width; x++) {
                uint32_t *to = words + x;
                int32_t channel = 0;
                for (; channel + 2 < channels; channel += 4) {
                    const uint32_t four = edgeconv_word(pixel + channel);
                    to[0] = edgeconv_even(four);
                    to[columns] = edgeconv_odd(four);
                    to += 2 * columns;
                }
                if (channel + 1 < channels) {
                    const uint32_t two = edgeconv_word(pixel + channel);
                    *to = edgeconv_low_halves(edgeconv_even(two), edgeconv_odd(two));
                } else if (channel < channels) {
                    *to = (uint32_t)pixel[channel] & 0xFFFFu;
                }
                pixel += channels;
            }
        }
        words += pairs * columns;
    }
}

/* Of a single channel, two rows a word: words[pair of rows * columns + column]. */
static inline void edgeconv_row_words(uint32_t *words, const int8_t *image, int32_t first, int32_t rows, int32_t height, int32_t width,
    int32_t left, int32_t right, int32_t zero)
{
    for (int32_t y = first; y < first + rows; y += 2) {
        const int32_t upper = y >= 0 && y < height ? 1 : 0, lower = y + 1 >= 0 && y + 1 < height ? 1 : 0;
        int32_t x = 0;
        edgeconv_fill_words(words, left, edgeconv_both_halves(zero));
        words += left;
        for (; upper != 0 && lower != 0 && x + 4 <= width; x += 4) {
            const uint32_t a = edgeconv_word(image + y * width + x), b = edgeconv_word(image + (y + 1) * width + x);
            words[0] = edgeconv_low_halves(edgeconv_even(a), edgeconv_even(b));
            words[1] = edgeconv_low_halves(edgeconv_odd(a), edgeconv_odd(b));
            words[2] = edgeconv_high_halves(edgeconv_even(a), edgeconv_even(b));
            words[3] = edgeconv_high_halves(edgeconv_odd(a), edgeconv_odd(b));
            words += 4;
        }
        for (; x < width; x++) {
            const int32_t a = upper != 0 ? image[y * width + x] : zero, b = lower != 0 ? image[(y + 1) * width + x] : zero;
            *words++ = edgeconv_low_halves((uint32_t)a, (uint32_t)b);
        }
        edgeconv_fill_words(words, right, edgeconv_both_halves(zero));
        words += right;
    }
}

/* ---- Winograd down the columns: rows of words become their values at 1, -1, (2, -2,) 0 and infinity, in place ---- */

static inline void edgeconv_winograd_3(uint32_t *words, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        uint32_t *const d = words + i;
        const uint32_t d0 = d[0], d1 = d[count], d2 = d[2 * count], d3 = d[3 * count];
        d[0] = edgeconv_add_pairs(d2, d1);
        d[count] = edgeconv_subtract_pairs(d2, d1);
        d[2 * count] = edgeconv_subtract_pairs(d2, d0);
        d[3 * count] = edgeconv_subtract_pairs(d3, d1);
    }
}

static inline uint32_t edgeconv_twice_pairs(uint32_t a)
{
    return edgeconv_add_pairs(a, a);
}

static inline void edgeconv_winograd_5(uint32_t *words, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        uint32_t *const d = words + i;
        const uint32_t d0 = d[0], d1 = d[count], d2 = d[2 * count], d3 = d[3 * count], d4 = d[4 * count], d5 = d[5 * count];
        const uint32_t even = edgeconv_subtract_pairs(d4, d2), odd = edgeconv_twice_pairs(edgeconv_subtract_pairs(d3, d1));
        const uint32_t even1 = edgeconv_subtract_pairs(d4, edgeconv_twice_pairs(edgeconv_twice_pairs(d2)));
        const uint32_t odd1 = edgeconv_subtract_pairs(d3, edgeconv_twice_pairs(edgeconv_twice_pairs(d1)));
        d[0] = edgeconv_add_pairs(even1, odd1);
        d[count] = edgeconv_subtract_pairs(even1, odd1);
        d[2 * count] = edgeconv_add_pairs(even, odd);
        d[3 * count] = edgeconv_subtract_pairs(even, odd);
        d[4 * count] = edgeconv_add_pairs(even, edgeconv_twice_pairs(edgeconv_twice_pairs(edgeconv_subtract_pairs(d0, d2))));
        d[5 * count] = edgeconv_subtract_pairs(edgeconv_subtract_pairs(d5, d3), edgeconv_twice_pairs(odd));
    }
}

/* Eight products at each point become eight sums of the upper row and eight of the lower one, as multiples of what they are. */
static inline void edgeconv_unwind_3(const int32_t *at, int32_t *sums)
{
    for (int32_t i = 0; i < 8; i++) {
        const uint32_t one = (uint32_t)at[i], minus_one = (uint32_t)at[8 + i];
        sums[i] = (int32_t)(one + minus_one + (uint32_t)at[16 + i]);
        sums[8 + i] = (int32_t)(one - minus_one + (uint32_t)at[24 + i]);
    }
}

static inline void edgeconv_unwind_5(const int32_t *at, int32_t *sums)
{
    for (int32_t i = 0; i < 8; i++) {
        const uint32_t one = (uint32_t)at[i], minus_one = (uint32_t)at[8 + i], two = (uint32_t)at[16 + i], minus_two = (uint32_t)at[24 + i];
        sums[i] = (int32_t)(one + minus_one + two + minus_two + (uint32_t)at[32 + i]);
        sums[8 + i] = (int32_t)(one - minus_one + 2u * (two - minus_two) + (uint32_t)at[40 + i]);
    }
}

/* Bytes as words of two int16: of each four bytes 0 and 2, then 1 and 3. */
static inline void edgeconv_widen(uint32_t *words, const int8_t *bytes, int32_t fours)
{
    for (int32_t i = 0; i < fours; i++) {
        const uint32_t four = edgeconv_word(bytes + 4 * i);
        words[2 * i] = edgeconv_even(four);
        words[2 * i + 1] = edgeconv_odd(four);
    }
}

#if !defined(__ARM_FEATURE_DSP)
/* Four channels of a pixel times their weights, which lie as channels 0 and 2, then 1 and 3: what the assembly of depthwise layers does, in C. */
static inline void edgeconv_four_channels(const int8_t *pixel, const uint32_t *weights, int32_t *sums)
{
    for (int32_t i = 0; i < 4; i++) {
        const int32_t weight = (int16_t)(i < 2 ? weights[i] & 0xFFFFu : weights[i - 2] >> 16);
        sums[i] += pixel[i] * weight;
    }
}

/* Four rows of weights, two in an int16 as 256 a + b: what the assembly of fully connected layers does, in C. */
static inline void edgeconv_paired_rows(const uint32_t *x, const uint32_t *w, int32_t words, int32_t *sums)
{
    int32_t both[2] = { 0, 0 }, second[2] = { 0, 0 };
    for (int32_t i = 0; i < words; i++) {
        for (int32_t pair = 0; pair < 2; pair++) {
            both[pair] = edgeconv_two_products(*w, x[i], both[pair]);
            second[pair] = edgeconv_two_products(edgeconv_even(*w), x[i], second[pair]);
            w++;
        }
    }
    for (int32_t pair = 0; pair < 2; pair++) {
        sums[2 * pair] = (int32_t)((uint32_t)both[pair] - (uint32_t)second[pair]) >> 8;
        sums[2 * pair + 1] = second[pair];
    }
}
#endif

#endif
#endif
