using EdgeConv.Cli.Screen;
using EdgeConv.Converters.Boards;
using Spectre.Console;

namespace EdgeConv.Cli.Reports;

/// <summary>What the fit check says, for people and for programs.</summary>
internal static class FitReport
{
    /// <summary>Needs beside limits, and the time.</summary>
    public static void Print(Fit fit, Terminal terminal)
    {
        Board board = fit.Board;
        terminal.Line($"on {board.Id}: {board.Name}, {board.Processor}, {Units.Number(board.ClockHz / 1e6, 0)} MHz");
        Table table = Tables.Create("need", ">bytes", ">the board leaves", "what it is");
        table.Row("flash", Units.Count(fit.FlashBytes), Units.Count(board.ModelFlashBytes), "the model file");
        table.Row("arena", Units.Count(fit.ArenaBytes), "", "activations, input and output included");
        if (fit.Working is { } working)
        {
            table.Row("packed", Units.Count(working.PackedBytes), "", $"weights in the order of the kernels, {fit.WorkingNote}");
            table.Row("scratch", Units.Count(working.ScratchBytes), "", $"for the length of one operator, {fit.WorkingNote}");
            table.Row("stack", Units.Count(fit.StackBytes ?? 0), "", "at most, of a call of the interpreter");
        }
        else
        {
            table.Row("working", "", "", fit.WorkingNote);
        }

        if (fit.MappedBytes > 0)
        {
            table.Row("mapped", Units.Count(fit.MappedBytes), "", "pages of the model file; the system may drop them");
        }

        table.Row("memory", Units.Count(fit.RamBytes), Units.Count(board.ModelRamBytes), "the sum");
        terminal.Block(table);
        terminal.Line(Time(fit));
        terminal.Line($"board: {board.Budget}. Source: {board.Source}.");
    }

    /// <summary>Which limits it keeps, in one line.</summary>
    public static string Verdict(Fit fit) =>
        $"fits {fit.Board.Id}: {Units.Bytes(fit.FlashBytes)} of {Units.Bytes(fit.Board.ModelFlashBytes)} flash, "
        + $"{Units.Bytes(fit.RamBytes)} of {Units.Bytes(fit.Board.ModelRamBytes)} memory";

    /// <summary>The time with its error bar and where it is from.</summary>
    public static string Time(Fit fit) =>
        $"time about {Units.Time(fit.Time.Seconds)} on one core, between {Units.Time(fit.Time.LowSeconds)} and "
        + $"{Units.Time(fit.Time.HighSeconds)}; most of it in {fit.Time.SlowestLayer}. Estimate from {fit.Time.Source}.";

    /// <summary>For programs.</summary>
    public static object ToJson(Fit fit) => new
    {
        fit.Board,
        fit.Fits,
        fit.FlashBytes,
        fit.ArenaBytes,
        fit.Working,
        fit.StackBytes,
        fit.WorkingNote,
        fit.MappedBytes,
        fit.RamBytes,
        fit.Time,
        fit.Problems,
    };

    /// <summary>What a model that does not fit ends with.</summary>
    public static string Refusal(string model, Fit fit) =>
        $"'{model}' does not fit {fit.Board.Id} ({fit.Board.Name}). {string.Join(" ", fit.Problems)}";

    /// <summary>All boards as a table.</summary>
    public static void PrintBoards(Terminal terminal)
    {
        Table table = Tables.Create("board", "name", "processor", ">MHz", "SIMD", "runs", ">memory", ">flash");
        foreach (Board board in KnownBoards.All)
        {
            table.Row(board.Id, board.Name, board.Processor, Units.Number(board.ClockHz / 1e6, 0), Word(board.Simd), Word(board.Target),
                Units.Bytes(board.ModelRamBytes), Units.Bytes(board.ModelFlashBytes));
        }

        terminal.Block(table);
        terminal.Line("memory and flash: what the board leaves for a model; --json has all of it, cameras and sources");
    }

    private static string Word<T>(T value)
        where T : struct, Enum => Terminal.ToJson(value).Trim('"');
}
