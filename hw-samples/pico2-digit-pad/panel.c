/*
 * The panel is two resistive sheets, X from left to right and Y from top to bottom, which touch where they are pressed. A voltage along one is
 * divided at that place; the other sheet carries it to the converter. Whether they touch: one pulled up, the other to ground.
 *
 * Registers: the RP2350 datasheet. Only pull-ups are used: the chip's first steppings hold pins that are pulled down (its erratum E9).
 */
#include "panel.h"
#include "board.h"
#include "pico2.h"

#define CLK_ADC_CTRL REGISTER(0x4001006Cu)
#define ADC_CS REGISTER(0x400A0000u)
#define ADC_RESULT REGISTER(0x400A0004u)

enum { RIGHT = 26, BOTTOM = 27, LEFT = 20, TOP = 21 };   /* right and bottom are inputs 0 and 1 of the converter as well */
enum { SAMPLES = 8 };

static void drive(uint32_t pin, int32_t high)
{
    if (high != 0) {
        SIO_OUT_SET = 1u << pin;
    } else {
        SIO_OUT_CLR = 1u << pin;
    }
    SIO_OE_SET = 1u << pin;
    pico2_pin(pin, PICO2_SIO, 0);
}

static void release(uint32_t pin, uint32_t pad)
{
    SIO_OE_CLR = 1u << pin;
    pico2_pin(pin, PICO2_SIO, pad);
}

static uint32_t convert(uint32_t input)
{
    uint32_t sum = 0, i;
    for (i = 0; i < SAMPLES; i++) {
        ADC_CS = input << 12 | 1u << 2 | 1u;   /* one conversion, on */
        while ((ADC_CS & 1u << 8) == 0u) {
        }
        sum += ADC_RESULT;
    }
    return sum / SAMPLES;
}

/* A position along one sheet, read at an end of the other: 12 bits. */
static uint32_t position(uint32_t low, uint32_t high, uint32_t free_end, uint32_t read_end)
{
    release(free_end, 0);
    release(read_end, PICO2_NO_OUTPUT);
    drive(low, 0);
    drive(high, 1);
    board_wait(1);
    return convert(read_end - RIGHT);
}

static int32_t is_touched(void)
{
    release(LEFT, 0);
    release(BOTTOM, 0);
    release(RIGHT, PICO2_INPUT | PICO2_PULL_UP);
    drive(TOP, 0);
    board_wait(1);
    return (SIO_IN & 1u << RIGHT) == 0u ? 1 : 0;
}

void panel_init(void)
{
    CLK_ADC_CTRL = 3u << 5 | 1u << 11;   /* the crystal, on */
    pico2_wake(PICO2_ADC);
    ADC_CS = 1;
    while ((ADC_CS & 1u << 8) == 0u) {
    }
}

int32_t panel_read(uint8_t *x, uint8_t *y)
{
    if (!is_touched()) {
        return 0;
    }
    *x = (uint8_t)(position(LEFT, RIGHT, TOP, BOTTOM) >> 4);
    *y = (uint8_t)(position(TOP, BOTTOM, LEFT, RIGHT) >> 4);
    return is_touched();   /* a finger that leaves meanwhile gives no position */
}
