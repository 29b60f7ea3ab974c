// Plays pictures into the kernel's virtual camera (vivid): what is written to its output device comes out of its capture device, bit for
// bit, as long as both have the same size and format.
//
//   player OUTPUT CAPTURE FOURCC WIDTH HEIGHT FILE...
//   player DEVICE CONTROL VALUE
//
// FILE is a frame's raw bytes. It is played again and again until the program is ended; SIGUSR1 goes on to the next one, without a frame of
// anything else between them. The second form sets one of the driver's controls.
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static volatile sig_atomic_t shown;

static void show_next(int signal) {
    (void)signal;
    shown++;
}

static void fail(const char *what) {
    fprintf(stderr, "player: %s: %s\n", what, strerror(errno));
    exit(1);
}

// Drivers number their own controls as they like, kernel by kernel; the names stay.
static void set_control(int device, const char *name, int value) {
    struct v4l2_queryctrl query = {.id = V4L2_CTRL_FLAG_NEXT_CTRL};
    while (ioctl(device, VIDIOC_QUERYCTRL, &query) == 0) {
        if (strcmp((const char *)query.name, name) == 0) {
            struct v4l2_control control = {.id = query.id, .value = value};
            if (ioctl(device, VIDIOC_S_CTRL, &control) != 0)
                fail(name);
            return;
        }
        query.id |= V4L2_CTRL_FLAG_NEXT_CTRL;
    }
    errno = ENOENT;
    fail(name);
}

static void queue(int output, struct v4l2_buffer *buffer, size_t size) {
    buffer->bytesused = size;
    buffer->field = V4L2_FIELD_NONE;
    if (ioctl(output, VIDIOC_QBUF, buffer) != 0)
        fail("VIDIOC_QBUF");
}

static void play(int output, const unsigned char *frames, int count, size_t size) {
    void *memory[VIDEO_MAX_FRAME];
    struct v4l2_requestbuffers request = {.count = 3, .type = V4L2_BUF_TYPE_VIDEO_OUTPUT, .memory = V4L2_MEMORY_MMAP};
    if (ioctl(output, VIDIOC_REQBUFS, &request) != 0)
        fail("VIDIOC_REQBUFS");
    for (unsigned i = 0; i < request.count; i++) {
        struct v4l2_buffer buffer = {.index = i, .type = V4L2_BUF_TYPE_VIDEO_OUTPUT, .memory = V4L2_MEMORY_MMAP};
        if (ioctl(output, VIDIOC_QUERYBUF, &buffer) != 0)
            fail("VIDIOC_QUERYBUF");
        memory[i] = mmap(NULL, buffer.length, PROT_READ | PROT_WRITE, MAP_SHARED, output, buffer.m.offset);
        if (memory[i] == MAP_FAILED)
            fail("mmap");
        memcpy(memory[i], frames, size);
        queue(output, &buffer, size);
    }
    int type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
    if (ioctl(output, VIDIOC_STREAMON, &type) != 0)
        fail("VIDIOC_STREAMON");
    for (;;) {
        struct v4l2_buffer buffer = {.type = V4L2_BUF_TYPE_VIDEO_OUTPUT, .memory = V4L2_MEMORY_MMAP};
        if (ioctl(output, VIDIOC_DQBUF, &buffer) != 0)
            fail("VIDIOC_DQBUF");
        if (count > 1)
            memcpy(memory[buffer.index], frames + shown % count * size, size);
        queue(output, &buffer, size);
    }
}

int main(int argc, char **argv) {
    if (argc == 4) {
        int device = open(argv[1], O_RDWR);
        if (device < 0)
            fail(argv[1]);
        set_control(device, argv[2], atoi(argv[3]));
        return 0;
    }
    if (argc < 7) {
        fputs("usage: player OUTPUT CAPTURE FOURCC WIDTH HEIGHT FILE...\n", stderr);
        return 2;
    }
    signal(SIGUSR1, show_next);

    int capture = open(argv[2], O_RDWR);
    if (capture < 0)
        fail(argv[2]);
    set_control(capture, "Loop Video", 1);
    set_control(capture, "OSD Text Mode", 2);
    close(capture);

    int output = open(argv[1], O_RDWR);
    if (output < 0)
        fail(argv[1]);
    struct v4l2_format format = {.type = V4L2_BUF_TYPE_VIDEO_OUTPUT};
    memcpy(&format.fmt.pix.pixelformat, argv[3], 4);
    format.fmt.pix.width = atoi(argv[4]);
    format.fmt.pix.height = atoi(argv[5]);
    format.fmt.pix.field = V4L2_FIELD_NONE;
    if (ioctl(output, VIDIOC_S_FMT, &format) != 0)
        fail("VIDIOC_S_FMT");

    size_t size = format.fmt.pix.sizeimage;
    int count = argc - 6;
    unsigned char *frames = malloc(count * size);
    for (int i = 0; i < count; i++) {
        int file = open(argv[6 + i], O_RDONLY);
        if (frames == NULL || file < 0 || read(file, frames + i * size, size) != (ssize_t)size || memcmp(&format.fmt.pix.pixelformat, argv[3], 4) != 0) {
            fprintf(stderr, "player: %s is no frame of %zu bytes, %ux%u %.4s\n", argv[6 + i], size, format.fmt.pix.width, format.fmt.pix.height, argv[3]);
            return 1;
        }
        close(file);
    }
    play(output, frames, count, size);
}
