namespace EdgeConv.Trainer.Transfer;

/// <summary>What a transfer depends on, beyond the settings of every training.</summary>
public sealed record TransferSettings
{
    /// <summary>A run folder, an ONNX file or the name of a bundled network.</summary>
    public required string From { get; init; }

    /// <summary>SHA-256 of the network's layers and weights, so that a resume notices another one; empty before it is read.</summary>
    public string Hash { get; init; } = "";

    /// <summary>Layers with weights (conv and fc) that do not change, from the first; null: all but the last.</summary>
    public int? Frozen { get; init; }

    /// <summary>Rows and columns that the picture is averaged to before the new layer, where the source averages it to one.</summary>
    public int Grid { get; init; } = 3;

    /// <summary>Distorted copies of each picture whose features are kept, where pictures are distorted.</summary>
    public int Copies { get; init; } = 5;

    /// <summary>Whether features are kept; otherwise each epoch computes them, of newly distorted pictures.</summary>
    public bool Cache { get; init; } = true;
}
