namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>16x8 fully connected layer: one run a row, summed block by block in 64 bits.</summary>
internal sealed unsafe class VectorWideFullyConnected<T> : Kernel
    where T : struct, IWideMicroKernel
{
    private readonly WideStage _stage;
    private readonly short* _x;
    private readonly short* _y;
    private readonly int _rows;
    private readonly int _inputs;
    private readonly int _outputs;
    private readonly int _weightZeroPoint;
    private readonly PackedWeights<T> _weights;
    private readonly WideBlocks<T> _blocks;

    public VectorWideFullyConnected(FullyConnectedOp op, KernelContext context)
    {
        TensorInfo matrix = context.Info(op.Weights);
        _stage = new WideStage(context.Model, op.Bias, op.Multipliers, op.Shifts, op.Min, op.Max);
        (_outputs, _inputs, _weightZeroPoint) = (matrix.Shape[0], matrix.Shape[1], matrix.ZeroPoint);
        _x = (short*)context.Activation(op.Input);
        _y = (short*)context.Activation(op.Output);
        _rows = context.Info(op.Input).Length / _inputs;
        _weights = new PackedWeights<T>(context.Model.Weights(op.Weights), _inputs, 1, 0, _outputs);
        _blocks = new WideBlocks<T>([0], _weights.Steps);
    }

    public override long PackedBytes => _weights.Bytes + _stage.Bytes;

    public override KernelChoice Choice => new("matrix by vector on int16", "summed in blocks that fit 32 bits, then in 64");

    public override void Run(byte* scratch)
    {
        byte** rows = stackalloc byte*[T.TileRows];
        long* sums = stackalloc long[T.TileRows * Panel.Channels];
        for (int first = 0; first < _rows; first += T.TileRows)
        {
            int count = Math.Min(T.TileRows, _rows - first);
            for (int i = 0; i < T.TileRows; i++)
            {
                rows[i] = (byte*)(_x + (nint)(first + Math.Min(i, count - 1)) * _inputs);
            }

            for (int panel = 0; panel < _weights.PanelCount; panel++)
            {
                _blocks.Sum(rows, count, _weights.Weights(panel), sums);
                int channel = panel * Panel.Channels;
                for (int i = 0; i < count; i++)
                {
                    Correct(sums + i * Panel.Channels, first + i);
                    _stage.Finish(channel, Math.Min(Panel.Channels, _outputs - channel), sums + i * Panel.Channels, _y + (nint)(first + i) * _outputs + channel);
                }
            }
        }
    }

    public override void Dispose()
    {
        _stage.Dispose();
        _weights.Dispose();
        _blocks.Dispose();
    }

    /// <summary>sum of x * (w - zero point) = sum of x * w less zero point * sum of x.</summary>
    private void Correct(long* sums, int row)
    {
        if (_weightZeroPoint == 0)
        {
            return;
        }

        long sum = 0;
        foreach (short x in new ReadOnlySpan<short>(_x + (nint)row * _inputs, _inputs))
        {
            sum += x;
        }

        for (int i = 0; i < Panel.Channels; i++)
        {
            sums[i] -= sum * _weightZeroPoint;
        }
    }
}
