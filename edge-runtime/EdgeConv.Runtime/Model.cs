using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Runtime;

/// <summary>A model file, checked once when it is opened and trusted from then on. Read only; may be shared between threads.</summary>
public sealed unsafe class Model : IDisposable
{
    /// <summary>Maps a model file into memory and checks all of it.</summary>
    /// <exception cref="Format.ModelFormatException">The file is not a valid model; the message names the byte offset and the field.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Model Open(string path) => throw new NotImplementedException();

    /// <summary>Checks a model held in memory. The bytes are copied.</summary>
    /// <exception cref="Format.ModelFormatException">The bytes are not a valid model.</exception>
    public static Model Load(ReadOnlySpan<byte> bytes) => throw new NotImplementedException();

    /// <summary>The model's name.</summary>
    public string Name => throw new NotImplementedException();

    /// <summary>Every tensor; operators name them by index.</summary>
    public IReadOnlyList<TensorInfo> Tensors => throw new NotImplementedException();

    /// <summary>The steps, in the order in which they run.</summary>
    public IReadOnlyList<ModelOperator> Operators => throw new NotImplementedException();

    /// <summary>What the caller writes.</summary>
    public TensorInfo Input => throw new NotImplementedException();

    /// <summary>What the caller reads.</summary>
    public TensorInfo Output => throw new NotImplementedException();

    /// <summary>Bytes of memory for activations, input and output included.</summary>
    public int ArenaBytes => throw new NotImplementedException();

    /// <summary>Size of the file.</summary>
    public int FileBytes => throw new NotImplementedException();

    /// <summary>How a picture becomes the input, or null for a model that does not take pictures.</summary>
    public PreprocessingRecord? Preprocessing => throw new NotImplementedException();

    /// <summary>Names of the classes, one an output; empty when there are none.</summary>
    public IReadOnlyList<string> Labels => throw new NotImplementedException();

    /// <summary>Free-form facts: where the model came from, accuracy, seed.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Metadata => throw new NotImplementedException();

    /// <summary>Inputs with their expected outputs and layer hashes.</summary>
    public IReadOnlyList<GoldenVector> GoldenVectors => throw new NotImplementedException();

    /// <summary>Bytes of a constant int8 tensor.</summary>
    public ReadOnlySpan<sbyte> Int8Data(int tensor) => throw new NotImplementedException();

    /// <summary>Values of a constant int32 tensor.</summary>
    public ReadOnlySpan<int> Int32Data(int tensor) => throw new NotImplementedException();

    /// <summary>Unmaps the file.</summary>
    public void Dispose() => throw new NotImplementedException();
}
