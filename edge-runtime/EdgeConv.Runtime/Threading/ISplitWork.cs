namespace EdgeConv.Runtime.Threading;

/// <summary>Work that falls into units which several threads may do in any order.</summary>
internal interface ISplitWork
{
    /// <summary>Does units [first, end).</summary>
    /// <param name="first">First unit.</param>
    /// <param name="end">Behind the last.</param>
    /// <param name="lane">Which of the threads is at work, from 0: no two at once have the same, so each may have its own scratch.</param>
    void Run(int first, int end, int lane);
}
