using System.Globalization;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Converters.Boards;

/// <summary>Bytes that a model needs on a board.</summary>
/// <param name="Name">A word.</param>
/// <param name="Bytes">How many.</param>
/// <param name="Note">What they are.</param>
public sealed record Need(string Name, long Bytes, string Note);

/// <summary>A model beside a board.</summary>
/// <param name="Board">The board.</param>
/// <param name="Flash">What is written to it: the model file, or a program of its own.</param>
/// <param name="Memory">What lies in memory while it runs.</param>
/// <param name="Time">How long an inference may take; null where the model cannot run there.</param>
/// <param name="Problems">Why the model does not fit: a sentence a limit, with the layer to change. Empty when it fits.</param>
public sealed record Fit(Board Board, IReadOnlyList<Need> Flash, IReadOnlyList<Need> Memory, TimeEstimate? Time, IReadOnlyList<string> Problems)
{
    /// <summary>All flash that the model takes.</summary>
    public long FlashBytes => Flash.Sum(need => need.Bytes);

    /// <summary>All memory that it takes.</summary>
    public long RamBytes => Memory.Sum(need => need.Bytes);

    /// <summary>Whether the board can hold the model.</summary>
    public bool Fits => Problems.Count == 0;
}

/// <summary>Holds a model against a board's limits before anything is flashed.</summary>
public static class FitCheck
{
    /// <summary>
    /// Checks one model. For boards that run the interpreter its weights are packed once, to know their size; for others its code is planned, not written,
    /// as `export` does it.
    /// </summary>
    public static Fit Run(Model model, Board board)
    {
        LayerCost[] layers = [.. model.Operators.Select(step => LayerCost.Of(model, step))];
        Fit fit = board.Path is { } path ? Interpreted(model, board, path, layers) : Generated(model, board, layers);
        return fit with { Problems = [.. Problems(fit, model, layers), .. fit.Problems] };
    }

    private static Fit Interpreted(Model model, Board board, KernelPath path, LayerCost[] layers)
    {
        WorkingMemory working = path.WorkingMemory(model);
        return new(
            board,
            [File(model)],
            [
                Arena(model),
                new("packed", working.PackedBytes, $"weights in the order of the kernels, on the interpreter's {path.Name} path"),
                new("scratch", working.ScratchBytes, "for the length of one operator"),
                new("stack", Interpreter.StackBytes, "at most, of a call of the interpreter"),
                new("mapped", model.FileBytes, "pages of the model file; the system may drop them"),
            ],
            TimeEstimate.Of(layers, board),
            []);
    }

    private static Fit Generated(Model model, Board board, LayerCost[] layers)
    {
        // No form of a layer has less than half of its weights' bytes: what is that large need not be planned.
        if (layers.Sum(layer => layer.ConstantBytes) / 2 > board.ModelFlashBytes)
        {
            return new(board, [File(model)], [Arena(model)], null, []);
        }

        try
        {
            GeneratedCode code = GeneratedCode.For(model, board);
            return new(board, code.Flash, code.Memory, TimeEstimate.Of(code.Steps, board), []);
        }
        catch (CodeGenException exception)
        {
            return new(board, [File(model)], [Arena(model)], null, [$"code: {exception.Message}"]);
        }
    }

    private static Need File(Model model) => new("file", model.FileBytes, "the model file");

    private static Need Arena(Model model) => new("arena", model.ArenaBytes, "activations, input and output included");

    private static IEnumerable<string> Problems(Fit fit, Model model, LayerCost[] layers)
    {
        Board board = fit.Board;
        LayerCost largest = layers.MaxBy(layer => layer.ConstantBytes)!;
        if (fit.FlashBytes > board.ModelFlashBytes)
        {
            yield return $"flash: the model takes {Bytes(fit.FlashBytes)} ({Parts(fit.Flash)}), {board.Id} leaves {Bytes(board.ModelFlashBytes)}. "
                + $"The largest layer is '{largest.Name}' with {Bytes(largest.ConstantBytes)} of weights. Make it smaller, or take "
                + $"{Others(other => fit.FlashBytes <= other.ModelFlashBytes)}.";
        }

        if (fit.RamBytes > board.ModelRamBytes)
        {
            (ModelOperator step, long used) = ArenaLife.Peak(model);
            bool activations = model.ArenaBytes > board.ModelRamBytes || model.ArenaBytes >= fit.RamBytes - model.ArenaBytes;
            string layer = activations
                ? $"The arena is fullest in layer '{step.Name}', {Bytes(used)} of activations. Make its input or output smaller"
                : $"The largest layer is '{largest.Name}' with {Bytes(largest.ConstantBytes)} of weights. Make it smaller";
            yield return $"memory: the model takes {Bytes(fit.RamBytes)} ({Parts(fit.Memory)}), {board.Id} leaves {Bytes(board.ModelRamBytes)}. "
                + $"{layer}, or take {Others(other => fit.RamBytes <= other.ModelRamBytes)}.";
        }
    }

    private static string Parts(IReadOnlyList<Need> needs) => string.Join(", ", needs.Select(need => $"{need.Name} {Count(need.Bytes)}"));

    private static string Others(Func<Board, bool> fits)
    {
        string[] ids = [.. KnownBoards.All.Where(fits).OrderBy(board => board.RamBytes).Select(board => board.Id)];
        return ids.Length == 0 ? "another board; none of the known ones has enough" : $"a larger board, such as {ids[0]}";
    }

    private static string Bytes(long bytes) => $"{Count(bytes)} bytes";

    private static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
