using EdgeConv.Converters.CodeGen;

namespace EdgeConv.Cli.Microcontrollers;

/// <summary>What `bench --on` found on one processor.</summary>
/// <param name="Processor">As the emulator calls it.</param>
/// <param name="Optimize">What the C was to be best at.</param>
/// <param name="Instructions">Of one inference, counted.</param>
/// <param name="Cycles">Of one inference, modelled; null where there is no model here.</param>
/// <param name="CyclesBy">The model; or, where there is none, what to install.</param>
/// <param name="ArenaBytes">RAM of activations and buffers.</param>
/// <param name="StackBytes">Stack that edgeconv_run took, measured.</param>
/// <param name="StackBound">The compiler's sum along the deepest chain of calls.</param>
/// <param name="CodeBytes">Flash of the model's functions.</param>
/// <param name="TableBytes">Flash of its weights and other tables.</param>
/// <param name="Macs">Multiply-accumulates of one inference, by the plain rule.</param>
/// <param name="Layers">In the order in which they run.</param>
/// <param name="CmsisNn">The other library beside it; null where none was named.</param>
public sealed record McuResult(
    string Processor, COptimize Optimize, long Instructions, long? Cycles, string CyclesBy, int ArenaBytes, int StackBytes, int StackBound, int CodeBytes, int TableBytes,
    long Macs, IReadOnlyList<McuLayer> Layers, CmsisNnTotal? CmsisNn);

/// <summary>One layer.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Algorithm">How the C computes it.</param>
/// <param name="Macs">Multiply-accumulates, by the plain rule.</param>
/// <param name="Instructions">Counted.</param>
/// <param name="Cycles">Modelled; null where there is no model here.</param>
/// <param name="CmsisNnInstructions">Of the other library's functions for it; null where it has none, or was not named.</param>
/// <param name="SameBytes">Whether that gave the same bytes; null as before.</param>
public sealed record McuLayer(
    string Name, string Algorithm, long Macs, long Instructions, long? Cycles, long? CmsisNnInstructions, bool? SameBytes)
{
    /// <summary>Null for layers that do not multiply.</summary>
    public double? InstructionsPerMac => Macs > 0 ? (double)Instructions / Macs : null;
}

/// <summary>The other library on the layers that it has.</summary>
/// <param name="Instructions">Its own.</param>
/// <param name="OurInstructions">Ours, of the same layers.</param>
/// <param name="Layers">How many those are.</param>
public sealed record CmsisNnTotal(long Instructions, long OurInstructions, int Layers);
