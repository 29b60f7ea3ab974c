using System.Runtime.InteropServices;

namespace EdgeConv.Agent.Serving;

/// <summary>Lets work that can wait give way: on Linux every thread has a niceness of its own, which .NET does not set.</summary>
internal static partial class ThreadPriorities
{
    private const int OfProcessOrThread = 0;
    private const int Nice = 10;

    /// <summary>Gives way to the threads that classify. Nothing depends on whether it is granted.</summary>
    public static void LowerThisThread()
    {
        if (OperatingSystem.IsLinux())
        {
            // 0 is the caller: this thread, not the process.
            _ = SetPriority(OfProcessOrThread, 0, Nice);
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);
}
