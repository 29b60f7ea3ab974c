namespace EdgeConv.Agent.Operating;

/// <summary>One line an event. Where systemd's journal reads them they begin with their priority, which it takes off and files.</summary>
internal sealed class Journal(TextWriter output, bool isJournal)
{
    private const int WarningPriority = 4;
    private const int InformationPriority = 6;

    private readonly Lock _lock = new();

    /// <summary>A log on the process's output.</summary>
    public static Journal On(TextWriter output) =>
        new(output, LeadsToJournal(Environment.GetEnvironmentVariable("JOURNAL_STREAM"), new FileInfo("/proc/self/fd/1").LinkTarget));

    /// <summary>What is as it should be.</summary>
    public void Information(string text) => Write(InformationPriority, text);

    /// <summary>What someone may have to see to.</summary>
    public void Warning(string text) => Write(WarningPriority, text);

    /// <summary>Whether the output is the stream that systemd announced; it may have been redirected since.</summary>
    /// <param name="announced">device:inode, or null.</param>
    /// <param name="target">Where the output leads, as /proc tells: socket:[inode].</param>
    internal static bool LeadsToJournal(string? announced, string? target) =>
        announced is not null && announced.IndexOf(':') is >= 0 and int colon && target == $"socket:[{announced[(colon + 1)..]}]";

    private void Write(int priority, string text)
    {
        // A line break would begin an event of its own.
        string line = text.ReplaceLineEndings(" ");
        lock (_lock)
        {
            output.WriteLine(isJournal ? $"<{priority}>{line}" : line);
            output.Flush();
        }
    }
}
