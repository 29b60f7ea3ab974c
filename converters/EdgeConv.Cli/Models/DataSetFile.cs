using EdgeConv.Cli.Screen;
using EdgeConv.Converters.Data;

namespace EdgeConv.Cli.Models;

/// <summary>Opens the data set that a command line names.</summary>
internal static class DataSetFile
{
    /// <summary>Downloads a named data set first when this machine has not got it.</summary>
    /// <exception cref="DataSetException">It is not here and cannot be brought, or it is broken.</exception>
    public static IDataSet Open(string nameOrPath, Split split, Terminal terminal, CancellationToken cancel)
    {
        if (DataSets.ToDownload(nameOrPath) is { } download)
        {
            terminal.Note(download.Notice);
            terminal.Stages(show => download.Run(show, cancel));
        }

        return DataSets.Open(nameOrPath, split);
    }
}
