using System.Globalization;

namespace EdgeConv.Converters.CodeGen;

/// <summary>A model in C: its files, and what was decided on the way.</summary>
public sealed class CProject
{
    private readonly LayerPlan _plan;
    private readonly IReadOnlyList<string> _layers;

    internal CProject(IReadOnlyList<CodeFile> files, int arenaBytes, LayerPlan plan, IReadOnlyList<string> layers) =>
        (Files, ArenaBytes, _plan, _layers) = (files, arenaBytes, plan, layers);

    /// <summary>All files, paths relative to the project's folder.</summary>
    public IReadOnlyList<CodeFile> Files { get; }

    /// <summary>The image of tables for one of two slots; null where the program has them.</summary>
    public CodeFile? Image { get; internal init; }

    /// <summary>What the image fits; null without one.</summary>
    public SlotCode? SlotCode { get; internal init; }

    /// <summary>Bytes of RAM beside the stack: activations and the buffers of layers.</summary>
    public int ArenaBytes { get; }

    /// <summary>Bytes of tables in flash, weights and all, at most: for the kind of processor that takes most.</summary>
    public int TableBytes => _plan.Extensions.Max(_plan.TableBytes);

    /// <summary>What each layer became, a kind of processor after the other.</summary>
    public IEnumerable<CLayerChoice> Choices => _plan.Extensions.SelectMany(extension => _layers.Index().Select(layer => Choice(extension, layer.Index)));

    private CLayerChoice Choice(Extension extension, int step)
    {
        LayerForm form = _plan.Form(extension, step);
        return new(Processors(extension), _layers[step], form.Algorithm, form.TableBytes, form.ScratchBytes, form.Instructions,
            [.. _plan.Ways(extension, step).Where(way => way != form).Select(way => $"{way.Algorithm}: {Why(way, form)}")]);
    }

    private static string Why(LayerWay way, LayerForm chosen) => way switch
    {
        RejectedForm rejected => rejected.Why,
        LayerForm other when other.Instructions >= chosen.Instructions => Count(other.Instructions, "instructions"),
        LayerForm other => $"{Count(other.Instructions, "instructions")}, but {Count(other.TableBytes, "bytes of tables")} and {Count(other.ScratchBytes, "of buffer")}",
        _ => "",
    };

    private static string Count(long number, string what) => string.Create(CultureInfo.InvariantCulture, $"{number:N0} {what}");

    private static string Processors(Extension extension) => extension switch
    {
        Extension.Mve => "M55, M85 (MVE)",
        Extension.Dsp => "M4, M7, M33 (DSP)",
        _ => "any (C99)",
    };
}

/// <summary>What a layer became on a kind of processor.</summary>
/// <param name="Processors">The kind.</param>
/// <param name="Layer">Its name.</param>
/// <param name="Algorithm">How it is computed.</param>
/// <param name="TableBytes">Flash of its tables.</param>
/// <param name="ScratchBytes">RAM of its buffer.</param>
/// <param name="Instructions">Estimated.</param>
/// <param name="Rejected">The other ways, and what spoke against each.</param>
public sealed record CLayerChoice(
    string Processors, string Layer, string Algorithm, int TableBytes, int ScratchBytes, long Instructions, IReadOnlyList<string> Rejected);
