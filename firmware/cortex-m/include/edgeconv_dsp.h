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

/* Four bytes from any address; one load where the processor does that. */
static inline uint32_t edgeconv_word(const int8_t *bytes)
{
    uint32_t word;
    __builtin_memcpy(&word, bytes, sizeof word);   /* the built-in one: there may be no library */
    return word;
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
    return sum + (int16_t)(a & 0xFFFFu) * (int16_t)(b & 0xFFFFu) + (int16_t)(a >> 16) * (int16_t)(b >> 16);
}

#endif
#endif
#endif
