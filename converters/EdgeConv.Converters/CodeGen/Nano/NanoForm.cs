namespace EdgeConv.Converters.CodeGen.Nano;

/// <summary>A way to compute a layer in C#, and what it costs.</summary>
/// <param name="Algorithm">In a few words, for comments and the table.</param>
internal sealed record NanoForm(string Algorithm)
{
    /// <summary>Bytes of byte code, estimated.</summary>
    public required int CodeBytes { get; init; }

    /// <summary>Bytes in the weights' resource.</summary>
    public int BlobBytes { get; init; }

    /// <summary>Bytes of static tables, which the runtime copies to its heap.</summary>
    public int TableBytes { get; init; }

    /// <summary>Bytes in the arena while it runs, beside input and output.</summary>
    public int ScratchBytes { get; init; }

    /// <summary>Elements of the array of int64 that layers share for their sums.</summary>
    public int Sums { get; init; }

    /// <summary>The largest piece of weights that is read at a time, bytes.</summary>
    public int ChunkBytes { get; init; }

    /// <summary>Numbers that a training changes, at most.</summary>
    public int Numbers { get; init; } = 10;

    /// <summary>Variables of its largest method.</summary>
    public int Locals { get; init; }

    /// <summary>Operations of byte code an inference, estimated.</summary>
    public required long Operations { get; init; }

    /// <summary>As <see cref="LayerForm.Below"/>.</summary>
    public int? Below { get; init; }

    /// <summary>Whether its weights are constants of the code.</summary>
    public bool IsConstant { get; init; }

    /// <summary>Writes tables and methods; the first parameter is the text of the class, the second gets weights.</summary>
    public required Action<NanoText, NanoBlob> Write { get; init; }
}
