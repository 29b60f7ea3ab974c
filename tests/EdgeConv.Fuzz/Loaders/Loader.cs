namespace EdgeConv.Fuzz.Loaders;

/// <summary>A loader under test: what it is fed, and what it promises.</summary>
internal abstract class Loader
{
    /// <summary>The names on the command line.</summary>
    public static IReadOnlyList<string> Names { get; } = ["ecm", "onnx", "tflite"];

    /// <summary>Extension of its files, without the dot.</summary>
    public abstract string Name { get; }

    /// <summary>Prefixes of the full names of the types whose coverage guides the search, an assembly each.</summary>
    public abstract IReadOnlyList<(string Assembly, string[] Types)> Instrumented { get; }

    /// <summary>Memory that any file may take, beside four times its length: the exception with its message and stack trace is in it.</summary>
    public abstract int SpareBytes { get; }

    /// <summary>Memory that loading this file may take.</summary>
    public virtual long Limit(byte[] file) => (4L * file.Length) + SpareBytes;

    /// <summary>Bytes outside the garbage collector that loading takes.</summary>
    public abstract long NativeBytes(int fileLength);

    /// <summary>Loads a file.</summary>
    /// <returns>Something to run afterwards, or null.</returns>
    public abstract IDisposable? Load(byte[] file);

    /// <summary>Runs what was loaded, where that is quick: it was checked, so nothing may go wrong any more.</summary>
    /// <returns>What is wrong with the result, or null.</returns>
    public virtual string? Use(IDisposable loaded, Random random) => null;

    /// <summary>Whether an exception is the one that the loader documents.</summary>
    public abstract bool IsDocumented(Exception exception);

    /// <summary>Real files to start from.</summary>
    public abstract IEnumerable<byte[]> Seeds();

    /// <summary>Changes a file, knowing its format.</summary>
    public abstract byte[] Mutate(byte[] file, byte[] other, Random random);

    /// <summary>By its name.</summary>
    public static Loader Named(string name) => name switch
    {
        "ecm" => new EcmLoader(),
        "onnx" => new OnnxLoader(),
        "tflite" => new TfLiteLoader(),
        _ => throw new ArgumentException($"there is no loader '{name}'; there are {string.Join(", ", Names)}"),
    };
}
