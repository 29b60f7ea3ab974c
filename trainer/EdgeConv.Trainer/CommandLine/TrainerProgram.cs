using System.CommandLine;
using EdgeConv.Converters.Data;
using EdgeConv.Converters.Networks;

namespace EdgeConv.Trainer.CommandLine;

/// <summary>The trainer as a program; `edgeconv train` starts it.</summary>
public static class TrainerProgram
{
    /// <summary>Runs one command line. A user's mistake is a line on the error stream.</summary>
    /// <param name="args">Verb first: train.</param>
    /// <returns>0 done, 1 failed, 2 bad usage, 130 stopped by Ctrl-C.</returns>
    public static async Task<int> Run(string[] args)
    {
        var root = new RootCommand("Trains ConvNets for EdgeConv.");
        root.Subcommands.Add(TrainCommand.Create());

        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors) Console.Error.WriteLine(error.Message);
            Console.Error.WriteLine("`edgeconv train -- --help` lists what there is.");
            return ExitCode.Usage;
        }

        // The first Ctrl-C stops between two steps; a second ends the process at once, which the run folder survives as well.
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        };
        try
        {
            var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await parsed.InvokeAsync(invocation, stop.Token);
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Stopped."); // before the training: while a data set was downloaded, say
            return ExitCode.Stopped;
        }
        catch (Exception e) when (e is UsageException or UnknownNetworkException)
        {
            Console.Error.WriteLine(e.Message);
            return ExitCode.Usage;
        }
        catch (Exception e) when (e is TrainingException or NetworkException or DataSetException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(e.Message);
            return ExitCode.Failed;
        }
    }
}
