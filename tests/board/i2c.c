// An I2C bus with a display at it: plays the USB adapter of the kernel's driver i2c-tiny-usb, so that /dev/i2c-* and all behind it are the
// kernel's own, and a module with an SSD1306 at its end.
//
//   i2c PICTURE
//
// The display is plugged in while the file PICTURE is there, which is written whenever the display was written to.
#include "ssd1306.h"
#include "usb.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ADDRESS = 0x3C };
enum { ECHO, GET_FUNCTIONS, SET_DELAY, GET_STATUS, TRANSFER };
enum { IDLE, ACKNOWLEDGED, NOT_ACKNOWLEDGED };
enum { READ = 1 };

static const char *picture;

static int answer(const struct request *request) {
    // Plain I2C, and what the kernel makes of SMBus with it.
    static const uint8_t functions[] = {0x09, 0x00, 0xFF, 0x0E};
    static uint8_t status = IDLE;
    switch (request->code) {
    case ECHO:
        return usb_answer(request, (const uint8_t[]){request->value & 0xFF, request->value >> 8}, 2);
    case GET_FUNCTIONS:
        return usb_answer(request, functions, sizeof functions);
    case SET_DELAY:
        return 0;
    case GET_STATUS:
        return usb_answer(request, &status, 1);
    case TRANSFER: case TRANSFER + 1: case TRANSFER + 2: case TRANSFER + 3:
        status = request->index == ADDRESS && access(picture, F_OK) == 0 ? ACKNOWLEDGED : NOT_ACKNOWLEDGED;
        if (status == ACKNOWLEDGED && !(request->value & READ)) {
            ssd1306_write(request->data, request->length);
            if (!ssd1306_save(picture))
                perror(picture);
        } else if (request->value & READ) {
            memset(request->data, status == ACKNOWLEDGED ? ssd1306_status() : 0xFF, request->length);
        }
        return request->length;
    default:
        return -1;
    }
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fputs("usage: i2c PICTURE\n", stderr);
        return 2;
    }
    picture = argv[1];
    return usb_play(0x0403, 0xC631, answer);
}
