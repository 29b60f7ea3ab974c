using EdgeConv.Agent.Configuring;
using EdgeConv.Agent.Operating;
using EdgeConv.Devices.Frames;
using EdgeConv.Devices.Gpio;
using EdgeConv.Devices.Updating;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Agent;

/// <summary>The agent's verbs, and what becomes of their errors.</summary>
public static class AgentProgram
{
    private const int Done = 0;
    private const int Failed = 1;
    private const int BadUsage = 2;
    private const int Refused = 3;
    private const int NoSlots = 4;

    /// <summary>This program's version, which packages may ask for.</summary>
    internal static Version Version { get; } = typeof(AgentProgram).Assembly.GetName().Version!;

    /// <summary>Runs one command line; never throws for a user's mistake.</summary>
    /// <returns>0 done, 1 failed, 2 bad usage, 3 a package that was refused, 4 no slots are named.</returns>
    public static int Run(string[] args, TextWriter output, TextWriter error)
    {
        try
        {
            return Dispatch(args, output, error);
        }
        catch (ConfigurationException mistakes)
        {
            foreach (string mistake in mistakes.Mistakes)
            {
                error.WriteLine(mistake);
            }

            error.WriteLine($"edgeconv-agent: {mistakes.Message}");
            return BadUsage;
        }
        catch (NoSlotsException none)
        {
            error.WriteLine($"edgeconv-agent: {none.Message}");
            return NoSlots;
        }
        catch (Exception mistake) when (mistake is UsageException or KernelPathException)
        {
            error.WriteLine($"edgeconv-agent: {mistake.Message}");
            error.WriteLine($"See edgeconv-agent{(HelpText.IsVerb(args[0]) ? " " + args[0] : "")} --help.");
            return BadUsage;
        }
        catch (Exception failure) when (failure is FailureException or ModelFormatException or FrameException or GpioException or PackageException
            or IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"edgeconv-agent: {failure.Message}");
            return Failed;
        }
    }

    private static void Run(string[] args, TextWriter output)
    {
        string[] files = ["--raw", "--raw-out", "--repeat"];
        Arguments all = Arguments.Parse(args, [.. files, "--path", "--threads", .. WatchCommand.Options]);
        if (all.Option("--camera") is null && all.Option("--config") is null)
        {
            RunCommand.Execute(all.Refuse([.. WatchCommand.Options.Where(option => option != "--key")], "goes with a camera"), output);
        }
        else
        {
            WatchCommand.Execute(all.Refuse(files, "does not go with a camera"), output);
        }
    }

    private static int Dispatch(string[] args, TextWriter output, TextWriter error)
    {
        if (args.Length == 0 || args.Contains("--help") || args.Contains("-h"))
        {
            output.WriteLine(HelpText.For(args));
            return args.Length == 0 ? BadUsage : Done;
        }

        switch (args[0])
        {
            case "run":
                Run(args, output);
                return Done;
            case "check":
                CheckCommand.Execute(Arguments.Parse(args, "--config"), output);
                return Done;
            case "update":
                return UpdateCommand.Update(Arguments.Parse(args, [.. UpdateCommand.Options]), output, error) ? Done : Refused;
            case "slots":
                UpdateCommand.Slots(Arguments.Parse(args, [.. UpdateCommand.SlotOptions]), output);
                return Done;
            case "install":
                InstallCommand.Install(Arguments.Parse(args, [.. InstallCommand.Options]), output);
                return Done;
            case "uninstall":
                InstallCommand.Uninstall(Arguments.Parse(args, "--root", "--scope"), output);
                return Done;
            case "safe":
                SafeCommand.Execute(Arguments.Parse(args, "--config"), output);
                return Done;
            case "cameras":
                Arguments.Parse(args).ExpectWords();
                CamerasCommand.Execute(output);
                return Done;
            case "selftest":
                return SelfTestCommand.Execute(Arguments.Parse(args, "--path", "--key"), output) ? Done : Failed;
            case "bench":
                BenchCommand.Execute(Arguments.Parse(args, "--path", "--threads", "--key"), output);
                return Done;
            case "paths":
                Arguments.Parse(args).ExpectWords();
                PathsCommand.Execute(output);
                return Done;
            case "--version":
                output.WriteLine(AgentVersion.Text);
                return Done;
            default:
                throw new UsageException($"'{args[0]}' is no verb; expected {HelpText.Verbs}.");
        }
    }
}

/// <summary>The command line does not make sense.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>Slots are asked for where neither the command line nor the configuration names any: no mistake of a board that has none.</summary>
internal sealed class NoSlotsException(string message) : Exception(message);

/// <summary>The command line makes sense, but cannot be done.</summary>
internal sealed class FailureException(string message) : Exception(message);
