namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// At each position: sums[tile][channels] = sum over input channels of inputs[tile] * weights[channels], modulo 2^32. Channels are
/// <see cref="WinogradProcessor.Outputs"/>. Distances are in elements. On ARM one group of inputs and two vectors of weights more are read than used.
/// </summary>
internal readonly unsafe struct TileProduct
{
    /// <summary>Which algorithm's.</summary>
    public required WinogradTile Tile { get; init; }

    /// <summary>From one tile of the sums to the next.</summary>
    public required nint TileSums { get; init; }

    /// <summary>[position][group of 8 input channels][tile][8 input channels].</summary>
    public required short* Inputs { get; init; }

    /// <summary>From one position of the inputs to the next.</summary>
    public required nint InputPosition { get; init; }

    /// <summary>From one group of the inputs to the next.</summary>
    public required nint Group { get; init; }

    /// <summary>Groups of eight input channels, at least one.</summary>
    public required int Groups { get; init; }

    /// <summary>Input channels of a group that are real: 4 where all that there are fit that, else 8. A kernel may leave the others out.</summary>
    public required int RealInputs { get; init; }

    /// <summary>[position][group of 8 input channels], as <see cref="WinogradWeights"/> packs them.</summary>
    public required short* Weights { get; init; }

    /// <summary>From one position of the weights to the next.</summary>
    public required nint WeightPosition { get; init; }

    /// <summary>[tile][position][channels].</summary>
    public required int* Sums { get; init; }

    /// <summary>The same from a later tile on.</summary>
    public TileProduct Skip(int tiles) => new()
    {
        Tile = Tile,
        TileSums = TileSums,
        Inputs = Inputs + tiles * Panel.Channels,
        InputPosition = InputPosition,
        Group = Group,
        Groups = Groups,
        RealInputs = RealInputs,
        Weights = Weights,
        WeightPosition = WeightPosition,
        Sums = Sums + tiles * TileSums,
    };
}

/// <summary>Of an algorithm: elements from one tile's sums to the next one's, as a constant.</summary>
internal interface ITileSums
{
    static abstract int Distance { get; }
}

/// <summary>F(4x4, 3x3).</summary>
internal struct WinogradFourSums : ITileSums
{
    public static int Distance => WinogradFour.TileSums;
}

/// <summary>F(2x2, 3x3).</summary>
internal struct WinogradTwoSums : ITileSums
{
    public static int Distance => WinogradTwo.TileSums;
}
