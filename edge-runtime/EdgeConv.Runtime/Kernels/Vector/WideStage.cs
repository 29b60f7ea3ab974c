using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// What follows the sums of a layer with int16 activations: bias, requantization, clamp; each channel's numbers side by side, the 15-bit
/// multipliers and the rounding halves of int64 sums computed once.
/// </summary>
internal sealed unsafe class WideStage : IDisposable
{
    private readonly NativeBuffer _channels;
    private readonly bool _inInt64;
    private readonly int _min;
    private readonly int _max;

    public WideStage(Model model, int bias, int multipliers, int shifts, int min, int max)
    {
        (_min, _max) = (min, max);
        _inInt64 = model.Tensors[bias].Type == ElementType.Int64;
        int count = model.Tensors[bias].Length;
        _channels = new NativeBuffer((long)count * sizeof(Channel));
        for (int c = 0; c < count; c++)
        {
            (int multiplier, int shift) = (model.Int32Data(multipliers)[c], model.Int32Data(shifts)[c]);
            ((Channel*)_channels.Pointer)[c] = _inInt64
                ? new Channel(model.Int64Data(bias)[c], Requantizer.Reduced(multiplier), 15 - shift)
                : new Channel(model.Int32Data(bias)[c], multiplier, shift);
        }
    }

    public long Bytes => _channels.Length;

    /// <summary>The outputs of some channels from their sums without bias.</summary>
    public void Finish(int first, int count, long* sums, short* y)
    {
        Channel* channel = (Channel*)_channels.Pointer + first;
        for (int i = 0; i < count; i++, channel++)
        {
            long sum = sums[i] + channel->Bias;
            long scaled = _inInt64
                ? (sum * channel->Multiplier + (1L << (channel->Shift - 1))) >> channel->Shift
                : Requantizer.Scale((int)sum, channel->Multiplier, channel->Shift);
            y[i] = (short)Math.Min(Math.Max(scaled, _min), _max);
        }
    }

    public void Dispose() => _channels.Dispose();

    private readonly struct Channel(long bias, int multiplier, int shift)
    {
        public readonly long Bias = bias;
        public readonly int Multiplier = multiplier;
        public readonly int Shift = shift;
    }
}
