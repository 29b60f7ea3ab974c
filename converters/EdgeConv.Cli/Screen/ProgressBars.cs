using Spectre.Console;

namespace EdgeConv.Cli.Screen;

/// <summary>One bar a title, gone when the work is done.</summary>
internal static class ProgressBars
{
    /// <summary>Runs the work below its bars.</summary>
    public static void Run(IAnsiConsole console, Action<Action<string, long, long>> work) => console.Progress()
        .AutoClear(true)
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
        .Start(context =>
        {
            Dictionary<string, ProgressTask> bars = [];
            work((title, done, total) =>
            {
                lock (bars)
                {
                    if (!bars.TryGetValue(title, out ProgressTask? bar))
                    {
                        bars[title] = bar = context.AddTask(Markup.Escape(title), maxValue: Math.Max(1, total));
                    }

                    // Reports of several threads may overtake each other.
                    bar.Value = Math.Max(bar.Value, done);
                }
            });
        });
}
