using System.Diagnostics;

namespace EdgeConv.Cli.Screen;

/// <summary>A line every few seconds, for logs; nothing for work that is short.</summary>
internal sealed class ProgressLines(Action<string> write)
{
    private static readonly TimeSpan _between = TimeSpan.FromSeconds(5);
    private readonly Stopwatch _sinceLine = Stopwatch.StartNew();

    /// <summary>Says how far the work is, when the last line is old enough.</summary>
    public void Show(string title, long done, long total)
    {
        lock (_sinceLine)
        {
            if (_sinceLine.Elapsed > _between && done < total)
            {
                _sinceLine.Restart();
                write($"{title}: {Units.Count(done)} of {Units.Count(total)}");
            }
        }
    }
}
