using EdgeConv.Converters.Boards;

namespace EdgeConv.Converters.CodeGen.Nano;

/// <summary>What code for nanoFramework is generated for.</summary>
/// <param name="Optimize">Speed against size.</param>
/// <param name="MaxRam">Bytes of RAM at most, or null.</param>
/// <param name="MaxFlash">Bytes of flash at most, or null.</param>
/// <param name="Board">Whose memory it has to fit as well, and for which time is estimated; or null.</param>
public sealed record NanoGoal(COptimize Optimize = COptimize.Balanced, int? MaxRam = null, int? MaxFlash = null, Board? Board = null)
{
    /// <summary>
    /// The version of the weights, which then lie in a file of their own for one of two flash slots, with all that a training changes; null for weights
    /// in the program.
    /// </summary>
    public uint? SlotVersion { get; init; }

    /// <summary>What limits the RAM, for messages.</summary>
    internal string RamLimit { get; init; } = "--max-ram";

    /// <summary>What limits the flash, for messages.</summary>
    internal string FlashLimit { get; init; } = "--max-flash";

    /// <summary>For tests: each layer's form by its place among all that serve, whatever it costs.</summary>
    internal int? Way { get; init; }

    /// <summary>The same with what the board has, where that is less.</summary>
    internal NanoGoal WithBoard()
    {
        NanoGoal goal = this;
        if (Board is not null && !(MaxRam <= Board.ModelRamBytes))
        {
            goal = goal with { MaxRam = (int)Math.Min(Board.ModelRamBytes, int.MaxValue), RamLimit = Board.Name };
        }

        return Board is not null && !(MaxFlash <= Board.ModelFlashBytes)
            ? goal with { MaxFlash = (int)Math.Min(Board.ModelFlashBytes, int.MaxValue), FlashLimit = Board.Name }
            : goal;
    }
}
