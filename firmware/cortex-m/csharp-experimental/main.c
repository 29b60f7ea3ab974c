/*
 * Runs the golden input of a model file in flash through the C# kernels and compares the hash of every layer's bytes. Exit code 0: all as the PC
 * has them; 1 to 90: the first layer that differs; 91: a layer without a kernel; 98: C# stopped itself. ticks.bin gets what SysTick counted.
 */
#include "edgeconv_math.h"
#include "semihosting.h"

extern const uint8_t model_file[];
int edgeconv_cs_run(const uint8_t *file, int8_t *arena);
void edgeconv_cs_forget(void);
void edgeconv_cs_layer_done(int layer, const int8_t *bytes, int length);

#define SYSTICK ((volatile uint32_t *)0xE000E010u)

static int8_t arena[0x8000] __attribute__((aligned(16)));
static int first_wrong;

/* FORMAT.md: offsets of the tensor records, of the input among them, of the golden record. */
static uint32_t word(uint32_t at)
{
    return *(const uint32_t *)(const void *)(model_file + at);
}

void edgeconv_cs_layer_done(int layer, const int8_t *bytes, int length)
{
    const uint32_t hashes = word(word(88) + 8);
    if (first_wrong == 0 && edgeconv_crc(bytes, length) != word(hashes + 4u * (uint32_t)layer)) {
        first_wrong = layer + 1;
    }
}

int main(void)
{
    const uint32_t tensor = word(40) + 48u * word(28), golden = word(word(88));
    const int ticks_file = host_open("ticks.bin", HOST_WRITE);
    uint32_t ticks, i;
    if (word(24) > sizeof arena) {
        return 92;
    }
    for (i = 0; i < word(tensor + 40); i++) {
        arena[word(tensor + 36) + i] = (int8_t)model_file[golden + i];
    }
    SYSTICK[1] = 0xFFFFFFu;
    SYSTICK[2] = 0;
    SYSTICK[0] = 5;
    ticks = SYSTICK[2];
    if (edgeconv_cs_run(model_file, arena) != 0) {
        return 91;
    }
    ticks = (ticks - SYSTICK[2]) & 0xFFFFFFu;
    edgeconv_cs_forget();   /* before another run */
    return host_write(ticks_file, &ticks, 4) == 4 ? first_wrong : 93;
}
