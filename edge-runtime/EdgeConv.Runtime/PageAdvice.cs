using System.Runtime.InteropServices;

namespace EdgeConv.Runtime;

/// <summary>What Linux is told about memory that is used in an unusual way. Advice: nothing depends on whether it is taken.</summary>
internal static unsafe partial class PageAdvice
{
    /// <summary>A large page on x64, and on ARM64 with pages of 4 KB.</summary>
    public const uint LargePage = 2 * 1024 * 1024;

    private const int DontNeed = 4;
    private const int HugePage = 14;
    private const int PopulateRead = 22;   // since Linux 5.14

    /// <summary>Large pages for memory that is read from end to end: fewer faults while it is filled, fewer misses while it is read.</summary>
    public static void PreferLargePages(byte* start, nuint length) => Advise(start, length, HugePage);

    /// <summary>
    /// Pages of a mapped file that were read and are not needed soon: they no longer count as this process's memory, and come back from
    /// the file when they are read again. Only for mapped files; other memory would lose its content.
    /// </summary>
    public static void ForgetMapped(byte* start, nuint length)
    {
        nuint page = (nuint)Environment.SystemPageSize, first = ((nuint)start + page - 1) / page * page, end = ((nuint)start + length) / page * page;
        if (first < end)
        {
            Advise((byte*)first, end - first, DontNeed);
        }
    }

    /// <summary>Pages of a mapped file that will all be read now: one call instead of a fault for each few of them.</summary>
    public static void ReadAhead(byte* start, nuint length)
    {
        nuint page = (nuint)Environment.SystemPageSize, first = (nuint)start / page * page;
        Advise((byte*)first, (nuint)start + length - first, PopulateRead);
    }

    private static void Advise(byte* start, nuint length, int advice)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = MemoryAdvise(start, length, advice);
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int MemoryAdvise(byte* start, nuint length, int advice);
}
