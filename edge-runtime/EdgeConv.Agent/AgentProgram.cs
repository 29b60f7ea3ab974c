using EdgeConv.Agent.Configuring;
using EdgeConv.Agent.Operating;
using EdgeConv.Devices.Cameras;
using EdgeConv.Devices.Frames;
using EdgeConv.Devices.Gpio;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Agent;

/// <summary>The agent's verbs, and what becomes of their errors.</summary>
public static class AgentProgram
{
    private const int Done = 0;
    private const int Failed = 1;
    private const int BadUsage = 2;

    private const string Help = $$"""
        edgeconv-agent: runs an EdgeConv model on this board.

          edgeconv-agent run MODEL PICTURE              classify a picture (PNG, JPEG, BMP, PGM, PPM), or a folder of them
          edgeconv-agent run MODEL --camera URI         say which class the camera sees, until Ctrl-C: frame, class, confidence
              --pins 17,27,...                          switch a GPIO line a class; --active low where 0 V means on
              --threshold 0.5 --votes 5 --hold 0        least confidence, frames that vote, milliseconds a class stays
              --save-as CLASS --to FOLDER               save the frames for training
              --frames N                                end after N frames
              --serve :8080                             a page with the live picture; 0.0.0.0:8080 for the whole network, with a token
              --token-file FILE --frames-to FOLDER      where its token and the frames that are labelled there are kept
              --config FILE                             all of this and more from a file: rules, MQTT, GPIO (see AGENT.md)
          edgeconv-agent check --config FILE            say what is wrong with such a file, and do nothing
          edgeconv-agent install [MODEL]                make it a service: write a systemd unit
              --config FILE                             for this configuration; /etc/edgeconv/agent.toml without it
              --user NAME --root DIR --scope user       another account; into an image; without root, for oneself
              --agent FILE                              the program that the unit starts, if not this one
          edgeconv-agent uninstall                      take the unit away
          edgeconv-agent safe --config FILE             switch the lines of all rules off, as the service does after a crash
          edgeconv-agent cameras                        video devices with their formats and sizes
          edgeconv-agent run MODEL --raw IN             int8 inputs end to end in a file; prints the class of each
              --raw-out OUT                             write the int8 outputs instead
              --repeat N                                run each input N times and print the time
          edgeconv-agent selftest MODEL                 compare with the golden vectors in the model, layer by layer
          edgeconv-agent bench MODEL                    time of the model on each path, and of each layer
          edgeconv-agent paths                          kernel paths, best first, and which of them this processor has

          --path NAME     one kernel path (run, selftest, bench); 'all' (selftest, bench). EDGECONV_PATH does the same.
          --threads N     threads that share the work of large layers (run, bench); the answers are the same
          --help, --version

        URI: {{CameraUri.Forms}}
        Example: edgeconv-agent run lenet5.ecm --camera v4l2:/dev/video0
        Exit code: 0 done, 1 failed, 2 bad usage.
        """;

    /// <summary>Runs one command line; never throws for a user's mistake.</summary>
    /// <returns>0 done, 1 failed, 2 bad usage.</returns>
    public static int Run(string[] args, TextWriter output, TextWriter error)
    {
        try
        {
            return Dispatch(args, output);
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
        catch (Exception mistake) when (mistake is UsageException or KernelPathException)
        {
            error.WriteLine($"edgeconv-agent: {mistake.Message}");
            error.WriteLine("See edgeconv-agent --help.");
            return BadUsage;
        }
        catch (Exception failure) when (failure is FailureException or ModelFormatException or FrameException or GpioException or IOException
            or UnauthorizedAccessException)
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
            RunCommand.Execute(all.Refuse(WatchCommand.Options, "goes with a camera"), output);
        }
        else
        {
            WatchCommand.Execute(all.Refuse(files, "does not go with a camera"), output);
        }
    }

    private static int Dispatch(string[] args, TextWriter output)
    {
        if (args.Length == 0 || args.Contains("--help") || args.Contains("-h"))
        {
            output.WriteLine(Help);
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
                return SelfTestCommand.Execute(Arguments.Parse(args, "--path"), output) ? Done : Failed;
            case "bench":
                BenchCommand.Execute(Arguments.Parse(args, "--path", "--threads"), output);
                return Done;
            case "paths":
                Arguments.Parse(args).ExpectWords();
                PathsCommand.Execute(output);
                return Done;
            case "--version":
                output.WriteLine(typeof(AgentProgram).Assembly.GetName().Version?.ToString(3));
                return Done;
            default:
                throw new UsageException($"'{args[0]}' is no verb; expected run, check, install, uninstall, safe, cameras, selftest, bench or paths.");
        }
    }
}

/// <summary>The command line does not make sense.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>The command line makes sense, but cannot be done.</summary>
internal sealed class FailureException(string message) : Exception(message);
