using EdgeConv.Devices.Frames;
using EdgeConv.Devices.Updating;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Format;

namespace EdgeConv.Agent.Operating;

/// <summary>Where a watcher's model comes from: the current slot, or, until there is one, a file.</summary>
internal sealed class ModelSource
{
    private readonly string? _file;
    private readonly Trust _trust;
    private readonly string? _unreadable;

    /// <param name="file">The model that the command line or the configuration names, or null.</param>
    /// <param name="slots">The slots, or null where there are none.</param>
    /// <param name="trust">Whose models run.</param>
    public ModelSource(string? file, ModelSlots? slots, Trust trust)
    {
        (_file, _trust) = (file, trust);
        try
        {
            _ = slots?.Status();
            Slots = slots;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _unreadable = error.Message;
        }
    }

    /// <summary>The slots; null where there are none, or where nobody can say what they hold.</summary>
    public ModelSlots? Slots { get; }

    /// <summary>The file that is to run now.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    /// <exception cref="FailureException">There is none, since the slots cannot be read.</exception>
    public string File => Slots?.CurrentFile ?? _file ?? throw (_unreadable is null
        ? new UsageException("no model; name its .ecm file after the verb, or in the configuration: model = \"lenet5.ecm\".") : new FailureException(_unreadable));

    /// <summary>The same for one that may be asked at any time: null where there is none, or nobody can say.</summary>
    public string? FileNow()
    {
        try
        {
            return Slots?.CurrentFile ?? _file;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether the file that is named is a model that may run here: what the slots' first package goes back to.</summary>
    public bool HasFile()
    {
        try
        {
            using Model? opened = _file is null ? null : ModelFile.Open(_file, _trust);
            return opened is not null;
        }
        catch (Exception error) when (IsBadFile(error))
        {
            return false;
        }
    }

    /// <summary>What became of a package that failed its trial, and why.</summary>
    public static string HowItFailed(SlotStatus status) => status switch
    {
        { State: TrialState.NoWayBack } when status.Failed?.ModelHash == status.Current?.ModelHash =>
            $"the new model failed its trial, and runs on, since there is none before it: {status.Note}",
        { State: TrialState.NoWayBack } => $"the new model goes back to one that failed its own trial: {status.Note}",
        _ => $"the new model goes back: {status.Note}",
    };

    /// <summary>Reads the model and checks whose it is, and, in a slot, that it is the one that came through the gate.</summary>
    /// <exception cref="PackageException">Nobody that this board trusts signed it, or it was changed.</exception>
    public ReadOnlyMemory<byte> Read() => (Slots?.ReadCurrent(_trust) ?? SignedModel.Read(File, _trust)).Bytes;

    /// <summary>
    /// Opens the model at the agent's start. A slot that does not open, after a card went bad or a key was changed, gives way to the one before, and at
    /// last to the file.
    /// </summary>
    /// <param name="open">What comes of a file.</param>
    /// <param name="say">Told of what gave way.</param>
    public T OpenFirst<T>(Func<T> open, Action<string> say)
    {
        if (_unreadable is not null)
        {
            say($"update: the configuration's model runs instead of the slots: {_unreadable}");
        }

        if (Slots?.BeginStart(HasFile) is not null)
        {
            say($"update: {HowItFailed(Slots.Status())}");
        }

        while (true)
        {
            InstalledPackage? current = Slots?.Status().Current;
            try
            {
                return open();
            }
            catch (Exception error) when (current is not null && IsBadFile(error) && Slots!.Abandon(current.ModelHash, error.Message, HasFile))
            {
                say($"update: {current.Name} {current.Version} does not open, the one before takes its place: {error.Message}");
            }
        }
    }

    /// <summary>Whether an error is of a model's file, whatever is in it, or is not there, or may not be read.</summary>
    internal static bool IsBadFile(Exception error) =>
        error is FailureException or ModelFormatException or PackageException or FrameException or IOException or UnauthorizedAccessException;
}
