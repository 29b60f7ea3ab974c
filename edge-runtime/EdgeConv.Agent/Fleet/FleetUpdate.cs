using EdgeConv.Agent.Configuring;
using EdgeConv.Agent.Operating;
using EdgeConv.Agent.Serving;
using EdgeConv.Devices.Updating;

namespace EdgeConv.Agent.Fleet;

/// <summary>An action from its announcement to the word that it is done or failed, over restarts and lost connections.</summary>
internal sealed class FleetUpdate
{
    private const string Deployment = "deploymentBase";
    private const string Cancellation = "cancelAction";
    private const string Success = "success";
    private const string Failure = "failure";
    private const string None = "none";
    private const int MostTries = 20;
    private const int LongestId = 64;

    // hawkBit keeps so much of a message.
    private const int LongestDetail = 512;

    private readonly FleetSettings _settings;
    private readonly DdiClient _client;
    private readonly IUpdateGate _gate;
    private readonly Journal _log;
    private readonly PackageDownload _download;
    private readonly string _file;
    private FleetMemory _memory;

    /// <summary>Goes on where an agent before it stopped.</summary>
    public FleetUpdate(FleetSettings settings, DdiClient client, IUpdateGate gate, Journal log)
    {
        (_settings, _client, _gate, _log) = (settings, client, gate, log);
        _download = new PackageDownload(client, Path.Combine(settings.Folder, "incoming"), settings.Limit);
        _file = Path.Combine(settings.Folder, "fleet.json");
        _memory = FleetMemory.Load(_file);
    }

    /// <summary>Tells how a trial ended, and what the server has not heard yet.</summary>
    public async Task TellPending(CancellationToken stop)
    {
        if (_memory.Stage == ActionStage.OnTrial)
        {
            JudgeTrial();
        }

        if (_memory.Stage is ActionStage.Succeeded or ActionStage.Failed && !_memory.Told.Contains(DdiExecution.Closed))
        {
            await TellEnd(stop).ConfigureAwait(false);
        }
    }

