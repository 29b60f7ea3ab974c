// stopwatch RUNS NAME COMMAND... -- NAME COMMAND... [-- ...]
// Starts the commands in turn, RUNS times each, and prints for each the median wall time from start to exit and the median of the largest
// resident memory; then how each stands to the last one. A command that prints '@ BEGUN READY ANSWERED', nanoseconds of CLOCK_MONOTONIC,
// is also timed from its start to its first line (the runtime), from there until its network is ready, and from there to the first answer.
#define _GNU_SOURCE // pipe2
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_RUNS = 1000, MOST_COMMANDS = 8, FIGURES = 5 };

static const char *const heads[FIGURES] = {"in all ms", "runtime ms", "load ms", "first run ms", "peak MB"};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void fail(const char *command)
{
    fprintf(stderr, "stopwatch: %s failed\n", command);
    exit(1);
}

// What the command prints is kept as far as it fits; all of it is read, so that no command waits.
static void listen(int from, char *said, size_t room)
{
    size_t length = 0;
    ssize_t n;
    char rest[4096];
    while ((n = length + 1 < room ? read(from, said + length, room - 1 - length) : read(from, rest, sizeof rest)) > 0)
        length += length + 1 < room ? n : 0;
    said[length] = '\0';
}

// One run; dies when the command does not end with 0, since a failing program starts fast. What is not known is -1.
static void run(char **command, double *figures)
{
    static char said[65536];
    int status, pipes[2];
    struct rusage usage;
    if (pipe2(pipes, O_CLOEXEC) < 0)
        fail("pipe");
    double start = now();
    pid_t child = vfork();
    if (child == 0) {
        dup2(pipes[1], 1);
        execvp(command[0], command);
        _exit(127);
    }
    close(pipes[1]);
    listen(pipes[0], said, sizeof said);
    close(pipes[0]);
    if (child < 0 || wait4(child, &status, 0, &usage) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail(command[0]);
    figures[0] = now() - start;
    figures[1] = figures[2] = figures[3] = -1;
    figures[4] = usage.ru_maxrss / 1024.0;

    double begun, ready, answered;
    const char *stamps = strrchr(said, '@');
    if (stamps != NULL && sscanf(stamps, "@ %lf %lf %lf", &begun, &ready, &answered) == 3) {
        figures[1] = begun / 1e6 - start;
        figures[2] = (ready - begun) / 1e6;
        figures[3] = (answered - ready) / 1e6;
    }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// The figures, or their ratio to others.
static void print(const char *name, const double *figures, const double *than)
{
    printf("%-36s", name);
    for (int f = 0; f < FIGURES; f++) {
        if (figures[f] < 0 || (than != NULL && than[f] <= 0))
            printf(" %12s", "");
        else
            printf(" %12.*f", than != NULL ? 3 : 2, than != NULL ? figures[f] / than[f] : figures[f]);
    }
    putchar('\n');
}

int main(int argc, char **argv)
{
    static double taken[MOST_COMMANDS][FIGURES][MOST_RUNS];
    double figures[FIGURES], medians[MOST_COMMANDS][FIGURES];
    char **commands[MOST_COMMANDS];
    int runs = argc > 1 ? atoi(argv[1]) : 0, count = 0, first = 2, usable = runs >= 1 && runs <= MOST_RUNS;
    for (int i = 2; usable && i <= argc; i++) {
        if (i < argc && strcmp(argv[i], "--") != 0)
            continue;
        usable = i - first >= 2 && count < MOST_COMMANDS;
        if (usable)
            commands[count++] = argv + first;
        argv[i] = NULL; // argv[argc] is NULL anyway.
        first = i + 1;
    }
    if (!usable || count == 0) {
        fprintf(stderr, "usage: stopwatch RUNS NAME COMMAND... -- NAME COMMAND... [-- ...]\n");
        return 2;
    }

    for (int r = -1; r < runs; r++) { // The first round brings files into the page cache.
        for (int c = 0; c < count; c++) {
            run(commands[c] + 1, figures);
            for (int f = 0; f < FIGURES && r >= 0; f++)
                taken[c][f][r] = figures[f];
        }
    }

    printf("medians of %-4d starts, in turn      ", runs);
    for (int f = 0; f < FIGURES; f++)
        printf(" %12s", heads[f]);
    putchar('\n');
    for (int c = 0; c < count; c++) {
        for (int f = 0; f < FIGURES; f++) {
            qsort(taken[c][f], runs, sizeof(double), ascending);
            medians[c][f] = taken[c][f][runs / 2];
        }
        print(commands[c][0], medians[c], NULL);
    }
    for (int c = 0; c < count - 1; c++) {
        char than[128];
        snprintf(than, sizeof than, "  %s, ratio to the last", commands[c][0]);
        print(than, medians[c], medians[count - 1]);
    }
    return 0;
}
