/* Frames out of frames.raw of the PC, words to its terminal, by semihosting: QEMU answers it, and so does a debugger. */
#include "frame.h"
#include "semihosting.h"

bool next_frame(uint8_t *pixels)
{
    static int file;
    if (file == 0) {
        file = host_open("frames.raw", HOST_READ);
    }
    return file > 0 && host_read(file, pixels, FRAME_WIDTH * FRAME_HEIGHT) == FRAME_WIDTH * FRAME_HEIGHT;
}

void say(const char *text)
{
    static int terminal;
    int length = 0;
    if (terminal == 0) {
        terminal = host_open(":tt", HOST_WRITE);
    }
    while (text[length] != '\0') {
        length++;
    }
    (void)host_write(terminal, text, length);
    (void)host_write(terminal, "\n", 1);
}
