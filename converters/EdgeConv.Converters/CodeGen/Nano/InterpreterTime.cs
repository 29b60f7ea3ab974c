using EdgeConv.Converters.Boards;

namespace EdgeConv.Converters.CodeGen.Nano;

/// <summary>How long nanoFramework's interpreter takes: a range, never a promise.</summary>
internal static class InterpreterTime
{
    /// <summary>Seconds for so many operations of byte code.</summary>
    /// <exception cref="CodeGenException">The board has no such interpreter.</exception>
    public static Rate Of(long operations, Board board)
    {
        if (board.Target != BoardTarget.NanoFramework)
        {
            throw new CodeGenException($"{board.Name} does not run nanoFramework. Name one of "
                + $"{string.Join(", ", KnownBoards.All.Where(b => b.Target == BoardTarget.NanoFramework).Select(b => b.Id))}.");
        }

        Rate cycles = KnownBoards.Speed(board).CyclesAStep!;
        return new Rate(operations * cycles.Low / board.ClockHz, operations * cycles.High / board.ClockHz);
    }
}
