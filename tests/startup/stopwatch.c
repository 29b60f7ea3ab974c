// stopwatch RUNS COMMAND... -- COMMAND...
// Starts the two commands in turn, RUNS times each, and prints for each the median, the fastest and the slowest wall
// time from start to exit and the largest resident memory; then the ratio of the medians.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <fcntl.h>
#include <unistd.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { MOST_RUNS = 1000 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

// One run; dies when the command does not end with 0, since a failing program starts fast.
static double run(char **command, long *kilobytes)
{
    int status;
    struct rusage usage;
    double start = now();
    pid_t child = vfork();
    if (child == 0) {
        execvp(command[0], command);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "stopwatch: %s failed\n", command[0]);
        exit(1);
    }
    double elapsed = now() - start;
    if (usage.ru_maxrss > *kilobytes)
        *kilobytes = usage.ru_maxrss;
    return elapsed;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    static double times[2][MOST_RUNS];
    long kilobytes[2] = {0, 0};
    int runs = argc > 1 ? atoi(argv[1]) : 0, split = 2;
    while (split < argc && strcmp(argv[split], "--") != 0)
        split++;
    if (runs < 1 || runs > MOST_RUNS || split == 2 || split + 1 >= argc) {
        fprintf(stderr, "usage: stopwatch RUNS COMMAND... -- COMMAND...\n");
        return 2;
    }
    argv[split] = NULL;
    char **commands[2] = {argv + 2, argv + split + 1};

    int out = dup(1), nothing = open("/dev/null", O_WRONLY);
    dup2(nothing, 1);
    for (int i = 0; i < 2; i++) // Files into the page cache.
        run(commands[i], &kilobytes[i]);
    for (int r = 0; r < runs; r++)
        for (int i = 0; i < 2; i++)
            times[i][r] = run(commands[i], &kilobytes[i]);
    dup2(out, 1);

    for (int i = 0; i < 2; i++) {
        qsort(times[i], runs, sizeof(double), ascending);
        const char *name = strrchr(commands[i][0], '/');
        printf("%-28s median %8.2f ms  fastest %8.2f  slowest %8.2f  peak memory %6.1f MB\n", name ? name + 1 : commands[i][0],
            times[i][runs / 2], times[i][0], times[i][runs - 1], kilobytes[i] / 1024.0);
    }
    printf("ratio of the medians %.3f over %d runs each\n", times[0][runs / 2] / times[1][runs / 2], runs);
    return 0;
}
