using EdgeConv.Devices.Frames;
using EdgeConv.Runtime.Format;

namespace EdgeConv.Devices.Updating;

/// <summary>The gate before a board's slots.</summary>
public sealed class UpdateGate(ModelSlots slots, GateOptions options) : IUpdateGate
{
    // What a folder needs beside the package.
    private const long SpareBytes = 1 << 20;

    /// <inheritdoc/>
    public UpdateResult Accept(string packagePath)
    {
        PackageManifest? proven = null;
        try
        {
            using PackageFile package = PackageFile.Open(packagePath);
            options.Trust.Check(package.Head, package.Name);
            proven = package.Head.Manifest;
            using IDisposable gate = slots.EnterGate()
                ?? throw new PackageException(UpdateReason.Busy, $"{packagePath}: another package is at the gate; try again when it is through.");
            SlotState state = slots.Load();
            if (state.Current?.Package is { } current && current.ModelHash == proven.ModelHash && state.State != TrialState.NoWayBack)
            {
                string number = current.Version == proven.Version ? "" : $", as version {current.Version}";
                return new UpdateResult(UpdateOutcome.AlreadyThere, UpdateReason.None, $"{Describe(proven)} is here already{number}", proven);
            }

            CheckAge(proven, state, packagePath);
            // What a power cut left of another package takes room that this one may need.
            slots.Discard();
            CheckRoom(package.Length, packagePath);
            Take(package, state);
            return new UpdateResult(UpdateOutcome.Accepted, UpdateReason.None, $"{Describe(proven)} passed the gate and is on trial", proven);
        }
        catch (PackageException refused)
        {
            return new UpdateResult(UpdateOutcome.Refused, refused.Reason, refused.Message, proven);
        }
    }

    /// <inheritdoc/>
    public SlotStatus Status() => slots.Status();

    private static string Describe(PackageManifest manifest) => $"{manifest.Name} {manifest.Version}";

    private void CheckAge(PackageManifest manifest, SlotState state, string name)
    {
        if (options.Agent < manifest.MinimumAgent)
        {
            throw new PackageException(UpdateReason.AgentTooOld,
                $"{name}: needs an agent of version {manifest.MinimumAgent}, and this one is {options.Agent.ToString(3)}. Update the agent first: edgeconv deploy.");
        }

        if (state.State == TrialState.OnTrial)
        {
            throw new PackageException(UpdateReason.Busy, $"{name}: {state.Current!.Package.Name} {state.Current.Package.Version} is on trial; try again when that is over.");
        }

        if (options.AllowsRollback)
        {
            return;
        }

        if (manifest.Version <= state.Highest)
        {
            throw new PackageException(UpdateReason.Rollback, manifest.Version == state.Highest
                ? $"{name}: version {manifest.Version}, as another model that was confirmed here. A new model needs a higher number."
                : $"{name}: version {manifest.Version}, and {state.Highest} was confirmed here. An older one comes back only where that is allowed (allow-rollback).");
        }

        if (state.HasFailed(manifest.ModelHash))
        {
            string why = state.Failed?.ModelHash == manifest.ModelHash ? $": {state.Note}" : "";   // the note is of the last one that did
            throw new PackageException(UpdateReason.FailedBefore, $"{name}: this model failed its trial here{why}. It may try again where that is allowed (allow-rollback).");
        }
    }

    private void CheckRoom(long length, string name)
    {
        if (slots.Free < length + SpareBytes)
        {
            throw new PackageException(UpdateReason.NoSpace, $"{name}: {length} bytes and a little more are needed in the slots' folder, and {slots.Free} are free.");
        }
    }

    /// <summary>Copies it, checks the copy, and switches to it.</summary>
    private void Take(PackageFile package, SlotState state)
    {
        bool isTaken = false;
        try
        {
            slots.Receive(package.CopyTo);
            // From the disk, and from its beginning: whatever happened to the file that came in, this is what will run.
            SignedModel received = SignedModel.Read(slots.Received(), package.Name, options.Trust);
            Accept(received, package.Name);
            isTaken = slots.Switch(state, received.Manifest!.Identity);
            if (!isTaken)
            {
                throw new PackageException(UpdateReason.Busy, $"{package.Name}: the slots were changed meanwhile; try again.");
            }
        }
        finally
        {
            if (!isTaken)
            {
                slots.Discard();
            }
        }
    }

    private void Accept(SignedModel received, string name)
    {
        try
        {
            using Acceptance acceptance = new(received, options, name);
            acceptance.Run();
        }
        catch (Exception error) when (error is ModelFormatException or FrameException or OutOfMemoryException)
        {
            throw new PackageException(UpdateReason.BadModel, $"{name}: {error.Message}");
        }
    }
}
