/*
 * What code of NativeAOT's compiler calls for 32-bit ARM, as far as this sample goes. The names are the compiler's.
 */
#include <stdint.h>

enum { HEAP_BYTES = 1024 };

void board_stop(int code);

static uint64_t heap[HEAP_BYTES / 8];
static uint32_t heap_used;

/* The C side takes back all objects at once; there is no garbage collector. */
void edgeconv_cs_forget(void)
{
    heap_used = 0;
}

void edgeconv_cs_stop(void)
{
    board_stop(98);
}

/* A new object, all zeros: the second word of its type is its size, its first field is its type. */
void *RhpNewFast(const uint32_t *type)
{
    const uint32_t words = (type[1] + 7u) / 8u;
    uint64_t *object = heap + heap_used;
    uint32_t i;
    if (words > HEAP_BYTES / 8 - heap_used) {
        edgeconv_cs_stop();
    }
    heap_used += words;
    for (i = 0; i < words; i++) {
        object[i] = 0;
    }
    *(const uint32_t **)(void *)object = type;
    return object;
}

/* Stores of references, which leave all registers alone but those that they name. */
__attribute__((naked)) void RhpAssignRef(void)
{
    __asm__ volatile("str r1, [r0]\n\tbx lr");
}

__attribute__((naked)) void RhpByRefAssignRef(void)
{
    __asm__ volatile("ldr r12, [r1], #4\n\tstr r12, [r0], #4\n\tbx lr");
}

uint64_t RhpLLsh(uint64_t value, uint32_t bits)
{
    return value << (bits & 63u);
}

int32_t edgeconv_cs_div_int32(int32_t a, int32_t b)
{
    return a / b;
}

/* Named by tables that nothing here reads. */
void RhpReversePInvoke(void)
{
    edgeconv_cs_stop();
}

void RhpReversePInvokeReturn(void)
{
    edgeconv_cs_stop();
}

void __aeabi_unwind_cpp_pr0(void)
{
}

void __aeabi_unwind_cpp_pr1(void)
{
}
