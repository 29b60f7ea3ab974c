using System.Globalization;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Converters.Boards;

/// <summary>A model beside a board.</summary>
/// <param name="Board">The board.</param>
/// <param name="FlashBytes">The model file, exactly.</param>
/// <param name="ArenaBytes">Activations, exactly.</param>
/// <param name="Working">
/// Packed weights and scratch of the interpreter on the board's kernel path, exactly; null where generated code runs instead.
/// </param>
/// <param name="StackBytes">What the interpreter needs at most; null where generated code runs instead.</param>
/// <param name="MappedBytes">Pages of the model file that lie in memory while the model runs: all of it on Linux, none elsewhere.</param>
/// <param name="WorkingNote">What the working bytes are, or why there are none.</param>
/// <param name="Time">How long an inference may take.</param>
/// <param name="Problems">Why the model does not fit: a sentence a limit, with the layer to change. Empty when it fits.</param>
public sealed record Fit(
    Board Board, long FlashBytes, long ArenaBytes, WorkingMemory? Working, long? StackBytes, long MappedBytes, string WorkingNote,
    TimeEstimate Time, IReadOnlyList<string> Problems)
{
    /// <summary>All memory that the model takes.</summary>
    public long RamBytes => ArenaBytes + (Working?.TotalBytes ?? 0) + (StackBytes ?? 0) + MappedBytes;

    /// <summary>Whether the board can hold the model.</summary>
    public bool Fits => Problems.Count == 0;
}

/// <summary>Holds a model against a board's limits before anything is flashed.</summary>
public static class FitCheck
{
    /// <summary>Checks one model. Packs its weights once for boards that run the interpreter, to know their size.</summary>
    public static Fit Run(Model model, Board board)
    {
        LayerCost[] layers = [.. model.Operators.Select(step => LayerCost.Of(model, step))];
        KernelPath? path = board.Path;
        long mapped = path is null ? 0 : model.FileBytes;
        Fit fit = new(board, model.FileBytes, model.ArenaBytes, path?.WorkingMemory(model), path is null ? null : Interpreter.StackBytes,
            mapped, Note(board), TimeEstimate.Of(layers, board), []);
        return fit with { Problems = [.. Problems(fit, model, layers)] };
    }

    private static string Note(Board board) => board.Path is { } path
        ? $"on the interpreter's {path.Name} path"
        : "none counted: no interpreter runs there, but code with the weights in flash, which this version does not make yet; its stack "
            + "and scratch are to be within what the board keeps back";

    private static IEnumerable<string> Problems(Fit fit, Model model, LayerCost[] layers)
    {
        Board board = fit.Board;
        if (fit.FlashBytes > board.ModelFlashBytes)
        {
            LayerCost largest = layers.MaxBy(layer => layer.ConstantBytes)!;
            yield return $"flash: the model file takes {Bytes(fit.FlashBytes)}, {board.Id} leaves {Bytes(board.ModelFlashBytes)} for it. "
                + $"The largest layer is '{largest.Name}' with {Bytes(largest.ConstantBytes)} of weights. Make it smaller, or take "
                + $"{Others(other => fit.FlashBytes <= other.ModelFlashBytes)}.";
        }

        if (fit.RamBytes > board.ModelRamBytes)
        {
            (ModelOperator step, long used) = ArenaLife.Peak(model);
            LayerCost largest = layers.MaxBy(layer => layer.ConstantBytes)!;
            bool activations = fit.ArenaBytes > board.ModelRamBytes || fit.ArenaBytes >= fit.RamBytes - fit.ArenaBytes;
            string layer = activations
                ? $"The arena is fullest in layer '{step.Name}', {Bytes(used)} of activations. Make its input or output smaller"
                : $"The largest layer is '{largest.Name}' with {Bytes(largest.ConstantBytes)} of weights. Make it smaller";
            yield return $"memory: the model takes {Bytes(fit.RamBytes)} ({Parts(fit)}), {board.Id} leaves {Bytes(board.ModelRamBytes)}. "
                + $"{layer}, or take {Others(other => fit.RamBytes <= other.ModelRamBytes)}.";
        }
    }

    private static string Parts(Fit fit) => fit.Working is { } working
        ? $"arena {Count(fit.ArenaBytes)}, packed weights {Count(working.PackedBytes)}, scratch {Count(working.ScratchBytes)}, "
            + $"stack {Count(fit.StackBytes ?? 0)}, mapped file {Count(fit.MappedBytes)}"
        : "the arena";

    private static string Others(Func<Board, bool> fits)
    {
        string[] ids = [.. KnownBoards.All.Where(fits).OrderBy(board => board.RamBytes).Select(board => board.Id)];
        return ids.Length == 0 ? "another board; none of the known ones has enough" : $"a larger board, such as {ids[0]}";
    }

    private static string Bytes(long bytes) => $"{Count(bytes)} bytes";

    private static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
