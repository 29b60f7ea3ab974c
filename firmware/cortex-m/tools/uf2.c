/*
 * A memory image as UF2, which the Pico 2's boot ROM takes as a file on its USB drive: blocks of 512 bytes, 256 of them the image's.
 *
 *   uf2 firmware.bin firmware.uf2 0x10000000 0xE48BFF59      (address; family: RP2350, Arm, secure)
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { DATA = 256, BLOCK = 512 };

static void put(uint8_t *to, uint32_t word)
{
    int i;
    for (i = 0; i < 4; i++) {
        to[i] = (uint8_t)(word >> 8 * i);
    }
}

int main(int count, char **arguments)
{
    FILE *from, *to;
    uint32_t address, family, blocks, i;
    long length;
    if (count != 5) {
        fprintf(stderr, "usage: uf2 IMAGE UF2 ADDRESS FAMILY\n");
        return 2;
    }
    from = fopen(arguments[1], "rb");
    to = fopen(arguments[2], "wb");
    address = (uint32_t)strtoul(arguments[3], NULL, 0);
    family = (uint32_t)strtoul(arguments[4], NULL, 0);
    if (from == NULL || to == NULL || fseek(from, 0, SEEK_END) != 0 || (length = ftell(from)) < 1 || fseek(from, 0, SEEK_SET) != 0) {
        fprintf(stderr, "uf2: cannot read %s or write %s\n", arguments[1], arguments[2]);
        return 1;
    }
    blocks = (uint32_t)((length + DATA - 1) / DATA);
    for (i = 0; i < blocks; i++) {
        uint8_t block[BLOCK] = { 0 };
        put(block, 0x0A324655u);
        put(block + 4, 0x9E5D5157u);
        put(block + 8, 0x2000u);   /* the family is given */
        put(block + 12, address + i * DATA);
        put(block + 16, DATA);
        put(block + 20, i);
        put(block + 24, blocks);
        put(block + 28, family);
        put(block + BLOCK - 4, 0x0AB16F30u);
        if (fread(block + 32, 1, DATA, from) == 0 || fwrite(block, 1, BLOCK, to) != BLOCK) {
            fprintf(stderr, "uf2: cannot read %s or write %s\n", arguments[1], arguments[2]);
            return 1;
        }
    }
    return fclose(from) != 0 || fclose(to) != 0 ? 1 : 0;
}
