/*
 * Draw a digit on the panel and lift the pen: the LED flashes its class + 1 times, the serial line names it.
 */
#include "board.h"
#include "model.h"
#include "model_frame.h"
#include "panel.h"
#include "strokes.h"

enum { IDLE_READS = 250 /* of about 2 ms: the digit is complete */, LEAST_POINTS = 5 };

static int8_t input[EDGECONV_INPUT_LENGTH];
static int8_t output[EDGECONV_OUTPUT_LENGTH];

static void classify(void)
{
    int32_t best;
    edgeconv_frame_grey(strokes_picture(), STROKES_SIDE, STROKES_SIDE, STROKES_SIDE, input);
    edgeconv_run(input, output);
    best = board_largest(output, EDGECONV_OUTPUT_LENGTH);
    board_print("class ");
    board_print_number(best);
    board_print("\r\n");
    board_show(best);
}

int main(void)
{
    int32_t idle = 0;
    board_init();
    edgeconv_init();
    if (edgeconv_selftest() > 0) {
        board_print("selftest: other bytes than the PC's\r\n");
        return 1;
    }
    panel_init();
    board_print("selftest passed, draw a digit\r\n");
    for (;;) {
        uint8_t x, y;
        if (panel_read(&x, &y)) {
            strokes_add(x, y);
            idle = 0;
            continue;
        }
        strokes_lift();
        board_wait(1);
        if (++idle == IDLE_READS) {
            if (strokes_count() >= LEAST_POINTS) {
                classify();
            }
            strokes_clear();
            idle = 0;
        }
    }
}
