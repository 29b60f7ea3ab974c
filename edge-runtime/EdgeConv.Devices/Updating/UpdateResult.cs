namespace EdgeConv.Devices.Updating;

/// <summary>What became of a package at the gate.</summary>
/// <param name="Outcome">Taken or not.</param>
/// <param name="Reason">Why not; <see cref="UpdateReason.None"/> where it was taken.</param>
/// <param name="Message">One line for people and for a server's feedback.</param>
/// <param name="Manifest">What the package says of itself, once that was proven; null before.</param>
public sealed record UpdateResult(UpdateOutcome Outcome, UpdateReason Reason, string Message, PackageManifest? Manifest);

/// <summary>Taken or not.</summary>
public enum UpdateOutcome
{
    /// <summary>It runs next, on trial: <see cref="IUpdateGate.Status"/> tells how the trial ends.</summary>
    Accepted,

    /// <summary>The same package is the current one; nothing was done.</summary>
    AlreadyThere,

    /// <summary>Everything is as it was.</summary>
    Refused,
}

/// <summary>Why a package was refused, in the order in which it is looked at.</summary>
public enum UpdateReason
{
    /// <summary>It was not.</summary>
    None,

    /// <summary>Another package is on trial, or at the gate; to be tried again later.</summary>
    Busy,

    /// <summary>This system has no OpenSSL to check signatures and hashes with.</summary>
    NoCryptography,

    /// <summary>No regular file, or none that can be read.</summary>
    Unreadable,

    /// <summary>No package, a truncated one, or one with bytes left over.</summary>
    Malformed,

    /// <summary>A key is asked for, and nobody signed it.</summary>
    Unsigned,

    /// <summary>Signed by another key, or changed after it was signed.</summary>
    WrongSignature,

    /// <summary>This agent is too old for it.</summary>
    AgentTooOld,

    /// <summary>Older than what this board has run.</summary>
    Rollback,

    /// <summary>It was here before and failed its trial.</summary>
    FailedBefore,

    /// <summary>No room for it.</summary>
    NoSpace,

    /// <summary>Its model is not the one that was signed.</summary>
    WrongContent,

    /// <summary>Its model is none, or is not as its manifest says.</summary>
    BadModel,

    /// <summary>A golden vector gives other bytes on this board.</summary>
    SelfTest,

    /// <summary>It takes longer than it may.</summary>
    TooSlow,

    /// <summary>It knows too few of the labelled frames.</summary>
    Inaccurate,

    /// <summary>The configuration's rules or lines cannot do with it.</summary>
    Unsuitable,
}

/// <summary>How the newest package does.</summary>
public enum TrialState
{
    /// <summary>There was none yet.</summary>
    Empty,

    /// <summary>It was accepted, and has not run for the trial period.</summary>
    OnTrial,

    /// <summary>It ran for the trial period, in good health.</summary>
    Confirmed,

    /// <summary>It crashed or was not in good health; the one before runs again.</summary>
    WentBack,

    /// <summary>
    /// It crashed or was not in good health, and there is nothing before it that did better: it runs on, or the one before, which failed its own trial,
    /// runs again. Any other package may take its place.
    /// </summary>
    NoWayBack,
}

/// <summary>A package in a slot.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Version">Its version number.</param>
/// <param name="ModelHash">SHA-256 of the model, in hex.</param>
public sealed record InstalledPackage(string Name, long Version, string ModelHash);

/// <summary>What the slots hold.</summary>
/// <param name="State">How the newest package does.</param>
/// <param name="Current">What runs, or null.</param>
/// <param name="Previous">What a trial that fails goes back to, or null.</param>
/// <param name="Failed">The package that failed its trial, or null.</param>
/// <param name="Note">Why; empty otherwise.</param>
public sealed record SlotStatus(TrialState State, InstalledPackage? Current, InstalledPackage? Previous, InstalledPackage? Failed, string Note);
