namespace EdgeConv.Devices.Updating;

/// <summary>
/// The folder of the slots, by the few operations whose order decides what is there after the power went: a test keeps one that forgets
/// whatever was not brought to the disk.
/// </summary>
internal interface ISlotDisk
{
    /// <summary>A file's content, or null where there is none.</summary>
    byte[]? Read(string name);

    /// <summary>Writes a file from its beginning and brings its content, not yet its name, to the disk.</summary>
    void Write(string name, Action<Stream> write);

    /// <summary>Gives a file another name, over one that may be there, and brings names to the disk.</summary>
    void Rename(string from, string to);

    /// <summary>Takes a file away where it is there.</summary>
    void Delete(string name);

    /// <summary>Bytes that can be written.</summary>
    long Free { get; }
}
