using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Quantization;

/// <summary>How a range is chosen from the values that were seen.</summary>
public enum CalibrationMethod
{
    /// <summary>From the smallest to the largest.</summary>
    MinMax,

    /// <summary>Without the most extreme 0.01 % at each end.</summary>
    Percentile,

    /// <summary>The one whose quantization has the least mean squared error.</summary>
    MeanSquaredError,

    /// <summary>The one whose quantization has the least Kullback-Leibler divergence from what was seen.</summary>
    Entropy,
}

/// <summary>Runs samples through the float graph and notes the range of every value.</summary>
public static class Calibrator
{
    private const double TailShare = 0.0001;

    /// <summary>Finds the ranges. The input of a network that takes pictures gets the range of all possible pixels.</summary>
    /// <param name="fused">What <see cref="Fusion.Apply"/> returned.</param>
    /// <param name="samples">Inputs, NHWC; a few hundred are enough.</param>
    /// <param name="method">How ranges are chosen.</param>
    /// <param name="progress">Gets the number of samples that are done.</param>
    /// <param name="cancel">Stops the work.</param>
    /// <exception cref="ConversionException">No samples, samples of another size, or values that are not finite.</exception>
    public static Ranges Run(Graph fused, IReadOnlyList<float[]> samples, CalibrationMethod method = CalibrationMethod.MinMax,
        IProgress<int>? progress = null, CancellationToken cancel = default)
    {
        if (samples.Count == 0)
        {
            throw new ConversionException("Calibration needs pictures and got none; give it at least one, better a few hundred.");
        }

        if (samples.FirstOrDefault(s => s.Length != fused.Input.Length) is { } odd)
        {
            throw new ConversionException($"A calibration sample has {odd.Length} values; the input '{fused.Input.Name}' takes "
                + $"{fused.Input.Length} ({fused.Input.Shape.Text()}, NHWC).");
        }

        Dictionary<string, ValueRange> ranges = Extremes(fused, samples, method == CalibrationMethod.MinMax ? progress : null, cancel);
        if (method != CalibrationMethod.MinMax)
        {
            ranges = Narrowed(fused, samples, ranges, method, progress, cancel);
        }

        if (fused.Picture is { } picture)
        {
            ranges[fused.Input.Name] = PixelRange(picture);
        }

        return new Ranges(ranges);
    }

    private static Dictionary<string, ValueRange> Extremes(
        Graph graph, IReadOnlyList<float[]> samples, IProgress<int>? progress, CancellationToken cancel)
    {
        Dictionary<string, ValueRange> all = [];
        ForEachValue(graph, samples, () => new Dictionary<string, ValueRange>(), progress, cancel,
            (seen, name, values) =>
            {
                ValueRange range = Extent(name, values);
                seen[name] = seen.TryGetValue(name, out ValueRange before) ? Union(before, range) : range;
            },
            seen =>
            {
                foreach ((string name, ValueRange range) in seen)
                {
                    all[name] = all.TryGetValue(name, out ValueRange before) ? Union(before, range) : range;
                }
            });
        return all;
    }

    private static Dictionary<string, ValueRange> Narrowed(
        Graph graph, IReadOnlyList<float[]> samples, Dictionary<string, ValueRange> ranges,
        CalibrationMethod method, IProgress<int>? progress, CancellationToken cancel)
    {
        Dictionary<string, Histogram> Create() => ranges.ToDictionary(r => r.Key, r => new Histogram(r.Value));
        Dictionary<string, Histogram> all = Create();
        ForEachValue(graph, samples, Create, progress, cancel,
            (seen, name, values) => seen[name].Add(values),
            seen =>
            {
                foreach ((string name, Histogram histogram) in seen)
                {
                    all[name].Merge(histogram);
                }
            });
        return all.ToDictionary(h => h.Key, h => method switch
        {
            CalibrationMethod.Percentile => h.Value.Percentile(TailShare),
            CalibrationMethod.Entropy => h.Value.LeastDivergence(),
            _ => h.Value.LeastSquaredError(),
        });
    }

    private static void ForEachValue<TSeen>(Graph graph, IReadOnlyList<float[]> samples, Func<TSeen> create, IProgress<int>? progress,
        CancellationToken cancel, Action<TSeen, string, float[]> see, Action<TSeen> merge) =>
        Parallelism.For(samples.Count,
            () => (Executor: new FloatExecutor(graph), Seen: create()),
            (i, state) =>
            {
                see(state.Seen, graph.Input.Name, samples[i]);
                state.Executor.Run(samples[i], (node, values) => see(state.Seen, node.Output.Name, values));
            },
            state => merge(state.Seen), progress, cancel);

    private static ValueRange Extent(string name, float[] values)
    {
        float min = float.PositiveInfinity, max = float.NegativeInfinity;
        foreach (float value in values)
        {
            if (!float.IsFinite(value))
            {
                throw new ConversionException(
                    $"'{name}' takes the value {value} on a calibration sample; check the network in float first.");
            }

            min = Math.Min(min, value);
            max = Math.Max(max, value);
        }

        return new ValueRange(min, max);
    }

    private static ValueRange Union(ValueRange a, ValueRange b) => new(Math.Min(a.Min, b.Min), Math.Max(a.Max, b.Max));

    private static ValueRange PixelRange(PictureInput picture)
    {
        IEnumerable<int> channels = Enumerable.Range(0, picture.Layout.Channels);
        return new ValueRange(
            (float)channels.Min(c => PictureTensor.Normalize(picture, c, 0)),
            (float)channels.Max(c => PictureTensor.Normalize(picture, c, byte.MaxValue)));
    }
}
