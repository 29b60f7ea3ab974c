namespace EdgeConv.Converters.Visualization;

/// <summary>A place of a picture and how strongly a unit responds there.</summary>
/// <param name="Picture">Index in the data set.</param>
/// <param name="Row">Row of the layer's output.</param>
/// <param name="Column">Column of the layer's output.</param>
/// <param name="Float">The unit's largest response to the picture, float network.</param>
/// <param name="Int8">The unit's largest response to the picture, int8 network, as a real number.</param>
public readonly record struct Patch(int Picture, int Row, int Column, float Float, float Int8);

/// <summary>
/// The patches that excite each unit of a layer most, one a picture. Holds so many a unit and no more, however long the data set; the
/// result does not depend on the order in which pictures come.
/// </summary>
/// <param name="units">Channels of the layer.</param>
/// <param name="count">Patches kept a unit.</param>
/// <param name="byInt8">Ranked by the int8 response, where equals by the float one; otherwise the other way round.</param>
internal sealed class TopPatches(int units, int count, bool byInt8)
{
    private readonly Patch[] _patches = new Patch[units * count];
    private readonly int[] _held = new int[units];

    /// <summary>The best so far, best first.</summary>
    public ReadOnlySpan<Patch> Of(int unit) => _patches.AsSpan(unit * count, _held[unit]);

    /// <summary>Takes a patch if it is among the best.</summary>
    public void Offer(int unit, Patch patch)
    {
        Span<Patch> best = _patches.AsSpan(unit * count, count);
        int at = _held[unit];
        while (at > 0 && IsBetter(patch, best[at - 1]))
        {
            at--;
        }

        if (at == count)
        {
            return;
        }

        int kept = Math.Min(_held[unit], count - 1);
        best[at..kept].CopyTo(best[(at + 1)..]);
        best[at] = patch;
        _held[unit] = kept + 1;
    }

    /// <summary>Takes what another thread has found.</summary>
    public void Merge(TopPatches other)
    {
        for (int unit = 0; unit < units; unit++)
        {
            foreach (Patch patch in other.Of(unit))
            {
                Offer(unit, patch);
            }
        }
    }

    private bool IsBetter(Patch a, Patch b)
    {
        (float first, float second) = byInt8 ? (a.Int8, b.Int8) : (a.Float, b.Float);
        (float thenFirst, float thenSecond) = byInt8 ? (a.Float, b.Float) : (a.Int8, b.Int8);
        int order = first.CompareTo(second) is not 0 and var strength ? strength : thenFirst.CompareTo(thenSecond);
        return order > 0 || (order == 0 && a.Picture < b.Picture);
    }
}
