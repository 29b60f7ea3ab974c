/*
 * Runs the model's golden picture and shows its class with the LEDs; then waits for pictures on the serial line.
 *
 * A picture is a byte of grey for each of the model's pixels, row by row, as a PGM file has them behind its header. (Where the model does not
 * say how it sees pictures: the bytes of its input.) The answer is a line with the class, its label and the model's outputs; send the next
 * picture when it has come.
 */
#include "board.h"
#include "layer_done.h"
#include "model.h"

#if __has_include("model_frame.h")
#include "model_frame.h"
enum { PICTURE_LENGTH = EDGECONV_INPUT_HEIGHT * EDGECONV_INPUT_WIDTH };
#else
enum { PICTURE_LENGTH = EDGECONV_INPUT_LENGTH };
#endif

static uint8_t picture[PICTURE_LENGTH];
static int8_t input[EDGECONV_INPUT_LENGTH];
static int8_t output[EDGECONV_OUTPUT_LENGTH];

/* The selftest keeps its output for itself: this is where it can be seen. */
void layer_done(int32_t layer, const int8_t *bytes, int32_t length)
{
    int32_t i;
    for (i = 0; layer == EDGECONV_LAYERS - 1 && i < length; i++) {
        output[i] = bytes[i];
    }
}

static void answer(const char *what)
{
    const int32_t best = board_largest(output, EDGECONV_OUTPUT_LENGTH);
    int32_t i;
    board_show(best);
    board_print(what);
    board_print(" class ");
    board_print_number(best);
#ifdef EDGECONV_LABELS
    board_print(" ");
    board_print(edgeconv_labels[best]);
#endif
    board_print(":");
    for (i = 0; i < EDGECONV_OUTPUT_LENGTH; i++) {
        board_print(" ");
        board_print_number(output[i]);
    }
    board_print("\r\n");
}

static void preprocess(void)
{
#if __has_include("model_frame.h")
    edgeconv_frame_grey(picture, EDGECONV_INPUT_WIDTH, EDGECONV_INPUT_HEIGHT, EDGECONV_INPUT_WIDTH, input);
#else
    int32_t i;
    for (i = 0; i < PICTURE_LENGTH; i++) {
        input[i] = (int8_t)picture[i];
    }
#endif
}

int main(void)
{
    int32_t first_wrong;
    board_init();
    edgeconv_init();
    first_wrong = edgeconv_selftest();
    if (first_wrong > 0) {
        board_print("selftest: other bytes than the PC's in layer ");
        board_print_number(first_wrong);
        board_print("\r\n");
        return 1;
    }
    if (first_wrong == 0) {
        answer("selftest passed,");
    }
    for (;;) {
        int32_t i;
        for (i = 0; i < PICTURE_LENGTH; i++) {
            picture[i] = board_read();
        }
        preprocess();
        edgeconv_run(input, output);
        answer("picture,");
    }
}
