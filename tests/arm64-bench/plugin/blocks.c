// A QEMU plugin that counts how often each translation block of a program runs, and writes the blocks with their instructions:
//
//   qemu-aarch64 -plugin blocks.so,out=FILE PROGRAM
//
//   total 123456789                    instructions of the whole process
//   4096 4fa0e001 ... 54ffff81         one line a block: how often it ran, then its instructions
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
extern void qemu_plugin_register_atexit_cb(plugin_id, void (*)(plugin_id, void *), void *);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
extern uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
extern const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *);

EXPORTED int qemu_plugin_version = 1;

enum { ADD = 0, BUCKETS = 1 << 16 };

// Blocks are never freed: QEMU keeps the addresses of their counters. One that is translated again counts on.
struct block {
    struct block *next;
    uint64_t address, runs;
    size_t length;
    uint32_t code[];
};

static struct block *buckets[BUCKETS];
static const char *out;

static bool is_same(const struct block *b, uint64_t address, const uint32_t *code, size_t length)
{
    return b->address == address && b->length == length && memcmp(b->code, code, length * sizeof *code) == 0;
}

static struct block *find(uint64_t address, const uint32_t *code, size_t length)
{
    struct block **bucket = &buckets[(address >> 2) % BUCKETS];
    for (struct block *b = *bucket; b; b = b->next)
        if (is_same(b, address, code, length))
            return b;
    struct block *b = calloc(1, sizeof *b + length * sizeof *code);
    if (!b) {
        fprintf(stderr, "blocks: no memory for another block\n");
        exit(1);
    }
    b->address = address;
    b->length = length;
    memcpy(b->code, code, length * sizeof *code);
    b->next = *bucket;
    return *bucket = b;
}

// QEMU translates under a lock of its own.
static void translated(plugin_id id, struct qemu_plugin_tb *tb)
{
    (void)id;
    size_t length = qemu_plugin_tb_n_insns(tb);
    uint32_t code[length];
    for (size_t i = 0; i < length; i++)
        memcpy(&code[i], qemu_plugin_insn_data(qemu_plugin_tb_get_insn(tb, i)), sizeof code[i]);
    struct block *b = find(qemu_plugin_tb_vaddr(tb), code, length);
    qemu_plugin_register_vcpu_tb_exec_inline(tb, ADD, &b->runs, 1);
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
    for (int i = 0; i < BUCKETS; i++)
        for (struct block *b = buckets[i]; b; b = b->next)
            total += b->runs * b->length;
    fprintf(f, "total %" PRIu64 "\n", total);
    for (int i = 0; i < BUCKETS; i++)
        for (struct block *b = buckets[i]; b; b = b->next) {
            if (b->runs == 0)
                continue;
            fprintf(f, "%" PRIu64, b->runs);
            for (size_t j = 0; j < b->length; j++)
                fprintf(f, " %08" PRIx32, b->code[j]);
            fputc('\n', f);
        }
    fclose(f);
}

EXPORTED int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++)
        if (strncmp(argv[i], "out=", 4) == 0)
            out = strdup(argv[i] + 4);
    if (!out) {
        fprintf(stderr, "blocks: say where to write, out=FILE\n");
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, finished, NULL);
    return 0;
}
