// A QEMU plugin that counts how often each translation block of a program runs, and writes the blocks with their instructions:
//
//   qemu-aarch64 -plugin blocks.so,out=FILE PROGRAM
//
//   total 123456789                    instructions of the whole process
//   4096 @5500401a30 4fa0e001 ...      one line a block: how often it ran, where it begins, its instructions; four digits where one has two bytes
//
// With begin=ADDRESS,end=ADDRESS of two functions it counts only between a call of the first and the next of the second, every such section
// for itself, as for the layers of a network. Its number, from 1, is then in front of the line, without an address: "3: 4096 4fa0e001 ...".
//
// The declarations below restate what QEMU documents of its plugin interface, version 1 (QEMU 4.2 to 8.x), since Debian packages no header.
// Counting is exact while one thread works at a time.
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORTED __attribute__((visibility("default")))

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
extern void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct qemu_plugin_tb *));
extern void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *, int operation, void *counter, uint64_t amount);
extern void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *, void (*)(unsigned, void *), int flags, void *);
extern void qemu_plugin_register_atexit_cb(plugin_id, void (*)(plugin_id, void *), void *);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
extern uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
extern const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *);
extern size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *);

EXPORTED int qemu_plugin_version = 1;

enum { ADD = 0, NO_REGISTERS = 0, BUCKETS = 1 << 16, SECTIONS = 512 };

struct insn {
    uint32_t word, bytes;
};

// Blocks are never freed: QEMU keeps the addresses of their counters. One that is translated again counts on.
struct block {
    struct block *next;
    uint64_t address, runs;
    uint64_t *section_runs;
    size_t length;
    struct insn code[];
};

static struct block *buckets[BUCKETS];
static const char *out;
static uint64_t begin_at, end_at;
static unsigned section, sections;
static bool is_thumb;

static bool is_same(const struct block *b, uint64_t address, const struct insn *code, size_t length)
{
    return b->address == address && b->length == length && memcmp(b->code, code, length * sizeof *code) == 0;
}

static void *or_end(void *memory)
{
    if (!memory) {
        fprintf(stderr, "blocks: no memory for another block\n");
        exit(1);
    }
    return memory;
}

static struct block *find(uint64_t address, const struct insn *code, size_t length)
{
    struct block **bucket = &buckets[(address >> 2) % BUCKETS];
    for (struct block *b = *bucket; b; b = b->next)
        if (is_same(b, address, code, length))
            return b;
    struct block *b = or_end(calloc(1, sizeof *b + length * sizeof *code));
    b->address = address;
    b->length = length;
    memcpy(b->code, code, length * sizeof *code);
    b->next = *bucket;
    return *bucket = b;
}

static void executed(unsigned cpu, void *data)
{
    (void)cpu;
    struct block *b = data;
    if (b->address == begin_at)
        section = sections < SECTIONS - 1 ? ++sections : 0;
    else if (b->address == end_at)
        section = 0;
    if (section == 0)
        return;
    if (!b->section_runs)
        b->section_runs = or_end(calloc(SECTIONS, sizeof *b->section_runs));
    b->section_runs[section]++;
}

// At the end of a page QEMU has looked at the next instruction of Thumb too, and gives its bytes as this one's.
static uint32_t size_of(const struct qemu_plugin_insn *insn)
{
    if (!is_thumb)
        return (uint32_t)qemu_plugin_insn_size(insn);
    uint16_t half;
    memcpy(&half, qemu_plugin_insn_data(insn), sizeof half);
    return half >> 11 < 0x1d ? 2 : 4;
}

// QEMU translates under a lock of its own.
static void translated(plugin_id id, struct qemu_plugin_tb *tb)
{
    (void)id;
    size_t length = qemu_plugin_tb_n_insns(tb);
    struct insn code[length];
    memset(code, 0, sizeof code);
    for (size_t i = 0; i < length; i++) {
        const struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        code[i].bytes = size_of(insn);
        memcpy(&code[i].word, qemu_plugin_insn_data(insn), code[i].bytes);
    }
    struct block *b = find(qemu_plugin_tb_vaddr(tb), code, length);
    if (begin_at != 0) {
        qemu_plugin_register_vcpu_tb_exec_cb(tb, executed, NO_REGISTERS, b);
        return;
    }
    qemu_plugin_register_vcpu_tb_exec_inline(tb, ADD, &b->runs, 1);
}

static void write_code(FILE *f, const struct block *b)
{
    for (size_t i = 0; i < b->length; i++)
        fprintf(f, " %0*" PRIx32, (int)b->code[i].bytes * 2, b->code[i].word);
    fputc('\n', f);
}

static void write_sections(FILE *f, const struct block *b)
{
    for (unsigned i = 1; i <= sections; i++)
        if (b->section_runs[i] != 0) {
            fprintf(f, "%u: %" PRIu64, i, b->section_runs[i]);
            write_code(f, b);
        }
}

static void finished(plugin_id id, void *unused)
{
    (void)id;
    (void)unused;
    FILE *f = fopen(out, "w");
    if (!f) {
        perror(out);
        return;
    }
    uint64_t total = 0;
    for (int i = 0; begin_at == 0 && i < BUCKETS; i++)
        for (struct block *b = buckets[i]; b; b = b->next)
            total += b->runs * b->length;
    if (begin_at == 0)
        fprintf(f, "total %" PRIu64 "\n", total);
    for (int i = 0; i < BUCKETS; i++)
        for (struct block *b = buckets[i]; b; b = b->next)
            if (b->section_runs) {
                write_sections(f, b);
            } else if (b->runs != 0) {
                fprintf(f, "%" PRIu64 " @%" PRIx64, b->runs, b->address);
                write_code(f, b);
            }
    fclose(f);
}

// The first member of what QEMU says of itself is the emulated processor's name; a Cortex-M is an "arm" that knows only Thumb.
EXPORTED int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
    const char *const *target = info;
    is_thumb = strcmp(*target, "arm") == 0;
    for (int i = 0; i < argc; i++)
        if (strncmp(argv[i], "out=", 4) == 0)
            out = strdup(argv[i] + 4);
        else if (strncmp(argv[i], "begin=", 6) == 0)
            begin_at = strtoull(argv[i] + 6, NULL, 0);
        else if (strncmp(argv[i], "end=", 4) == 0)
            end_at = strtoull(argv[i] + 4, NULL, 0);
    if (!out) {
        fprintf(stderr, "blocks: say where to write, out=FILE\n");
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, finished, NULL);
    return 0;
}
