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
        Rows("flash", fit.Flash, board.ModelFlashBytes);
        Rows("memory", fit.Memory, board.ModelRamBytes);
        terminal.Block(table);
        terminal.Line(Time(fit));
        terminal.Line($"board: {board.Budget}. Source: {board.Source}.");

        void Rows(string what, IReadOnlyList<Need> needs, long leaves)
        {
            foreach (Need need in needs)
            {
                table.Row(need.Name, Units.Count(need.Bytes), needs.Count == 1 ? Units.Count(leaves) : "", need.Note);
            }

            if (needs.Count > 1)
            {
                table.Row(what, Units.Count(needs.Sum(need => need.Bytes)), Units.Count(leaves), "the sum");
            }
        }
    }

    /// <summary>Which limits it keeps, in one line.</summary>
    public static string Verdict(Fit fit) =>
        $"fits {fit.Board.Id}: {Units.Bytes(fit.FlashBytes)} of {Units.Bytes(fit.Board.ModelFlashBytes)} flash, "
        + $"{Units.Bytes(fit.RamBytes)} of {Units.Bytes(fit.Board.ModelRamBytes)} memory";

    /// <summary>The time with its error bar and where it is from.</summary>
    public static string Time(Fit fit) => fit.Time is { } time
        ? $"time about {Units.Estimate(time.Seconds)} on one core, between {Units.Estimate(time.LowSeconds)} and {Units.Estimate(time.HighSeconds)}; most of it in {time.SlowestLayer}. Estimate from {time.Source}."
        : "time none: it cannot run there";

    /// <summary>For programs.</summary>
    public static object ToJson(Fit fit) => new
    {
        fit.Board,
        fit.Fits,
        fit.FlashBytes,
        fit.RamBytes,
        fit.Flash,
        fit.Memory,
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
