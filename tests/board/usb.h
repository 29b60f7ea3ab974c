// A USB device that a program plays: the kernel's virtual host controller (vhci_hcd) has it on a port, and hands its control requests over.
#ifndef USB_H
#define USB_H

#include <stddef.h>
#include <stdint.h>

// A control request to the device: its set-up packet, and what is sent (to the device) or wanted (from it).
struct request {
    uint8_t type, code;
    uint16_t value, index;
    uint8_t *data;
    size_t length;
};

// Answers the requests of the device's kind: the number of bytes read or written, or -1 for one that it does not know.
typedef int (*answer_request)(const struct request *request);

// Answers a request that reads with as many of the bytes as it wants.
int usb_answer(const struct request *request, const void *bytes, size_t size);

// Plugs a full-speed device with one interface without endpoints in, and answers for it until the kernel takes it away.
int usb_play(uint16_t vendor, uint16_t product, answer_request answer);

#endif
