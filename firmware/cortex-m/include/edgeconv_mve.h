/*
 * Sixteen products an instruction: what generated code uses of the vector extension (MVE, Helium) of Cortex-M55 and M85. Elsewhere EDGECONV_MVE
 * gives the same by plain C, for tests.
 */
#ifndef EDGECONV_MVE_H
#define EDGECONV_MVE_H

#include <stdint.h>
#include "edgeconv_math.h"

#if defined(__ARM_FEATURE_MVE) && !defined(EDGECONV_MVE)
#define EDGECONV_MVE 1
#endif

#ifdef EDGECONV_MVE

/* Before a loop of few turns: all of them one after the other. */
#if defined(__clang__)
#define EDGECONV_UNROLL _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__)
#define EDGECONV_UNROLL _Pragma("GCC unroll 16")
#else
#define EDGECONV_UNROLL
#endif

#if defined(__ARM_FEATURE_MVE)
#include <arm_mve.h>

typedef int8x16_t edgeconv_bytes;
typedef uint8x16_t edgeconv_offsets;

static inline edgeconv_bytes edgeconv_load(const int8_t *bytes)
{
    return vld1q_s8(bytes);
}

static inline edgeconv_offsets edgeconv_load_offsets(const uint8_t *offsets)
{
    return vld1q_u8(offsets);
}

/* The sixteen bytes at these distances. */
static inline edgeconv_bytes edgeconv_gather(const int8_t *bytes, edgeconv_offsets offsets)
{
    return vldrbq_gather_offset_s8(bytes, offsets);
}

/* sum + all sixteen products. */
static inline int32_t edgeconv_dot(int32_t sum, edgeconv_bytes a, edgeconv_bytes b)
{
    return vmladavaq_s8(sum, a, b);
}

typedef int32x4_t edgeconv_four;

static inline edgeconv_four edgeconv_load_words(const int32_t *words)
{
    return vldrwq_s32(words);
}

/* Four bytes as four int32. */
static inline edgeconv_four edgeconv_load_four(const int8_t *bytes)
{
    return vldrbq_s32(bytes);
}

static inline edgeconv_four edgeconv_multiply_add(edgeconv_four sum, edgeconv_four a, edgeconv_four b)
{
    return vaddq_s32(sum, vmulq_s32(a, b));
}

/* Sums to bytes by the rule of two roundings; shifts are not positive. */
static inline void edgeconv_store_rounded(int8_t *to, edgeconv_four scaled, edgeconv_four shift, int32_t zero, int32_t least, int32_t most)
{
    const edgeconv_four value = vaddq_n_s32(vrshlq_s32(scaled, shift), zero);
    vstrbq_s32(to, vminq_s32(vmaxq_s32(value, vdupq_n_s32(least)), vdupq_n_s32(most)));
}

static inline void edgeconv_store_four(int8_t *to, edgeconv_four sums, edgeconv_four multiplier, edgeconv_four shift, int32_t zero, int32_t least, int32_t most)
{
    const edgeconv_four scaled = vqrdmulhq_s32(sums, multiplier);   /* a half goes up; one less below zero, and the next shift sends it down */
    edgeconv_store_rounded(to, vqaddq_s32(scaled, vshrq_n_s32(vandq_s32(scaled, shift), 31)), shift, zero, least, most);
}

/* The same where all that is negative becomes the least value. */
static inline void edgeconv_store_positive(
    int8_t *to, edgeconv_four sums, edgeconv_four multiplier, edgeconv_four shift, int32_t zero, int32_t least, int32_t most)
{
    edgeconv_store_rounded(to, vqrdmulhq_s32(sums, multiplier), shift, zero, least, most);
}

#else

typedef struct {
    int32_t at[4];
} edgeconv_four;

static inline edgeconv_four edgeconv_load_words(const int32_t *words)
{
    const edgeconv_four four = { { words[0], words[1], words[2], words[3] } };
    return four;
}

static inline edgeconv_four edgeconv_load_four(const int8_t *bytes)
{
    const edgeconv_four four = { { bytes[0], bytes[1], bytes[2], bytes[3] } };
    return four;
}

static inline edgeconv_four edgeconv_multiply_add(edgeconv_four sum, edgeconv_four a, edgeconv_four b)
{
    for (int32_t i = 0; i < 4; i++) {
        sum.at[i] += a.at[i] * b.at[i];
    }
    return sum;
}

static inline void edgeconv_store_four(int8_t *to, edgeconv_four sums, edgeconv_four multiplier, edgeconv_four shift, int32_t zero, int32_t least, int32_t most)
{
    for (int32_t i = 0; i < 4; i++) {
        to[i] = edgeconv_requantize(sums.at[i], multiplier.at[i], shift.at[i], zero, least, most);
    }
}

static inline void edgeconv_store_positive(
    int8_t *to, edgeconv_four sums, edgeconv_four multiplier, edgeconv_four shift, int32_t zero, int32_t least, int32_t most)
{
    edgeconv_store_four(to, sums, multiplier, shift, zero, least, most);
}

typedef struct {
    int8_t at[16];
} edgeconv_bytes;

typedef struct {
    uint8_t at[16];
} edgeconv_offsets;

static inline edgeconv_bytes edgeconv_load(const int8_t *bytes)
{
    edgeconv_bytes vector;
    for (int32_t i = 0; i < 16; i++) {
        vector.at[i] = bytes[i];
    }
    return vector;
}

static inline edgeconv_offsets edgeconv_load_offsets(const uint8_t *offsets)
{
    edgeconv_offsets vector;
    for (int32_t i = 0; i < 16; i++) {
        vector.at[i] = offsets[i];
    }
    return vector;
}

static inline edgeconv_bytes edgeconv_gather(const int8_t *bytes, edgeconv_offsets offsets)
{
    edgeconv_bytes vector;
    for (int32_t i = 0; i < 16; i++) {
        vector.at[i] = bytes[offsets.at[i]];
    }
    return vector;
}

static inline int32_t edgeconv_dot(int32_t sum, edgeconv_bytes a, edgeconv_bytes b)
{
    for (int32_t i = 0; i < 16; i++) {
        sum += a.at[i] * b.at[i];
    }
    return sum;
}

#endif
#endif
#endif
