namespace EdgeConv.Converters.Visualization;

/// <summary>One channel of a convolution: what excites it in float, and what in int8.</summary>
/// <param name="Unit">Index of the channel.</param>
/// <param name="Float">Strongest first; empty when it never responds.</param>
/// <param name="Int8">The same for the model file.</param>
/// <param name="Kept">Patches of <paramref name="Float"/> that are among <paramref name="Int8"/> too, at half of their pixels or
/// more. Patches that int8 cannot tell apart count in its favour.</param>
/// <param name="Deviation">Mean difference of the two responses at the float patches, over their mean; 0 is none. A model that was
/// converted with equalized channels responds on another scale, which counts as difference here, not in <paramref name="Kept"/>.</param>
public sealed record UnitPatches(int Unit, IReadOnlyList<Patch> Float, IReadOnlyList<Patch> Int8, int Kept, double Deviation)
{
    /// <summary>Patches that quantization replaced.</summary>
    public int Changed => Math.Max(Float.Count, Int8.Count) - Kept;

    internal static UnitPatches Of(int unit, ReceptiveField field, ReadOnlySpan<Patch> real, ReadOnlySpan<Patch> int8)
    {
        (int kept, double difference, double sum) = (0, 0, 0);
        foreach (Patch patch in real)
        {
            FieldOfView seen = field.At(patch.Row, patch.Column);
            foreach (Patch other in int8)
            {
                kept += other.Picture == patch.Picture && seen.IsNear(field.At(other.Row, other.Column)) ? 1 : 0;
            }

            difference += Math.Abs(patch.Int8 - patch.Float);
            sum += Math.Abs(patch.Float);
        }

        return new UnitPatches(unit, real.ToArray(), int8.ToArray(), kept, sum == 0 ? 0 : difference / sum);
    }
}

/// <summary>The units of one convolution.</summary>
/// <param name="Layer">Its name.</param>
/// <param name="Field">Its receptive field.</param>
/// <param name="Shape">Of its output, NHWC.</param>
/// <param name="Units">The most changed first: by patches replaced, then by deviation.</param>
public sealed record LayerPatches(string Layer, ReceptiveField Field, IReadOnlyList<int> Shape, IReadOnlyList<UnitPatches> Units);

/// <summary>What both networks said about one picture.</summary>
/// <param name="Picture">Index in the data set.</param>
/// <param name="Label">Its class there.</param>
/// <param name="Float">Class that the float network answered.</param>
/// <param name="Int8">Class that the int8 network answered.</param>
public readonly record struct TwinAnswer(int Picture, int Label, int Float, int Int8);

/// <summary>What a data set shows about both networks.</summary>
/// <param name="Layers">One a convolution, in running order.</param>
/// <param name="Answers">One a picture, in the order of the data set.</param>
public sealed record TwinSurvey(IReadOnlyList<LayerPatches> Layers, IReadOnlyList<TwinAnswer> Answers);
