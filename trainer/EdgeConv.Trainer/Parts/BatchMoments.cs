using EdgeConv.Converters.Networks;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace EdgeConv.Trainer.Parts;

/// <summary>Mean and variance of each channel over a whole batch, from the sums over its parts.</summary>
internal sealed class BatchMoments
{
    private readonly double _count;
    private readonly double[] _mean, _variance;
    private readonly Tensor _means, _variances;

    /// <summary>From the total of <see cref="Sums"/>.</summary>
    public BatchMoments(double[] total)
    {
        int channels = (total.Length - 1) / 2;
        _count = total[^1];
        _mean = [.. total[..channels].Select(sum => sum / _count)];
        // Doubles of floats: what cancels is far below the floats' own last bit.
        _variance = [.. total[channels..^1].Select((sum, c) => Math.Max(0, sum / _count - _mean[c] * _mean[c]))];
        (_means, _variances) = (Floats(_mean), Floats(_variance));
    }

    /// <summary>For each channel of a part the sum of its values, then that of their squares, and at last their number.</summary>
    public static double[] Sums(Tensor x)
    {
        using IDisposable off = no_grad();
        // torch's own layer, asked for all of the part's statistics, is several times faster than its var_mean over channels-last values.
        double count = (double)x.numel() / x.shape[1];
        Tensor mean = zeros(x.shape[1]), variance = zeros(x.shape[1]);
        F.batch_norm(x.detach(), mean, variance, null, null, true, 1, BatchNormLayer.Epsilon).Dispose();
        double[] means = [.. mean.data<float>().Select(m => (double)m)];
        double biased = count > 1 ? (count - 1) / count : 0;
        return
        [
            .. means.Select(m => m * count),
            .. variance.data<float>().Select((v, c) => ((count > 1 ? v * biased : 0) + means[c] * means[c]) * count),
            count,
        ];
    }

    /// <summary>scale (x - mean) / sqrt(variance + epsilon) + shift, with the moments for constants.</summary>
    public Tensor Normalize(Tensor x, Tensor scale, Tensor shift) =>
        F.batch_norm(x, _means, _variances, scale, shift, false, 0, BatchNormLayer.Epsilon);

    /// <summary>What the gradient of the input gets because the moments depend on it.</summary>
    /// <param name="x">A part of the input.</param>
    /// <param name="scale">One a channel.</param>
    /// <param name="total">Over the batch: the gradients of all shifts, then those of all scales.</param>
    public Tensor Gradient(Tensor x, Tensor scale, double[] total)
    {
        using IDisposable off = no_grad();
        float[] scales = scale.data<float>().ToArray();
        int channels = scales.Length;
        var slope = new double[channels];
        var level = new double[channels];
        for (int c = 0; c < channels; c++)
        {
            double factor = -scales[c] / Math.Sqrt(_variance[c] + BatchNormLayer.Epsilon) / _count;
            (level[c], slope[c]) = (factor * total[c], factor * total[channels + c]);
        }
        return Normalize(x.detach(), Floats(slope), Floats(level));
    }

    /// <summary>Takes part of them over into a layer's means and variances, as torch does.</summary>
    public void Measure(Tensor statistics, double momentum)
    {
        using IDisposable off = no_grad();
        double unbiased = _count > 1 ? _count / (_count - 1) : 1;
        using Tensor now = Floats([.. _mean, .. _variance.Select(v => v * unbiased)]);
        statistics.lerp_(now, momentum);
    }

    private static Tensor Floats(double[] values) => tensor(values.Select(value => (float)value).ToArray());
}
