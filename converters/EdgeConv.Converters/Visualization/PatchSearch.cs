using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.Visualization;

/// <summary>
/// Finds the patches of a data set that excite each unit most (Zeiler and Fergus, Visualizing and Understanding Convolutional Networks,
/// 2014, without their deconvolution). Pictures stream through, on all cores; memory grows with the units, not with the pictures.
/// </summary>
public static class PatchSearch
{
    /// <summary>Patches a unit.</summary>
    public const int PatchesAUnit = 9;

    /// <summary>Runs both networks over pictures of a data set.</summary>
    /// <param name="twins">The two networks.</param>
    /// <param name="data">The pictures.</param>
    /// <param name="limit">At most so many, spread evenly over the set.</param>
    /// <param name="progress">Gets the number of pictures that are done.</param>
    /// <param name="cancel">Stops between two pictures.</param>
    /// <exception cref="DataSetException">No picture decodes; single ones that do not are left out.</exception>
    public static TwinSurvey Run(
        Twins twins, IDataSet data, int limit, IProgress<int>? progress = null, CancellationToken cancel = default)
    {
        Layer[] layers = [.. twins.Convolutions.Select(index => new Layer(twins.Float.Nodes[index], index))];
        using PictureSamples pictures =
            PictureSamples.Load(data, twins.Float.Picture!.Layout, PictureSamples.Spread(data.Count, limit), null, cancel, Converter.PictureBytes);
        var answers = new TwinAnswer[pictures.Count];
        Best[] found = [.. layers.Select(layer => new Best(layer.Units))];
        Parallelism.For(pictures.Count,
            () => (Run: new TwinRun(twins), Found: layers.Select(layer => new Best(layer.Units)).ToArray()),
            (i, state) =>
            {
                int next = 0;
                int picture = pictures.IndexInData(i);
                state.Run.Run(pictures.Pixels(i), (node, real, int8) =>
                {
                    if (next < layers.Length && layers[next].Node == node)
                    {
                        layers[next].Offer(picture, real, int8, state.Found[next]);
                        next++;
                    }
                });
                answers[i] = new TwinAnswer(picture, pictures.Label(i),
                    Converters.Answers.IndexOfMax(state.Run.Float), Converters.Answers.IndexOfMax(state.Run.Int8));
            },
            state =>
            {
                state.Run.Dispose();
                foreach ((Best all, Best part) in found.Zip(state.Found))
                {
                    all.Float.Merge(part.Float);
                    all.Int8.Merge(part.Int8);
                }
            }, progress, cancel);

        IReadOnlyDictionary<string, ReceptiveField> fields = ReceptiveFields.Of(twins.Float);
        return new TwinSurvey([.. layers.Zip(found, (layer, best) => layer.Rank(fields, best))], answers);
    }

    private sealed class Best(int units)
    {
        public TopPatches Float { get; } = new(units, PatchesAUnit, byInt8: false);

        public TopPatches Int8 { get; } = new(units, PatchesAUnit, byInt8: true);
    }

    private sealed class Layer(Node node, int index)
    {
        // Behind ReLU, zero is no response at all.
        private readonly float _silence =
            ((Conv2D)node.Operation).Activation == Activation.None ? float.NegativeInfinity : 0;

        public int Node => index;

        public int Units => node.Output.Shape[3];

        public void Offer(int picture, float[] real, float[] int8, Best best)
        {
            for (int unit = 0; unit < Units; unit++)
            {
                (int at, int at8) = Strongest(real, int8, unit);
                var patch = new Patch(picture, 0, 0, real[at], int8[at8]);
                if (patch.Float > _silence)
                {
                    best.Float.Offer(unit, At(patch, at));
                }

                if (patch.Int8 > _silence)
                {
                    best.Int8.Offer(unit, At(patch, at8));
                }
            }
        }

        public LayerPatches Rank(IReadOnlyDictionary<string, ReceptiveField> fields, Best best)
        {
            ReceptiveField field = fields[node.Output.Name];
            IEnumerable<UnitPatches> units = Enumerable.Range(0, Units)
                .Select(unit => UnitPatches.Of(unit, field, best.Float.Of(unit), best.Int8.Of(unit)));
            return new LayerPatches(node.Name, field, node.Output.Shape,
                [.. units.OrderByDescending(unit => unit.Changed).ThenByDescending(unit => unit.Deviation).ThenBy(unit => unit.Unit)]);
        }

        private Patch At(Patch patch, int element)
        {
            int place = element / Units;
            return patch with { Row = place / node.Output.Shape[2], Column = place % node.Output.Shape[2] };
        }

        // Of places that int8 cannot tell apart, the one that float prefers.
        private (int Float, int Int8) Strongest(float[] real, float[] int8, int unit)
        {
            (int at, int at8) = (unit, unit);
            for (int i = unit + Units; i < real.Length; i += Units)
            {
                at = real[i] > real[at] ? i : at;
                at8 = int8[i] > int8[at8] || (int8[i] == int8[at8] && real[i] > real[at8]) ? i : at8;
            }

            return (at, at8);
        }
    }
}
