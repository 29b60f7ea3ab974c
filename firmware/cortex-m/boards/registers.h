#ifndef REGISTERS_H
#define REGISTERS_H

#include <stdint.h>

/* A register of 32 bits. */
#define REGISTER(address) (*(volatile uint32_t *)(address))

#endif
