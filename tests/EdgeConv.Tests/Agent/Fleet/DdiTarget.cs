using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace EdgeConv.Tests.Agent.Fleet;

/// <summary>A file that a software module has.</summary>
internal sealed record StandInArtifact(string Name, byte[] Bytes)
{
    public string Sha256 { get; init; } = Convert.ToHexStringLower(SHA256.HashData(Bytes));

    public long Size { get; init; } = Bytes.Length;

    /// <summary>In place of the server's own link.</summary>
    public string? Link { get; init; }
}

/// <summary>What the server wants of a target.</summary>
internal sealed record StandInAction(string Id, params StandInArtifact[] Artifacts)
{
    public string Download { get; init; } = "forced";

    public string Update { get; init; } = "forced";

    public string? MaintenanceWindow { get; init; }
}

/// <summary>A message on the feedback channel, as it came.</summary>
internal sealed record StandInFeedback(string Resource, string Action, string Execution, string Finished, string Details, DateTimeOffset Time);

/// <summary>A board as the server knows it.</summary>
internal sealed class DdiTarget
{
    private readonly Lock _lock = new();
    private StandInAction? _action;

    /// <summary>What the board said about itself; null before it did.</summary>
    public IReadOnlyDictionary<string, string>? Attributes { get; set; }

    public ConcurrentQueue<StandInFeedback> Feedback { get; } = new();

    public ConcurrentQueue<DateTimeOffset> Polls { get; } = new();

    public bool IsCancelling { get; private set; }

    public string? Installed { get; private set; }

    /// <summary>The one that is under way, or null.</summary>
    public StandInAction? Action
    {
        get
        {
            lock (_lock)
            {
                return _action;
            }
        }
    }

    public StandInFeedback? End => Feedback.FirstOrDefault(said => said.Execution == "closed");

    public void Assign(StandInAction action)
    {
        lock (_lock)
        {
            (_action, IsCancelling) = (action, false);
        }
    }

    public void Cancel()
    {
        lock (_lock)
        {
            IsCancelling = true;
        }
    }

    /// <summary>Takes a message; false where the action is not under way any more.</summary>
    public bool Take(StandInFeedback said)
    {
        lock (_lock)
        {
            Feedback.Enqueue(said);
            if (_action is null || _action.Id != said.Action)
            {
                return false;
            }

            bool isCancellation = said.Resource == "cancelAction";
            if (said.Execution == "closed" || (!isCancellation && said.Execution == "downloaded" && _action.Update == "skip" && _action.MaintenanceWindow is null))
            {
                Installed = !isCancellation && said.Finished == "success" ? said.Action : Installed;
                (_action, IsCancelling) = (null, false);
            }
            else if (isCancellation && said.Execution == "rejected")
            {
                IsCancelling = false;
            }

            return true;
        }
    }
}
