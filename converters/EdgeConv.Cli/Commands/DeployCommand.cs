using System.CommandLine;
using EdgeConv.Cli.Deployment;
using EdgeConv.Cli.Screen;

namespace EdgeConv.Cli.Commands;

/// <summary>`deploy`: a model on a board, tested there, started there; or an application on a nanoFramework board.</summary>
internal static class DeployCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string?> model = new("model") { Description = "The model file (.ecm); for nanodevice also the folder of an application that was built.", Arity = ArgumentArity.ZeroOrOne };
        Option<string> to = new("--to") { Description = "The board, as ssh knows it, or the serial port of a nanoFramework board: nanodevice:PORT.", HelpName = "user@host[:port]", Required = true };
        Option<string?> config = File("--config", "The agent's configuration (agent.toml). Without it the one that is there stays.");
        Option<string?> camera = new("--camera") { Description = "The camera of a board that has no configuration yet [default: v4l2:/dev/video0].", HelpName = "uri" };
        Option<string?> agent = File("--agent", "The agent's program, for the board's processor. Without it the one that comes with edgeconv; a checkout builds it where it is missing.");
        Option<bool> own = new("--user-service") { Description = "A service of the user's own, without root." };
        Option<bool> none = new("--no-service") { Description = "Put it there and test it, but start nothing." };
        Option<string?> folder = new("--folder") { Description = "The folder there [default: /opt/edgeconv, or ~/edgeconv without root].", HelpName = "path" };
        Option<string?> ssh = File("--ssh-config", "A configuration of ssh instead of ~/.ssh/config.");
        Option<bool> only = new("--model-only") { Description = "Only a new model, or package, to the gate of the agent that runs there; its configuration must have [update] slots." };
        Option<string?> key = File("--key", "The private key that signs the model. Without it model.ecm.sig beside it goes along, if there is one.");
        Option<long?> version = SharedSymbols.ModelVersion(" With a signature or a package, which have theirs, it must be that one.");
        Option<bool> rollback = new("--rollback") { Description = "Bring the version before back." };
        NanoDeploySymbols nano = new();
        Option<bool> json = SharedSymbols.Json();
        Symbol[] linux = [config, camera, agent, own, none, folder, ssh, only, key, version, rollback];
        return Verb.Create(
            "deploy",
            "Copy agent, model and configuration to a board over ssh, test the model there, and run it as a service; or write an application to a nanoFramework board.",
            ["edgeconv deploy lenet5.ecm --to pi@raspberrypi.local", "edgeconv deploy lenet5.ecm --to pi@10.0.0.7 --config agent.toml --user-service",
                "edgeconv deploy lenet5.ecm --to pi@raspberrypi.local --model-only --key k.pem --model-version 12",
                "edgeconv deploy --rollback --to pi@raspberrypi.local", "edgeconv deploy app --to nanodevice:/dev/ttyUSB0"],
            [model, to, .. linux, .. nano.All, json],
            (parsed, cancel) =>
            {
                if (NanoDeploySymbols.IsFor(parsed.GetRequiredValue(to)))
                {
                    NanoDeploySymbols.Refuse(parsed, linux, "boards that run Linux");
                    return nano.Run(parsed.GetValue(model), parsed.GetRequiredValue(to), parsed, parsed.GetValue(json), terminal, cancel);
                }

                NanoDeploySymbols.Refuse(parsed, nano.All, "nanoFramework boards: --to nanodevice:PORT");
                if (parsed.GetValue(own) && parsed.GetValue(none))
                {
                    throw new UsageException("--user-service and --no-service exclude each other.");
                }

                DeployOptions options = new(DeployTarget.Parse(parsed.GetRequiredValue(to)))
                {
                    Model = parsed.GetValue(model),
                    Config = Existing(parsed.GetValue(config)),
                    Key = Existing(parsed.GetValue(key)),
                    ModelVersion = SharedSymbols.ModelVersion(parsed.GetValue(version)),
                    Agent = Existing(parsed.GetValue(agent)),
                    Service = parsed.GetValue(own) ? DeployService.User : parsed.GetValue(none) ? DeployService.None : DeployService.System,
                    Folder = Absolute(parsed.GetValue(folder)),
                    SshConfig = Existing(parsed.GetValue(ssh)),
                };
                options = parsed.GetValue(camera) is { } uri ? options with { Camera = uri } : options;
                CheckCamera(options.Camera);
                return parsed.GetValue(only) ? UpdateModel(options, parsed.GetValue(rollback), parsed.GetValue(json), terminal, cancel)
                    : Run(options, parsed.GetValue(rollback), parsed.GetValue(json), terminal, cancel);
            });
    }

    private static int UpdateModel(DeployOptions options, bool rollback, bool json, Terminal terminal, CancellationToken cancel)
    {
        if (rollback || options.Config is not null || options.Agent is not null || options.Model is null)
        {
            throw new UsageException("--model-only takes a model or a package, and neither --config, --agent nor --rollback.");
        }

        string said = new DeployRun(options, terminal, cancel).UpdateModel();
        if (json)
        {
            terminal.Json(new { Host = options.Target.Host, Answer = said });
            return ExitCode.Done;
        }

        terminal.Line($"{options.Target.Host}: {said}");
        return ExitCode.Done;
    }

    private static int Run(DeployOptions options, bool rollback, bool json, Terminal terminal, CancellationToken cancel)
    {
        if (rollback == options.Model is not null)
        {
            throw new UsageException(rollback ? "--rollback brings back what is there; it takes no model." : "name the model file, or --rollback.");
        }

        if (rollback && options.ModelVersion is not null)
        {
            throw new UsageException("--rollback brings back what is there; it has its version already.");
        }

        DeployRun run = new(options, terminal, cancel);
        DeployResult result = rollback ? run.Rollback() : run.Deploy();
        if (json)
        {
            terminal.Json(result);
            return ExitCode.Done;
        }

        if (result.SelfTest.Length > 0)
        {
            terminal.Line(result.SelfTest);
        }

        terminal.Line($"{result.Host}: {result.Folder}/current is {result.Version}");
        terminal.Line(result.Previous is null ? "there is no version before it" : $"before it was {result.Previous}; --rollback brings it back");
        return ExitCode.Done;
    }

    private static Option<string?> File(string name, string description) => new(name) { Description = description, HelpName = "file" };

    private static string? Existing(string? file) => file is null || System.IO.File.Exists(file)
        ? file
        : throw new FailureException($"{file}: no such file.");

    // Before anything is copied. Whether a path is there, and what it is, only the board knows.
    private static void CheckCamera(string uri)
    {
        if (!uri.StartsWith('/'))
        {
            CameraSymbols.Parse(uri);
        }
    }

    // It becomes a part of scripts and of a unit; a relative one would mean something else in each.
    private static string? Absolute(string? folder) => folder is null || folder.StartsWith('/') && !folder.Any(char.IsControl)
        ? folder?.TrimEnd('/')
        : throw new UsageException($"--folder {folder}: expected a path that begins with '/'.");
}