    /// <summary>Does what an update asks for, as far as it is not done.</summary>
    /// <returns>Whether to ask again soon.</returns>
    public async Task<bool> Deploy(DdiLink link, CancellationToken stop)
    {
        DdiAction action;
        try
        {
            action = await _client.Action(link, stop).ConfigureAwait(false);
        }
        catch (FleetException error) when (error.IsGone)
        {
            // Cancelled between the poll and this question.
            return true;
        }

        string id = Checked(action.Id);
        if (id != _memory.Action || _memory.Stage == ActionStage.Cancelled)
        {
            Remember(new FleetMemory { Action = id });
        }

        switch (_memory.Stage)
        {
            case ActionStage.OnTrial:
                return true;
            case ActionStage.Succeeded or ActionStage.Failed:
                // The server has missed how it ended, or wants to hear it again.
                await TellEnd(stop).ConfigureAwait(false);
                return false;
            default:
                return await Work(id, action.Deployment, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Stops an action that has not been handed to the gate.</summary>
    public async Task<bool> Cancel(DdiLink link, CancellationToken stop)
    {
        DdiCancel cancel = await _client.Cancel(link, stop).ConfigureAwait(false);
        string id = Checked(cancel.Id), stopped = Checked(cancel.CancelAction?.StopId ?? cancel.Id);
        bool isTooLate = stopped == _memory.Action && _memory.Stage is ActionStage.OnTrial or ActionStage.Succeeded;
        if (!isTooLate)
        {
            _download.Clear();
            Remember(new FleetMemory { Action = stopped, Stage = ActionStage.Cancelled });
            _log.Information($"fleet: action {stopped} is cancelled");
        }

        DdiStatus status = isTooLate
            ? Status(DdiExecution.Rejected, None, ["The model of this action runs already."])
            : Status(DdiExecution.Closed, Success, ["Cancelled; nothing was installed."]);
        await _client.Tell(Cancellation, id, status, stop).ConfigureAwait(false);
        return true;
    }

    private async Task<bool> Work(string id, DdiDeployment? deployment, CancellationToken stop)
    {
        try
        {
            bool mayInstall = !Is(deployment?.Update, "skip") && !Is(deployment?.MaintenanceWindow, "unavailable");
            if (Is(deployment?.Download, "skip"))
            {
                return false;
            }

            DdiArtifact artifact = Package(deployment);
            PackageDownload.Check(artifact, _settings.MostBytes);
            await TellOnce(id, DdiExecution.Download, [], stop).ConfigureAwait(false);
            string file = await _download.Get(artifact, stop).ConfigureAwait(false);
            await TellOnce(id, DdiExecution.Downloaded, [], stop).ConfigureAwait(false);
            if (mayInstall && !await IsCancelled(stop).ConfigureAwait(false))
            {
                await HandOver(id, file, stop).ConfigureAwait(false);
            }

            return mayInstall;
        }
        catch (RefusedUpdateException refusal)
        {
            await End(ActionStage.Failed, [refusal.Message], stop).ConfigureAwait(false);
            return false;
        }
        catch (Exception error) when ((error is FleetException { IsGone: false } or IOException or UnauthorizedAccessException) && _memory.Stage == ActionStage.Open)
        {
            Remember(_memory with { Tries = _memory.Tries + 1 });
            if (_memory.Tries < MostTries)
            {
                throw;
            }

            await End(ActionStage.Failed, [$"Given up after {MostTries} tries. {error.Message}"], stop).ConfigureAwait(false);
            return false;
        }
    }

    /// <summary>A long download may have outlived the wish for it.</summary>
    private async Task<bool> IsCancelled(CancellationToken stop) => (await _client.Poll(stop).ConfigureAwait(false)).Links?.DeploymentBase is null;

    private async Task HandOver(string id, string file, CancellationToken stop)
    {
        UpdateResult result = await Task.Factory.StartNew(
            () =>
            {
                ThreadPriorities.LowerThisThread();
                return _gate.Accept(file);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).ConfigureAwait(false);
        switch (result.Outcome)
        {
            // It may be an agent's before this one, that died before it could remember the trial: a model is a success only when it stays.
            case UpdateOutcome.AlreadyThere when IsSettled(result.Manifest!.ModelHash):
                await End(ActionStage.Succeeded, [result.Message], stop).ConfigureAwait(false);
                break;
            case UpdateOutcome.AlreadyThere or UpdateOutcome.Accepted:
                Remember(_memory with { Stage = ActionStage.OnTrial, ModelHash = result.Manifest!.ModelHash, Details = [result.Message] });
                _log.Information($"fleet: action {id}: {result.Message}");
                await TellOnce(id, DdiExecution.Proceeding, [result.Message], stop).ConfigureAwait(false);
                break;
            default:
                // Where the file lies here is nothing to the server.
                string why = result.Message.Replace($"{file}: ", "", StringComparison.Ordinal);
                await End(ActionStage.Failed, [$"Refused by the gate ({result.Reason}): {why}"], stop).ConfigureAwait(false);
                break;
        }

        _download.Clear();
    }

    /// <summary>Whether a model runs and is not on trial.</summary>
    private bool IsSettled(string hash)
    {
        SlotStatus slots = _gate.Status();
        return slots.State is not (TrialState.OnTrial or TrialState.NoWayBack) && slots.Current?.ModelHash == hash;
    }

    private void JudgeTrial()
    {
        SlotStatus slots = _gate.Status();
        if (slots.State == TrialState.Confirmed && slots.Current?.ModelHash == _memory.ModelHash)
        {
            Conclude(ActionStage.Succeeded, [.. _memory.Details, "The trial is over: the model stays."]);
        }
        else if (slots.State == TrialState.NoWayBack && slots.Current?.ModelHash == _memory.ModelHash)
        {
            Conclude(ActionStage.Failed, [.. _memory.Details, $"The trial failed, and the model runs on, since there is none before it: {slots.Note}"]);
        }
        else if (slots.State is TrialState.WentBack or TrialState.NoWayBack && slots.Failed?.ModelHash == _memory.ModelHash)
        {
            Conclude(ActionStage.Failed, [.. _memory.Details, $"The trial failed, the model before runs again: {slots.Note}"]);
        }
        else if (slots.Current?.ModelHash != _memory.ModelHash && slots.Failed?.ModelHash != _memory.ModelHash)
        {
            Conclude(ActionStage.Failed, [.. _memory.Details, "Another package took its place before the trial was over."]);
        }
    }

    private async Task End(ActionStage stage, IReadOnlyList<string> details, CancellationToken stop)
    {
        Conclude(stage, details);
        await TellEnd(stop).ConfigureAwait(false);
    }

    private void Conclude(ActionStage stage, IReadOnlyList<string> details)
    {
        _download.Clear();
        Remember(_memory with { Stage = stage, Details = details });
        string line = $"fleet: action {_memory.Action}: {string.Join("; ", details)}";
        if (stage == ActionStage.Succeeded)
        {
            _log.Information(line);
        }
        else
        {
            _log.Warning(line);
        }
    }

    private async Task TellEnd(CancellationToken stop)
    {
        await Tell(_memory.Action, DdiExecution.Closed, _memory.Details, stop, _memory.Stage == ActionStage.Succeeded ? Success : Failure).ConfigureAwait(false);
        if (!_memory.Told.Contains(DdiExecution.Closed))
        {
            Remember(_memory with { Told = [.. _memory.Told, DdiExecution.Closed] });
        }
    }

    private async Task TellOnce(string id, string execution, IReadOnlyList<string> details, CancellationToken stop)
    {
        if (!_memory.Told.Contains(execution))
        {
            await Tell(id, execution, details, stop).ConfigureAwait(false);
            Remember(_memory with { Told = [.. _memory.Told, execution] });
        }
    }

    /// <summary>A server that has closed an action by itself does not want to hear of it.</summary>
    private async Task Tell(string id, string execution, IReadOnlyList<string> details, CancellationToken stop, string finished = None)
    {
        try
        {
            await _client.Tell(Deployment, id, Status(execution, finished, details), stop).ConfigureAwait(false);
        }
        catch (FleetException error) when (error.IsGone && execution is DdiExecution.Closed or DdiExecution.Proceeding)
        {
        }
    }

    private void Remember(FleetMemory memory)
    {
        bool isDurable = memory.Stage != _memory.Stage;
        _memory = memory;
        _memory.Save(_file, isDurable);
    }

    private static DdiArtifact Package(DdiDeployment? deployment)
    {
        DdiArtifact[] packages = [.. (deployment?.Chunks ?? []).SelectMany(chunk => chunk?.Artifacts ?? [])
            .Where(artifact => artifact?.FileName?.EndsWith(".ecpkg", StringComparison.OrdinalIgnoreCase) == true)];
        return packages is [DdiArtifact only] ? only
            : throw new RefusedUpdateException($"The distribution has {packages.Length} files that end in .ecpkg, expected one: a package of edgeconv sign.");
    }

    /// <summary>An id becomes part of an address and of a log.</summary>
    private static string Checked(string? id) => id is { Length: > 0 and <= LongestId } && id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_')
        ? id : throw new FleetException($"The server's action has the id \"{FleetLinks.Printable(id)}\"; expected letters and digits.");

    private static bool Is(string? word, string expected) => string.Equals(word, expected, StringComparison.OrdinalIgnoreCase);

    private static DdiStatus Status(string execution, string finished, IReadOnlyList<string> details) =>
        new(execution, new DdiResult(finished), [.. details.Select(detail => detail.Length <= LongestDetail ? detail : detail[..LongestDetail])]);
}
