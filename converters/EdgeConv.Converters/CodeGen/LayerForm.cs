namespace EdgeConv.Converters.CodeGen;

/// <summary>What a processor must have beside Thumb-2; each has those before it as well.</summary>
internal enum Extension
{
    /// <summary>Plain C99, anywhere.</summary>
    Portable,

    /// <summary>Two products of int16 an instruction: Cortex-M4, M7, M33.</summary>
    Dsp,

    /// <summary>Vectors of 16 bytes: Cortex-M55, M85.</summary>
    Mve,
}

/// <summary>A way to compute a layer that was looked at.</summary>
/// <param name="Needs">What the processor must have.</param>
/// <param name="Algorithm">In a few words, for comments and --explain.</param>
internal abstract record LayerWay(Extension Needs, string Algorithm);

/// <summary>One that serves, and what it costs.</summary>
/// <param name="Needs">What the processor must have.</param>
/// <param name="Algorithm">In a few words.</param>
internal sealed record LayerForm(Extension Needs, string Algorithm) : LayerWay(Needs, Algorithm)
{
    /// <summary>Bytes of its tables in flash.</summary>
    public required int TableBytes { get; init; }

    /// <summary>Bytes of RAM that it needs while it runs, beside its input and output.</summary>
    public int ScratchBytes { get; init; }

    /// <summary>Instructions, estimated.</summary>
    public required long Instructions { get; init; }

    /// <summary>Where the output may lie over the input that it consumes: at least so many bytes below its beginning. Null: nowhere.</summary>
    public int? Below { get; init; }

    /// <summary>Writes tables and functions; the last one is the layer's.</summary>
    public required Action<CText> Write { get; init; }
}

/// <summary>One that does not.</summary>
/// <param name="Needs">What the processor would have to have.</param>
/// <param name="Algorithm">In a few words.</param>
/// <param name="Why">What speaks against it.</param>
internal sealed record RejectedForm(Extension Needs, string Algorithm, string Why) : LayerWay(Needs, Algorithm)
{
    /// <summary>Why a form that relies on <see cref="ThresholdScale"/> cannot be.</summary>
    public const string Unsolved = "no multiply-add equals the two roundings for all its sums";

    /// <summary>Why a form that relies on <see cref="VectorOutput"/> cannot be.</summary>
    public const string NoVectors = "a scale above one, or no room in the bias for the zero point";
}
