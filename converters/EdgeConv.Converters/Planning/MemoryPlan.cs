namespace EdgeConv.Converters.Planning;

/// <summary>A piece of memory and the steps during which its content matters, both ends included.</summary>
/// <param name="Bytes">Size.</param>
/// <param name="First">The step that writes it; -1 for what the caller writes before the first step.</param>
/// <param name="Last">The last step that reads it.</param>
public readonly record struct Lifetime(int Bytes, int First, int Last)
{
    /// <summary>Whether both must be kept at some step.</summary>
    public bool Meets(Lifetime other) => First <= other.Last && other.First <= Last;
}

/// <summary>Where everything lies in the arena.</summary>
/// <param name="Offsets">Byte offset of each value: the input first, then each node's output. Multiples of 16.</param>
/// <param name="ArenaBytes">Size of the arena, a multiple of 16.</param>
public sealed record MemoryPlan(IReadOnlyList<int> Offsets, int ArenaBytes);
