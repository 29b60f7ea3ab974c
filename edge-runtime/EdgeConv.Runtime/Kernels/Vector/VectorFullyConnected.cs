using EdgeConv.Runtime.Threading;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>Fully connected layer: the driver with one run a row.</summary>
internal sealed unsafe class VectorFullyConnected<T> : Kernel, ISplitWork
    where T : struct, IMicroKernel
{
    private readonly sbyte* _x;
    private readonly sbyte* _y;
    private readonly int _rows;
    private readonly int _inputs;
    private readonly int _outputs;
    private readonly int _weightZeroPoint;
    private readonly OutputStage _stage;
    private readonly PackedWeights<T> _weights;
    private readonly NativeBuffer _offsets = new(sizeof(nint));
    private readonly Segments _segments;
    private readonly WorkerPool _workers;
    private byte* _from;   // what the threads work at

    public VectorFullyConnected(FullyConnectedOp op, KernelContext context)
    {
        Model model = context.Model;
        (TensorInfo input, TensorInfo output, TensorInfo matrix) = (context.Info(op.Input), context.Info(op.Output), context.Info(op.Weights));
        (_outputs, _inputs) = (matrix.Shape[0], matrix.Shape[1]);
        _x = context.Activation(op.Input);
        _y = context.Activation(op.Output);
        _rows = input.Length / _inputs;
        _weightZeroPoint = matrix.ZeroPoint;
        _stage = new OutputStage(model.Int32Data(op.Shifts), output.ZeroPoint, op.Min, op.Max);
        ReadOnlySpan<sbyte> weights = model.Weights(op.Weights);
        _weights = new PackedWeights<T>(weights, _inputs, 1, 0, _outputs, model);
        _workers = context.Workers;
        _segments = new Segments((nint*)_offsets.Pointer, 1, _weights.Steps);
        for (int o = 0; o < _outputs; o++)
        {
            int bias = FoldedBias.OfSum(_weights.Sums[o], _inputs, model.Int32Data(op.Bias)[o], T.InputOffset, input.ZeroPoint, _weightZeroPoint);
            _weights.SetChannel(o, bias, model.Int32Data(op.Multipliers)[o], model.Int32Data(op.Shifts)[o]);
        }
    }

    public override long ScratchBytes => IsInPlace ? 0 : (long)_rows * _inputs * T.InputBytes + 64;

    public override long PackedBytes => _weights.Bytes;

    private static bool IsInPlace => T.InputBytes == 1 && T.InputOffset == 0;

    public override KernelChoice Choice => new("matrix by vector, eight outputs at once", _rows == 1
        ? "each weight is read once, so memory is the bound"
        : $"{_rows} rows share each weight that is read");

    public override void Run(byte* scratch)
    {
        _from = (byte*)_x;
        if (!IsInPlace)
        {
            T.LoadInput(_x, scratch, (nint)_rows * _inputs);
            _from = scratch;
        }

        _workers.Split(this, _weights.PanelCount, SplitCost.Weight * (long)_outputs * _inputs * _rows);
    }

    void ISplitWork.Run(int first, int end, int lane)
    {
        byte** rows = stackalloc byte*[TiledMultiply<T>.RowEntries];
        int* corrections = stackalloc int[TiledMultiply<T>.RowEntries];
        for (int top = 0; top < _rows; top += TiledMultiply<T>.BlockRows)
        {
            int count = Math.Min(TiledMultiply<T>.BlockRows, _rows - top);
            for (int i = 0; i < count; i++)
            {
                nint row = (nint)(top + i) * _inputs;
                rows[i] = _from + row * T.InputBytes;
                corrections[i] = _weightZeroPoint == 0 ? 0 : -_weightZeroPoint * Sum(_x + row);
            }

            TiledMultiply<T>.Complete(rows, count);
            TiledMultiply<T>.Panels(first, end, rows, count, _segments, _weights, _stage, _y + (nint)top * _outputs, _outputs, mayOverrun: false,
                _weightZeroPoint == 0 ? null : corrections);
        }
    }

    public override void Dispose()
    {
        _weights.Dispose();
        _offsets.Dispose();
    }

    private int Sum(sbyte* row)
    {
        int sum = 0;
        for (int i = 0; i < _inputs; i++)
        {
            sum += row[i];
        }

        return sum;
    }
}
