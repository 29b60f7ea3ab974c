// The device's side of USB/IP, the protocol that vhci_hcd speaks on the socket it is given: one request after the other, all numbers big-endian.
#include "usb.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SUBMIT = 1, UNLINK = 2, SUBMIT_DONE = 3, UNLINK_DONE = 4 };
enum { FULL_SPEED = 2, TO_HOST = 0x80, KIND = 0x60, STALLED = -32 };
enum { GET_STATUS = 0, GET_DESCRIPTOR = 6, GET_CONFIGURATION = 8 };

struct message {
    uint32_t command, number, device, direction, endpoint;
    uint32_t flags_or_status, length;
    uint32_t unused[3];
    uint8_t setup[8];
};

static uint8_t device_descriptor[] = {18, 1, 0x10, 0x01, 0, 0, 0, 8, 0, 0, 0, 0, 0x00, 0x01, 0, 0, 0, 1};
static const uint8_t configuration[] = {9, 2, 18, 0, 1, 1, 0, 0x80, 50, 9, 4, 0, 0, 0, 0, 0, 0, 0};

static int receive(int socket, void *bytes, size_t size) {
    return size == 0 || recv(socket, bytes, size, MSG_WAITALL) == (ssize_t)size;
}

int usb_answer(const struct request *request, const void *bytes, size_t size) {
    size_t length = size < request->length ? size : request->length;
    memcpy(request->data, bytes, length);
    return length;
}

// What every device answers.
static int answer_standard(const struct request *request) {
    static const uint8_t zeros[2];
    if (!(request->type & TO_HOST))
        return request->length;
    switch (request->code) {
    case GET_DESCRIPTOR:
        if (request->value >> 8 == 1)
            return usb_answer(request, device_descriptor, sizeof device_descriptor);
        return request->value >> 8 == 2 ? usb_answer(request, configuration, sizeof configuration) : -1;
    case GET_STATUS:
        return usb_answer(request, zeros, sizeof zeros);
    case GET_CONFIGURATION:
        return usb_answer(request, configuration + 5, 1);
    default:
        return -1;
    }
}

static int plug(int socket) {
    char text[64];
    int port = open("/sys/devices/platform/vhci_hcd.0/attach", O_WRONLY);
    int length = snprintf(text, sizeof text, "0 %d %d %d", socket, 1 << 16 | 1, FULL_SPEED);
    int is_plugged = port >= 0 && write(port, text, length) == length;
    if (!is_plugged)
        perror("usb: vhci_hcd.0/attach");
    close(port);
    return is_plugged;
}

int usb_play(uint16_t vendor, uint16_t product, answer_request answer) {
    static uint8_t data[1 << 16];
    int ends[2];
    struct message message;
    uint16_t ids[] = {vendor, product};
    memcpy(device_descriptor + 8, ids, sizeof ids);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0 || !plug(ends[1]))
        return 1;
    close(ends[1]);
    while (receive(ends[0], &message, sizeof message)) {
        int length = 0, is_read = ntohl(message.direction);
        if (ntohl(message.command) == UNLINK) {
            // Each request is answered before the next is read, so there is never one that could be taken back.
            message.command = htonl(UNLINK_DONE);
            message.flags_or_status = 0;
        } else {
            struct request request = {message.setup[0], message.setup[1], message.setup[2] | message.setup[3] << 8,
                message.setup[4] | message.setup[5] << 8, data, ntohl(message.length)};
            if (request.length > sizeof data || (!is_read && !receive(ends[0], data, request.length)))
                return 1;
            length = request.type & KIND ? answer(&request) : answer_standard(&request);
            message.command = htonl(SUBMIT_DONE);
            message.flags_or_status = htonl(length < 0 ? STALLED : 0);
            length = length < 0 ? 0 : length;
            message.length = htonl(length);
        }
        message.device = message.direction = message.endpoint = 0;
        memset(message.unused, 0, sizeof message.unused + sizeof message.setup);
        if (write(ends[0], &message, sizeof message) != sizeof message || (is_read && write(ends[0], data, length) != length))
            return 1;
    }
    return 0;
}
