/* Files of the host, through the debugger's door that QEMU answers. */
#ifndef SEMIHOSTING_H
#define SEMIHOSTING_H

enum { HOST_READ = 1 /* rb */, HOST_WRITE = 5 /* wb */ };

/* -1 where it cannot be opened. */
int host_open(const char *name, int mode);

/* Bytes that were read or written. */
int host_read(int file, void *bytes, int length);
int host_write(int file, const void *bytes, int length);

#endif
