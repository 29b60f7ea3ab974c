using System.Collections.Concurrent;
using System.Security.Cryptography;
using EdgeConv.Devices.Updating;

namespace EdgeConv.Tests.Agent.Fleet;

/// <summary>A gate that takes everything, or what a test says, and remembers what it was given.</summary>
internal sealed class FakeGate : IUpdateGate
{
    private readonly Lock _lock = new();
    private SlotStatus _status = new(TrialState.Empty, null, null, null, "");

    /// <summary>The digest of every package that was handed over.</summary>
    public ConcurrentQueue<string> Given { get; } = new();

    /// <summary>What is wrong with any package; none where it is taken.</summary>
    public UpdateReason Refuses { get; set; }

    /// <summary>What its disk says to every package; null where it has room.</summary>
    public IOException? Fails { get; set; }

    /// <summary>Whether a trial ends well as soon as anyone asks.</summary>
    public bool Confirms { get; set; } = true;

    public UpdateResult Accept(string packagePath)
    {
        byte[] bytes = File.ReadAllBytes(packagePath);
        string hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        Given.Enqueue(hash);
        if (Fails is { } error)
        {
            throw error;
        }

        if (Refuses != UpdateReason.None)
        {
            return new UpdateResult(UpdateOutcome.Refused, Refuses, "the package is signed by another key", null);
        }

        PackageManifest manifest = new() { Name = "digits", Version = 2, ModelBytes = bytes.Length, ModelHash = hash, FramesHash = "" };
        lock (_lock)
        {
            if (_status.Current?.ModelHash == hash)
            {
                return new UpdateResult(UpdateOutcome.AlreadyThere, UpdateReason.None, "digits 2 runs already", manifest);
            }

            _status = new SlotStatus(TrialState.OnTrial, manifest.Identity, _status.Current, null, "");
        }

        return new UpdateResult(UpdateOutcome.Accepted, UpdateReason.None, "digits 2 runs on trial", manifest);
    }

    public SlotStatus Status()
    {
        lock (_lock)
        {
            return _status.State == TrialState.OnTrial && Confirms ? _status with { State = TrialState.Confirmed } : _status;
        }
    }

    public void GoBack(string why, bool isWay = true)
    {
        lock (_lock)
        {
            _status = !isWay ? _status with { State = TrialState.NoWayBack, Failed = _status.Current, Note = why } : new SlotStatus(TrialState.WentBack, _status.Previous, null, _status.Current, why);
        }
    }
}
