using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Converters.Data;

/// <summary>
/// A folder or zip of pictures, one folder a class, in ordinal order. With train/ and test/ folders above the classes these are
/// the splits; without, a fifth of each class, chosen by the seed, is for testing. Pictures are decoded when they are asked for.
/// </summary>
public sealed class PictureFolderDataSet : IDataSet
{
    private readonly PictureSource _source;
    private readonly (string File, int Label)[] _pictures;

    /// <summary>Lists the pictures; decodes none.</summary>
    /// <param name="path">A folder or a .zip.</param>
    /// <param name="split">Which part.</param>
    /// <param name="seed">Chooses the test pictures where there are no train/ and test/ folders.</param>
    /// <exception cref="DataSetException">No pictures, or not one folder a class.</exception>
    public PictureFolderDataSet(string path, Split split, int seed = 1)
    {
        Name = path;
        _source = PictureSource.Open(path);
        if (_source.Files.Count == 0)
        {
            throw new DataSetException(
                $"{path} holds no pictures. One folder a class is expected in it, with PNG, JPEG, BMP, GIF, PGM or PPM files.");
        }

        var files = _source.Files.Select(file => (File: file, Parts: file.Split('/'))).ToList();
        while (files[0].Parts.Length > 2 && files.All(f => f.Parts.Length > 2 && f.Parts[0] == files[0].Parts[0]))
            files = [.. files.Select(f => (f.File, f.Parts[1..]))]; // one folder around everything, as archives often have

        bool splitFolders = files.Any(f => IsSplit(f.Parts, Split.Train)) && files.Any(f => IsSplit(f.Parts, Split.Test));
        int level = splitFolders ? 1 : 0;
        var classified = files.Where(f => f.Parts.Length > level + 1).ToList();
        if (classified.Count == 0)
        {
            throw new DataSetException(
                $"{path} holds {files.Count} pictures but no folder a class. Move the pictures into folders named after their classes.");
        }

        // Both splits see the same classes, even if one has no picture of some.
        Classes = [.. classified.Select(f => f.Parts[level]).Distinct().Order(StringComparer.Ordinal)];
        var labels = Classes.Select((name, i) => (name, i)).ToDictionary(c => c.name, c => c.i, StringComparer.Ordinal);
        var labelled = classified.Where(f => !splitFolders || IsSplit(f.Parts, split)).Select(f => (f.File, Label: labels[f.Parts[level]]));
        _pictures = [.. splitFolders ? labelled : StratifiedSplit.Choose(labelled, split, seed)];
        if (_pictures.Length == 0)
        {
            throw new DataSetException(
                $"{path} has too few pictures for a test part: every class has one. Add pictures, or folders train/ and test/.");
        }
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Classes { get; }

    /// <inheritdoc/>
    public int Count => _pictures.Length;

    /// <inheritdoc/>
    public int Label(int index) => _pictures[index].Label;

    /// <inheritdoc/>
    public Picture Load(int index)
    {
        string file = _pictures[index].File;
        return PictureFile.Decode(_source.Read(file), $"{file} in {_source.Path}");
    }

    private static bool IsSplit(string[] parts, Split split) =>
        parts.Length > 2 && parts[0].Equals(split == Split.Train ? "train" : "test", StringComparison.OrdinalIgnoreCase);
}
