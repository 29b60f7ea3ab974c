namespace EdgeConv.Converters.Quantization;

/// <summary>
/// Counts of a value over its range and zero, from which a narrower range can be chosen. Exact zeros are left out: every
/// quantization represents them exactly, and after a ReLU they would drown the rest.
/// </summary>
internal sealed class Histogram(ValueRange seen)
{
    private const int Bins = 2048;
    private const int Steps = 255;
    private const int Candidates = 100;
    private const double SmallestRange = 1e-30;
    private readonly long[] _counts = new long[Bins];
    private readonly double _min = Math.Min(seen.Min, 0), _max = Math.Max(seen.Max, 0);
    private readonly double _binsPerUnit = Bins / Math.Max(Math.Max((double)seen.Max, 0) - Math.Min((double)seen.Min, 0), SmallestRange);

    /// <summary>Counts values; what lies outside the range goes to the nearest bin.</summary>
    public void Add(ReadOnlySpan<float> values)
    {
        foreach (float value in values)
        {
            if (value != 0)
            {
                _counts[(int)Math.Clamp((value - _min) * _binsPerUnit, 0, Bins - 1)]++;
            }
        }
    }

    /// <summary>Adds another histogram of the same range.</summary>
    public void Merge(Histogram other)
    {
        for (int i = 0; i < Bins; i++)
        {
            _counts[i] += other._counts[i];
        }
    }

    /// <summary>The range that leaves out at most that share of the values at each end, but never zero.</summary>
    public ValueRange Percentile(double share)
    {
        long allowed = (long)(_counts.Sum() * share);
        int low = 0, high = Bins - 1;
        for (long left = allowed - _counts[low]; left >= 0 && low < high; left -= _counts[low])
        {
            low++;
        }

        for (long left = allowed - _counts[high]; left >= 0 && high > low; left -= _counts[high])
        {
            high--;
        }

        return new ValueRange(
            (float)Math.Clamp(_min + (low / _binsPerUnit), _min, 0), (float)Math.Clamp(_min + ((high + 1) / _binsPerUnit), 0, _max));
    }

    /// <summary>The range, of a hundred that shrink towards zero, whose 256 steps have the least mean squared error.</summary>
    public ValueRange LeastSquaredError()
    {
        (double Error, ValueRange Range) best = (double.PositiveInfinity, seen);
        for (int i = Candidates; i >= 1; i--)
        {
            ValueRange candidate = new((float)(_min * i / Candidates), (float)(_max * i / Candidates));
            double error = SquaredError(candidate);
            best = error < best.Error ? (error, candidate) : best;
        }

        return best.Range;
    }

    /// <summary>The range, of a hundred that shrink towards zero, whose clipping and 256 steps lose the least information.</summary>
    public ValueRange LeastDivergence()
    {
        int zero = (int)Math.Clamp(Math.Round(-_min * _binsPerUnit), 0, Bins);
        (double Divergence, ValueRange Range) best = (double.PositiveInfinity, seen);
        for (int i = Candidates; i >= 1; i--)
        {
            int low = zero - (zero * i / Candidates), high = zero + ((Bins - zero) * i / Candidates);
            if (high - low < KullbackLeibler.Steps)
            {
                break;
            }

            double divergence = KullbackLeibler.Divergence(_counts, low, high - low);
            ValueRange candidate = new(
                (float)Math.Clamp(_min + (low / _binsPerUnit), _min, 0), (float)Math.Clamp(_min + (high / _binsPerUnit), 0, _max));
            best = divergence < best.Divergence ? (divergence, candidate) : best;
        }

        return best.Range;
    }

    private double SquaredError(ValueRange candidate)
    {
        double scale = ((double)candidate.Max - candidate.Min) / Steps;
        double sum = 0;
        for (int i = 0; i < Bins && scale > 0; i++)
        {
            double value = _min + ((i + 0.5) / _binsPerUnit);
            double nearest = candidate.Min + (Math.Clamp(Math.Round((value - candidate.Min) / scale), 0, Steps) * scale);
            sum += _counts[i] * (value - nearest) * (value - nearest);
        }

        return scale > 0 ? sum : double.PositiveInfinity;
    }
}
