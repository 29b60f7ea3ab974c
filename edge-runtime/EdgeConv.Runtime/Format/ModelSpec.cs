using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Runtime.Format;

/// <summary>A tensor to be written; <see cref="TensorInfo.Offset"/> of constants is filled in by the writer.</summary>
/// <param name="Info">Name, type, shape, quantization, arena offset.</param>
/// <param name="Data">Little-endian bytes of a constant; empty for an activation.</param>
public sealed record TensorSpec(TensorInfo Info, ReadOnlyMemory<byte> Data);

/// <summary>Everything that a model file says, before it is bytes.</summary>
public sealed record ModelSpec
{
    /// <summary>The model's name.</summary>
    public required string Name { get; init; }

    /// <summary>Activations and constants; operators name them by index.</summary>
    public required IReadOnlyList<TensorSpec> Tensors { get; init; }

    /// <summary>The steps, in the order in which they run.</summary>
    public required IReadOnlyList<ModelOperator> Operators { get; init; }

    /// <summary>Index of the input tensor.</summary>
    public required int Input { get; init; }

    /// <summary>Index of the output tensor.</summary>
    public required int Output { get; init; }

    /// <summary>Bytes of the arena.</summary>
    public required int ArenaBytes { get; init; }

    /// <summary>How a picture becomes the input.</summary>
    public PreprocessingRecord? Preprocessing { get; init; }

    /// <summary>Names of the classes.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Free-form facts.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Metadata { get; init; } = [];

    /// <summary>Inputs with their expected outputs and layer hashes.</summary>
    public IReadOnlyList<GoldenVector> GoldenVectors { get; init; } = [];
}
