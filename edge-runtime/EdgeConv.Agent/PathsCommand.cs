using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Agent;

/// <summary>Shows the dispatch table as this processor sees it.</summary>
internal static class PathsCommand
{
    /// <summary>paths.</summary>
    public static void Execute(TextWriter output)
    {
        KernelPath chosen = KernelPath.Default;
        foreach (KernelPath path in KernelPath.All)
        {
            output.WriteLine($"{path.Name,-12}{(path == chosen ? "default" : path.IsSupported ? "yes" : "no")}");
        }
    }
}
