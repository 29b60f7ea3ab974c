/* Classifies frame after frame. Nothing is allocated: the model's memory is its arena, whose size model.h says. */
#include "frame.h"
#include "model.h"
#include "model_frame.h"

static uint8_t frame[FRAME_WIDTH * FRAME_HEIGHT];
static int8_t input[EDGECONV_INPUT_LENGTH], output[EDGECONV_OUTPUT_LENGTH];

int main(void)
{
    edgeconv_init();
    if (edgeconv_selftest() != 0) {
        say("these are not the bytes of the PC");
        return 1;
    }
    while (next_frame(frame)) {
        int32_t best = 0;
        edgeconv_frame_grey(frame, FRAME_WIDTH, FRAME_HEIGHT, FRAME_WIDTH, input);
        edgeconv_run(input, output);
        for (int32_t i = 1; i < EDGECONV_OUTPUT_LENGTH; i++) {
            if (output[i] > output[best]) {
                best = i;
            }
        }
        say(edgeconv_labels[best]);
    }
    return 0;
}
