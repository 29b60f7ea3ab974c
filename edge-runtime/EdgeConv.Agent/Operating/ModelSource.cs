using EdgeConv.Devices.Frames;
using EdgeConv.Devices.Updating;
using EdgeConv.Runtime.Format;

namespace EdgeConv.Agent.Operating;

/// <summary>Where a watcher's model comes from: the current slot, or, until there is one, a file.</summary>
/// <param name="file">The model that the command line or the configuration names, or null.</param>
/// <param name="slots">The slots, or null where there are none.</param>
/// <param name="trust">Whose models run.</param>
internal sealed class ModelSource(string? file, ModelSlots? slots, Trust trust)
{
    /// <summary>The slots, or null.</summary>
    public ModelSlots? Slots => slots;

    /// <summary>The file that is to run now.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public string File => slots?.CurrentFile ?? file
        ?? throw new UsageException("no model; name its .ecm file after the verb, or in the configuration: model = \"lenet5.ecm\".");

    /// <summary>The same for one that may be asked at any time: null where there is none, or nobody can say.</summary>
    public string? FileNow()
    {
        try
        {
            return slots?.CurrentFile ?? file;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Reads the model and checks whose it is.</summary>
    /// <exception cref="PackageException">Nobody that this board trusts signed it, or it was changed.</exception>
    public ReadOnlyMemory<byte> Read() => SignedModel.Read(File, trust).Bytes;

    /// <summary>
    /// Opens the model at the agent's start. A slot that does not open, after a card went bad or a key was changed, gives way to the one before, and at
    /// last to the file.
    /// </summary>
    /// <param name="open">What comes of a file.</param>
    /// <param name="say">Told of what gave way.</param>
    public T OpenFirst<T>(Func<T> open, Action<string> say)
    {
        if (slots?.BeginStart() is { } why)
        {
            say($"update: the new model goes back: {why}");
        }

        while (true)
        {
            InstalledPackage? current = slots?.Status().Current;
            try
            {
                return open();
            }
            catch (Exception error) when (current is not null && error is ModelFormatException or PackageException or FrameException
                && slots!.Abandon(current!.ModelHash, error.Message, hasFile: file is not null))
            {
                say($"update: {current!.Name} {current.Version} does not open, the one before takes its place: {error.Message}");
            }
        }
    }
}
