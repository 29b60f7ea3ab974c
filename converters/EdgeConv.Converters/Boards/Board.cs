using System.Text.Json.Serialization;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Converters.Boards;

/// <summary>How EdgeConv runs on a board.</summary>
public enum BoardTarget
{
    /// <summary>Linux: `edgeconv-agent` maps the model file and packs its weights.</summary>
    [JsonStringEnumMemberName("agent")]
    Agent,

    /// <summary>Bare Cortex-M: C with the weights as constants in flash.</summary>
    [JsonStringEnumMemberName("cortex-m")]
    CortexM,

    /// <summary>.NET nanoFramework: interpreted C#, written for the model, in the deployment partition.</summary>
    [JsonStringEnumMemberName("nanoframework")]
    NanoFramework,
}

/// <summary>The vector instructions that a processor has for int8.</summary>
public enum BoardSimd
{
    /// <summary>None.</summary>
    [JsonStringEnumMemberName("none")]
    None,

    /// <summary>NEON without dot product: Cortex-A53, A72.</summary>
    [JsonStringEnumMemberName("neon")]
    Neon,

    /// <summary>NEON with dot product: Cortex-A76.</summary>
    [JsonStringEnumMemberName("dotprod")]
    DotProduct,

    /// <summary>Two int16 multiplications at once: Cortex-M4, M7, M33.</summary>
    [JsonStringEnumMemberName("dsp")]
    Dsp,

    /// <summary>Helium: Cortex-M55, M85.</summary>
    [JsonStringEnumMemberName("mve")]
    Mve,
}

/// <summary>A board, from boards.json.</summary>
/// <param name="Id">What a user types.</param>
/// <param name="Name">What is printed on its box.</param>
/// <param name="Processor">Chip and cores.</param>
/// <param name="Cores">Cores of the kind that runs the model; it runs on one.</param>
/// <param name="ClockHz">Clock, Hz.</param>
/// <param name="RamBytes">Memory on the board, bytes.</param>
/// <param name="FlashBytes">Flash or smallest sensible card, bytes.</param>
/// <param name="ModelRamBytes">What the system leaves of the memory for a model, bytes.</param>
/// <param name="ModelFlashBytes">What the system leaves of the flash for a model file, or for code written for a model, bytes.</param>
/// <param name="Simd">Vector instructions.</param>
/// <param name="Target">How EdgeConv runs there.</param>
/// <param name="Speed">Name of its <see cref="BoardSpeed"/>.</param>
/// <param name="Cameras">What it can see with, without another board.</param>
/// <param name="Source">Where clock, memory and cameras are from.</param>
/// <param name="Budget">Why the system leaves what it leaves.</param>
public sealed record Board(
    string Id, string Name, string Processor, int Cores, long ClockHz, long RamBytes, long FlashBytes, long ModelRamBytes,
    long ModelFlashBytes, BoardSimd Simd, BoardTarget Target, string Speed, IReadOnlyList<string> Cameras, string Source, string Budget)
{
    /// <summary>The kernel path that the interpreter takes there; null where another program than the interpreter runs.</summary>
    [JsonIgnore]
    public KernelPath? Path => Target != BoardTarget.Agent
        ? null
        : KernelPath.All.Single(path => path.Name == (Simd == BoardSimd.DotProduct ? "NeonDp" : "Neon"));
}

/// <summary>How fast a kind of processor is, and how that is known.</summary>
/// <param name="Name">What <see cref="Board.Speed"/> refers to; of a Cortex-M, the name that compilers have for it.</param>
/// <param name="Source">The measurements behind it.</param>
public sealed record BoardSpeed(string Name, string Source)
{
    /// <summary>What the interpreter does in a cycle; null where generated code runs instead.</summary>
    public LayerRates? Rates { get; init; }

    /// <summary>
    /// Cycles of a step of generated code, as its planner estimates steps: an instruction of a Cortex-M3 or of the vector instructions that the core has, an
    /// operation of byte code on nanoFramework; null where the interpreter runs.
    /// </summary>
    public Rate? CyclesAStep { get; init; }
}

/// <summary>What a processor does in a clock cycle, by kind of layer.</summary>
/// <param name="Convolution">Multiply-accumulates a cycle of convolutions over several channels, lowest and highest.</param>
/// <param name="Deep">The same of <see cref="LayerKind.DeepConvolution"/>.</param>
/// <param name="Depthwise">The same where each filter sees one channel.</param>
/// <param name="FullyConnected">The same for layers that read each weight once.</param>
/// <param name="Wide">The same for layers with int16 activations.</param>
/// <param name="Elements">Output elements a cycle, of every layer: pooling, adding, moving; what requantizing adds to the rates above.</param>
public sealed record LayerRates(Rate Convolution, Rate Deep, Rate Depthwise, Rate FullyConnected, Rate Wide, Rate Elements)
{
    /// <summary>Of the multiply-accumulates of a kind of layer.</summary>
    public Rate Of(LayerKind kind) => kind switch
    {
        LayerKind.DeepConvolution => Deep,
        LayerKind.Depthwise => Depthwise,
        LayerKind.FullyConnected => FullyConnected,
        LayerKind.Wide => Wide,
        _ => Convolution,
    };
}

/// <summary>Something a cycle, or cycles of something, as a range.</summary>
/// <param name="Low">The smallest that is plausible.</param>
/// <param name="High">The largest that is plausible.</param>
public sealed record Rate(double Low, double High);
