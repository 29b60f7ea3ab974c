namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>What a kind of processor's kernels ask of the driver, and what they take: cycles, as <see cref="WinogradCost"/> adds them up.</summary>
internal sealed record WinogradProcessor
{
    /// <summary>Cortex-A53 as tests/arm64-bench models it; an A72 is quicker in nearly all of it by about the same factor.</summary>
    public static WinogradProcessor CortexA53 { get; } = new()
    {
        Name = "A53",
        Outputs = Panel.Channels,
        AdjacentInputs = 1,
        RowSlack = 16,
        HasOneStep = true,
        TilesAtOnce = 9,
        GroupsAtOnce = 2,
        StripBytes = 384 * 1024,
        HasOwnCaches = false,
        LongStripBytes = 0,
        MostKeptBytes = long.MaxValue,
        Four = new(330, 700, 900, 0),
        Two = new(125, 180, 160, 0),
        WeightCycles = 0,
        TileCycles = 16,
        GroupCycles = 16,   // 20 on the A53, which an A72 hides
        CallCycles = 45,
        LayerCycles = 8000,
        DirectRate = 3.5,
        DirectOutputCycles = 0,
        DirectLayerCycles = 0,
        CacheBytes = 384 * 1024,
        CyclesAByte = 0.5,
    };

    /// <summary>
    /// An AMD EPYC of the fifth generation with vectors of 512 bits, sixteen output channels at once; fitted to 23 layers, each within a fifth. What
    /// its direct kernels take is theirs to say.
    /// </summary>
    public static WinogradProcessor Avx512 { get; } = new()
    {
        Name = "Zen 5",
        Outputs = 2 * Panel.Channels,
        AdjacentInputs = 2,
        RowSlack = 32,
        HasOneStep = false,
        TilesAtOnce = 8,
        GroupsAtOnce = 1,
        StripBytes = 384 * 1024,
        HasOwnCaches = true,
        LongStripBytes = 4 * 1024 * 1024,
        MostKeptBytes = 1024 * 1024,
        Four = new(40, 115, 300, 140),
        Two = null,
        WeightCycles = 400,
        TileCycles = 2.45,
        GroupCycles = 3,
        CallCycles = 5,
        LayerCycles = 500,
        DirectRate = 42,
        DirectOutputCycles = 1.1,
        DirectLayerCycles = 0,
        CacheBytes = 1024 * 1024,
        CyclesAByte = 0.18,
    };

    /// <summary>The same with 32 output channels at once.</summary>
    public static WinogradProcessor Avx512Wide { get; } =
        Avx512 with { Outputs = 4 * Panel.Channels, WeightCycles = 800, Four = new(40, 230, 600, 280), TileCycles = 4.6, GroupCycles = 0.6, CallCycles = 8 };

    /// <summary>Vectors of 256 bits, sixteen output channels at once; fitted on an EPYC of the fourth generation.</summary>
    public static WinogradProcessor Avx2 { get; } = Avx512 with
    {
        Name = "AVX2",
        TilesAtOnce = 6,
        StripBytes = 256 * 1024,
        LongStripBytes = 2 * 1024 * 1024,
        Four = new(60, 300, 700, 300),
        WeightCycles = 800,
        TileCycles = 4.9,
    };

    /// <summary>As explanations name it.</summary>
    public required string Name { get; init; }

    /// <summary>Output channels that are multiplied together: one <see cref="Panel"/> or several.</summary>
    public required int Outputs { get; init; }

    /// <summary>Input channels that lie side by side for each output channel in the weights.</summary>
    public required int AdjacentInputs { get; init; }

    /// <summary>Elements of a row that may be read and written beyond its end.</summary>
    public required int RowSlack { get; init; }

    /// <summary>Whether its kernels gain by a <see cref="WinogradScale"/>.</summary>
    public required bool HasOneStep { get; init; }

    /// <summary>Tiles that are multiplied at once at most.</summary>
    public required int TilesAtOnce { get; init; }

    /// <summary>Groups of eight input channels that are transformed together.</summary>
    public required int GroupsAtOnce { get; init; }

    /// <summary>Transformed inputs and sums of a strip stay in this: most of the L2 cache of a core or a small cluster.</summary>
    public required int StripBytes { get; init; }

    /// <summary>Whether that cache is each core's own, so that every thread may have a strip in it.</summary>
    public required bool HasOwnCaches { get; init; }

    /// <summary>More transformed weights than this are not kept: its kernels have <see cref="IWinogradKernel.TransformWeights"/>.</summary>
    public required long MostKeptBytes { get; init; }

    /// <summary>The same as <see cref="StripBytes"/> where weights are not kept: the fewer strips, the fewer times they are transformed.</summary>
    public required int LongStripBytes { get; init; }

    /// <summary>F(4x4, 3x3).</summary>
    public required TransformCycles Four { get; init; }

    /// <summary>F(2x2, 3x3); null where no kernel has it.</summary>
    public required TransformCycles? Two { get; init; }

    /// <summary>To transform the weights of eight input channels and <see cref="Outputs"/>.</summary>
    public required double WeightCycles { get; init; }

    /// <summary>Eight input channels by <see cref="Outputs"/> of a tile at one position.</summary>
    public required double TileCycles { get; init; }

    /// <summary>The same for any number of tiles at once: loads of weights.</summary>
    public required double GroupCycles { get; init; }

    /// <summary>For all groups at once: the first of them, the sums' stores, the loop.</summary>
    public required double CallCycles { get; init; }

    /// <summary>Whatever the layer's size.</summary>
    public required double LayerCycles { get; init; }

    /// <summary>Multiply-accumulates a cycle of the direct kernel.</summary>
    public required double DirectRate { get; init; }

    /// <summary>Of the direct kernel, an output beside its multiplications: the requantization.</summary>
    public required double DirectOutputCycles { get; init; }

    /// <summary>Of the direct kernel, what it takes before it multiplies.</summary>
    public required double DirectLayerCycles { get; init; }

    /// <summary>More weights than this come from further away.</summary>
    public required long CacheBytes { get; init; }

    /// <summary>Of weights that come from further away.</summary>
    public required double CyclesAByte { get; init; }
}

/// <summary>Of one tile.</summary>
/// <param name="Into">Eight input channels.</param>
/// <param name="OutOf">The way back of as many output channels as are multiplied together.</param>
/// <param name="Part">The same for each part, where there are several.</param>
/// <param name="Staged">Beside, where it sticks out of the picture or not all of the channels are there.</param>
internal sealed record TransformCycles(double Into, double OutOf, double Part, double Staged);
