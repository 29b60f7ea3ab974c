/*
 * Sixteen products an instruction: what generated code uses of the vector extension (MVE, Helium) of Cortex-M55 and M85. Elsewhere EDGECONV_MVE
 * gives the same by plain C, for tests.
 */
#ifndef EDGECONV_MVE_H
#define EDGECONV_MVE_H

#include <stdint.h>

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

#else

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
