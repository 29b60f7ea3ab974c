// Written from the data sheet: control bytes, commands, addressing modes, and the ways from memory to the glass. What a module with 32 rows cannot
// show rightly, it does not show at all here, and a command that is not known ends the program.
#include "ssd1306.h"

#include <stdio.h>
#include <stdlib.h>

enum { COLUMNS = 128, PAGES = 8, ROWS = 64 };
enum { HORIZONTAL, VERTICAL, PAGED };
enum { ROWS_IN_THEIR_ORDER = 0x02, PUMP_ON = 0x14 };

static struct {
    uint8_t memory[PAGES][COLUMNS];
    uint8_t first_column, last_column, first_page, last_page, column, page;
    uint8_t addressing, start_line, offset, rows, pins;
    int is_on, has_pump, is_last_column_first, is_last_row_first, is_inverse, is_all_on;
} chip = {.last_column = COLUMNS - 1, .last_page = PAGES - 1, .addressing = PAGED, .rows = ROWS, .pins = 0x12};

// Arguments that follow a command.
static int arguments_of(uint8_t command) {
    switch (command) {
    case 0x20: case 0x81: case 0x8D: case 0xA8: case 0xD3: case 0xD5: case 0xD9: case 0xDA: case 0xDB:
        return 1;
    case 0x21: case 0x22:
        return 2;
    default:
        return 0;
    }
}

static void execute(const uint8_t *c) {
    if (c[0] < 0x10) chip.column = (chip.column & 0x70) | (c[0] & 0x0F);
    else if (c[0] < 0x20) chip.column = (chip.column & 0x0F) | (c[0] & 0x07) << 4;
    else if (c[0] >= 0x40 && c[0] < 0x80) chip.start_line = c[0] & 0x3F;
    else if (c[0] >= 0xB0 && c[0] < 0xB8) chip.page = c[0] & 7;
    else switch (c[0]) {
    case 0x20: chip.addressing = c[1] & 3; break;
    case 0x21: chip.column = chip.first_column = c[1] & 0x7F; chip.last_column = c[2] & 0x7F; break;
    case 0x22: chip.page = chip.first_page = c[1] & 7; chip.last_page = c[2] & 7; break;
    case 0x8D: chip.has_pump = c[1] == PUMP_ON; break;
    case 0xA0: case 0xA1: chip.is_last_column_first = c[0] & 1; break;
    case 0xA4: case 0xA5: chip.is_all_on = c[0] & 1; break;
    case 0xA6: case 0xA7: chip.is_inverse = c[0] & 1; break;
    case 0xA8: chip.rows = (c[1] & 0x3F) + 1; break;
    case 0xAE: case 0xAF: chip.is_on = c[0] & 1; break;
    case 0xC0: case 0xC8: chip.is_last_row_first = c[0] == 0xC8; break;
    case 0xD3: chip.offset = c[1] & 0x3F; break;
    case 0xDA: chip.pins = c[1]; break;
    case 0x2E: case 0x81: case 0xD5: case 0xD9: case 0xDB: case 0xE3: break;   // no scrolling, contrast, timing: nothing that is seen here
    default:
        printf("BOARD the display got 0x%02x, which is no command that it knows\n", c[0]);
        exit(1);
    }
}

static void take_command(uint8_t byte) {
    static uint8_t command[3];
    static int length;
    command[length++] = byte;
    if (length > arguments_of(command[0])) {
        execute(command);
        length = 0;
    }
}

// Goes on within a window; 1 where it begins again.
static int goes_round(uint8_t *at, uint8_t first, uint8_t last) {
    int is_last = *at == last;
    *at = is_last ? first : *at + 1;
    return is_last;
}

static void take_data(uint8_t byte) {
    chip.memory[chip.page & 7][chip.is_last_column_first ? COLUMNS - 1 - (chip.column & 0x7F) : chip.column & 0x7F] = byte;
    if (chip.addressing == PAGED) {
        goes_round(&chip.column, 0, COLUMNS - 1);
    } else if (chip.addressing == VERTICAL) {
        if (goes_round(&chip.page, chip.first_page, chip.last_page))
            goes_round(&chip.column, chip.first_column, chip.last_column);
    } else if (goes_round(&chip.column, chip.first_column, chip.last_column)) {
        goes_round(&chip.page, chip.first_page, chip.last_page);
    }
}

void ssd1306_write(const uint8_t *bytes, size_t length) {
    size_t i = 0;
    while (i < length) {
        uint8_t control = bytes[i++];
        size_t end = control & 0x80 && i < length ? i + 1 : length;   // Co: one byte, then another control byte
        for (; i < end; i++)
            (control & 0x40 ? take_data : take_command)(bytes[i]);
    }
}

uint8_t ssd1306_status(void) { return chip.is_on ? 0 : 0x40; }

// As the modules on sale are made: with its pins above, the glass has segment 127 at its left and the last row that is driven at its top.
static int shines(int x, int y) {
    int row = chip.is_last_row_first ? y : PANEL_ROWS - 1 - y, line = (row + chip.offset + chip.start_line) % ROWS;
    int bit = chip.memory[line / 8][COLUMNS - 1 - x] >> line % 8 & 1;
    // Without its pump there is no voltage, and rows that are driven in another order, or more of them, show something else than the picture.
    int is_right = chip.is_on && chip.has_pump && chip.rows == PANEL_ROWS && chip.pins == ROWS_IN_THEIR_ORDER;
    return is_right && (chip.is_all_on || bit != chip.is_inverse);
}

int ssd1306_save(const char *path) {
    char temporary[256];
    FILE *file;
    snprintf(temporary, sizeof temporary, "%s.new", path);
    file = fopen(temporary, "wb");
    if (file == NULL || fprintf(file, "P4 %d %d\n", PANEL_COLUMNS, PANEL_ROWS) < 0)
        return 0;
    for (int y = 0; y < PANEL_ROWS; y++)
        for (int x = 0; x < PANEL_COLUMNS; x += 8) {
            int byte = 0;
            for (int i = 0; i < 8; i++)
                byte |= shines(x + i, y) << (7 - i);
            fputc(byte, file);
        }
    return fclose(file) == 0 && rename(temporary, path) == 0;
}
