using EdgeConv.Agent.Configuring;
using EdgeConv.Agent.Operating;
using EdgeConv.Devices.Updating;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Agent;

/// <summary>Brings a package to the gate, and tells what the slots hold.</summary>
internal static class UpdateCommand
{
    /// <summary>The options of update.</summary>
    public static IReadOnlyList<string> Options { get; } = ["--config", "--path", "--threads", "--allow", .. UpdateSettings.Options];

    /// <summary>The options of slots.</summary>
    public static IReadOnlyList<string> SlotOptions { get; } = ["--config", "--slots"];

    /// <summary>update PACKAGE [--config FILE] [--slots FOLDER] [--key FILE] [--allow rollback].</summary>
    /// <returns>Whether it runs next, or runs already.</returns>
    public static bool Update(Arguments arguments, TextWriter output, TextWriter error)
    {
        string package = arguments.ExpectWords("PACKAGE")[0];
        AgentSettings? settings = Settings(arguments);
        UpdateSettings update = Over(settings, arguments);
        if (arguments.Option("--allow") is { } allow)
        {
            update = allow == "rollback" ? update with { AllowsRollback = true } : throw new UsageException($"--allow {allow}: expected rollback.");
        }

        KernelPath path = (arguments.Option("--path") ?? settings?.Path) is { } name ? KernelPath.Parse(name) : KernelPath.Default;
        int threads = arguments.Option("--threads") is null && settings?.Threads is { } own ? own : arguments.Threads();
        IUpdateGate gate = update.OpenGate(next => WatchSession.Objection(settings?.Rules ?? [], next, classes: null), path, threads);
        UpdateResult result = gate.Accept(package);
        if (result.Outcome == UpdateOutcome.Refused)
        {
            error.WriteLine($"edgeconv-agent: refused ({result.Reason}): {result.Message}");
            return false;
        }

        output.WriteLine(result.Message);
        return true;
    }

    /// <summary>slots [confirm | back] [--config FILE] [--slots FOLDER].</summary>
    public static void Slots(Arguments arguments, TextWriter output)
    {
        string? word = arguments.AtMostOneModel();
        ModelSlots slots = Over(Settings(arguments), arguments).OpenSlots();
        SlotStatus status = slots.Status();
        switch (word)
        {
            case null:
                break;
            case "confirm":
                Demand(status.Current is { } current && slots.Confirm(current.ModelHash), "nothing is on trial.");
                break;
            case "back":
                // By hand also to no package at all: the model that then runs may be named on the agent's command line, which is not known here.
                Demand(status is { State: TrialState.OnTrial, Current: { } trial } ? slots.GoBack(trial.ModelHash, "taken back by hand", () => status.Previous is null) : status.Previous is not null && slots.ChangeOver(), "there is no package before this one.");
                break;
            default:
                throw new UsageException($"slots {word}: expected nothing, confirm or back.");
        }

        Print(slots.Status(), output);
    }

    private static void Print(SlotStatus status, TextWriter output)
    {
        output.WriteLine($"state     {status.State switch
        {
            TrialState.Empty => "empty",
            TrialState.OnTrial => "on trial",
            TrialState.Confirmed => "confirmed",
            TrialState.NoWayBack when status.Failed?.ModelHash != status.Current?.ModelHash => $"went back to a model that failed its own trial: {status.Note}",
            TrialState.NoWayBack => $"failed its trial, and runs on, since there is none before it: {status.Note}",
            _ => $"went back: {status.Note}",
        }}");
        foreach ((string name, InstalledPackage? package) in new[] { ("current", status.Current), ("previous", status.Previous), ("failed", status.Failed) })
        {
            output.WriteLine($"{name,-10}{(package is null ? "-" : $"{package.Name} {package.Version} {package.ModelHash[..16]}")}");
        }
    }

    private static AgentSettings? Settings(Arguments arguments) =>
        arguments.Option("--config") is { } file ? AgentSettings.Read(file, looksAtFiles: false) : null;

    private static UpdateSettings Over(AgentSettings? settings, Arguments arguments) => (settings?.Update ?? new UpdateSettings()).Over(arguments);

    private static void Demand(bool isDone, string otherwise)
    {
        if (!isDone)
        {
            throw new FailureException(otherwise);
        }
    }
}
