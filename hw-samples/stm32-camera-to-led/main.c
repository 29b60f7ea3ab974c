/*
 * A camera sees a digit, the board's LEDs show it: class + 1 in binary, once two frames after another agree. The serial line says the rest.
 */
#include "board.h"
#include "model.h"
#include "model_frame.h"
#include "ov7670.h"

/* Networks trained on MNIST want light digits on a dark ground; paper is the other way round. */
#define DARK_ON_LIGHT 1

enum { SIDE = OV7670_HEIGHT, LEFT = (OV7670_WIDTH - SIDE) / 2 };

static uint8_t frame[OV7670_ROW_BYTES * OV7670_HEIGHT] __attribute__((aligned(4)));
static int8_t input[EDGECONV_INPUT_LENGTH];
static int8_t output[EDGECONV_OUTPUT_LENGTH];

static void invert(void)
{
    int32_t i;
    for (i = 0; i < OV7670_ROW_BYTES * OV7670_HEIGHT; i += 2) {
        frame[i] = (uint8_t)(255 - frame[i]);   /* Y; colour is left */
    }
}

int main(void)
{
    int32_t before = -1, shown = -1;
    board_init();
    edgeconv_init();
    if (edgeconv_selftest() > 0) {
        board_print("selftest: other bytes than the PC's\r\n");
        return 1;
    }
    if (ov7670_init() != 0) {
        board_print("no OV7670 answers on PD6 and PD7\r\n");
        return 2;
    }
    board_print("selftest passed, camera found\r\n");
    for (;;) {
        int32_t now;
        if (ov7670_capture(frame) != 0) {
            board_print("no frame within a second: PIXCLK, HSYNC, VSYNC?\r\n");
            continue;
        }
        if (DARK_ON_LIGHT) {
            invert();
        }
        /* the square in the middle, which begins at an even pixel */
        edgeconv_frame_yuyv_full(frame + 2 * LEFT, SIDE, SIDE, OV7670_ROW_BYTES, input);
        edgeconv_run(input, output);
        now = board_largest(output, EDGECONV_OUTPUT_LENGTH);
        if (now == before && now != shown) {
            shown = now;
            board_show(now);
            board_print("class ");
            board_print_number(now);
            board_print("\r\n");
        }
        before = now;
    }
}
