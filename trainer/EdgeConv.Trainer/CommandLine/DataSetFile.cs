using System.Globalization;
using EdgeConv.Converters.Data;
using Spectre.Console;

namespace EdgeConv.Trainer.CommandLine;

/// <summary>Opens the data set that a command line names.</summary>
internal static class DataSetFile
{
    private const int LinesAtMost = 10;

    /// <summary>Downloads a named data set first when this machine has not got it; a bar on a terminal, ten lines elsewhere.</summary>
    /// <exception cref="DataSetException">It is not here and cannot be brought, or it is broken.</exception>
    public static IDataSet Open(string nameOrPath, Split split, CancellationToken cancel)
    {
        if (DataSets.ToDownload(nameOrPath) is { } download)
        {
            Console.Error.WriteLine(download.Notice);
            IAnsiConsole console = AnsiConsole.Console;
            if (console.Profile.Out.IsTerminal && console.Profile.Capabilities.Interactive) ShowBar(console, download, cancel);
            else ShowLines(download, cancel);
        }
        return DataSets.Open(nameOrPath, split);
    }

    private static void ShowBar(IAnsiConsole console, DataSetDownload download, CancellationToken cancel) => console.Progress()
        .AutoClear(true)
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new DownloadedColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
        .Start(context =>
        {
            ProgressTask bar = context.AddTask("");
            download.Run((title, done, total) =>
            {
                bar.Description = Markup.Escape(title);
                (bar.MaxValue, bar.Value) = (total, done);
            }, cancel);
        });

    private static void ShowLines(DataSetDownload download, CancellationToken cancel)
    {
        long shown = 0;
        download.Run((title, done, total) =>
        {
            if (done * LinesAtMost / total <= shown) return;
            shown = done * LinesAtMost / total;
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{title}: {done:N0} of {total:N0}"));
        }, cancel);
    }
}
