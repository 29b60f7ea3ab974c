using System.CommandLine;
using EdgeConv.Cli.Commands;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters;
using EdgeConv.Converters.Boards;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Converters.Data;
using EdgeConv.Converters.Networks;
using EdgeConv.Converters.Onnx;
using EdgeConv.Converters.TfLite;
using EdgeConv.Devices.Frames;
using EdgeConv.Devices.Updating;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Kernels;
using Microsoft.ML.OnnxRuntime;

namespace EdgeConv.Cli;

/// <summary>The command line as a function: arguments in, exit code out. A user's mistake is one line on the error stream.</summary>
public static class App
{
    /// <summary>Runs one command.</summary>
    /// <param name="args">Verb first.</param>
    /// <param name="terminal">Where results, notes and errors go.</param>
    /// <param name="cancel">Asks the work to stop and to remove what it has half done.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Run(IReadOnlyList<string> args, Terminal terminal, CancellationToken cancel = default)
    {
        RootCommand root = Build(terminal);
        try
        {
            ParseResult parsed = root.Parse(args.Count == 0 ? ["--help"] : TrainCommand.Separate(args));
            UsageErrors.Check(parsed);
            InvocationConfiguration configuration = new()
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
                Output = terminal.Output,
                Error = terminal.Errors,
            };
            return parsed.InvokeAsync(configuration, cancel).GetAwaiter().GetResult();
        }
        catch (Exception exception)
        {
            return Report(exception, terminal);
        }
    }

    private static RootCommand Build(Terminal terminal)
    {
        RootCommand root = new("EdgeConv takes a ConvNet from a desktop to a small board: train, quantize, convert, check, run.");
        root.Add(QuickstartCommand.Create(terminal));
        root.Add(TrainCommand.Create(terminal));
        root.Add(ModelsCommand.Create(terminal));
        root.Add(AugmentCommand.Create(terminal));
        root.Add(ConvertCommand.Create(terminal));
        root.Add(InspectCommand.Create(terminal));
        root.Add(RunCommand.Create(terminal));
        root.Add(EvaluateCommand.Create(terminal));
        root.Add(VerifyCommand.Create(terminal));
        root.Add(BenchCommand.Create(terminal));
        root.Add(ExportCommand.Create(terminal));
        root.Add(VisualizeCommand.Create(terminal));
        root.Add(FilterCommand.Create(terminal));
        root.Add(KeygenCommand.Create(terminal));
        root.Add(SignCommand.Create(terminal));
        root.Add(DeployCommand.Create(terminal));
        root.Add(BoardsCommand.Create(terminal));
        Verb.AddExamples(root, ["edgeconv quickstart", "edgeconv convert runs/lenet5 -o lenet5.ecm --calibrate mnist"]);
        return root;
    }

    private static int Report(Exception exception, Terminal terminal)
    {
        while (exception is AggregateException or TypeInitializationException && exception.InnerException is { } inner)
        {
            exception = inner;
        }

        switch (exception)
        {
            case OperationCanceledException:
                terminal.Note("stopped; nothing half written was left behind");
                return ExitCode.Interrupted;
            case UsageException or KernelPathException or BoardException or UnknownNetworkException:
                terminal.Error(exception.Message);
                return ExitCode.Usage;
            case FailureException or PackageException or FrameException or NetworkException or DataSetException or ModelFormatException or OnnxImportException
                or TfLiteImportException or ConversionException or CodeGenException or OnnxRuntimeException or IOException or UnauthorizedAccessException:
                terminal.Error(exception.Message);
                return ExitCode.Failed;
            default:
                terminal.Error($"{exception.GetType().Name}: {exception.Message} This is a bug in edgeconv; "
                    + "EDGECONV_TRACE=1 shows where it happened.");
                if (Environment.GetEnvironmentVariable("EDGECONV_TRACE") == "1")
                {
                    terminal.Errors.WriteLine(exception);
                }

                return ExitCode.Failed;
        }
    }
}
