using System.Runtime.Intrinsics;
using EdgeConv.Runtime.Quantization;
using EdgeConv.Runtime.Threading;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// Softmax whose exponentials are looked up: a byte is 0 to 255 below its row's maximum, so a table of 256 holds them all, each once in Q0.31
/// and once as the sum takes it. Threads take rows as they come.
/// </summary>
internal sealed unsafe class VectorSoftmax : Kernel, ISplitWork
{
    private const int Differences = 256;
    private readonly sbyte* _x;
    private readonly sbyte* _y;
    private readonly int _row;
    private readonly int _rows;
    private readonly NativeBuffer _table = new(Differences * sizeof(Entry));
    private readonly WorkerPool _workers;

    public VectorSoftmax(SoftmaxOp op, KernelContext context)
    {
        TensorInfo output = context.Info(op.Output);
        _x = context.Activation(op.Input);
        _y = context.Activation(op.Output);
        _row = output.Shape[^1];
        _rows = output.Length / _row;
        _workers = context.Workers;
        for (int below = 0; below < Differences; below++)
        {
            int exponential = SoftmaxArithmetic.Exponential(-below, op.Multiplier, op.LeftShift, op.DiffMin);
            Table[below] = new Entry(exponential, SoftmaxArithmetic.Summand(exponential));
        }
    }

    public override long PackedBytes => _table.Length;

    public override KernelChoice Choice => new("exponentials from a table", "a byte has 256 distances to its row's maximum");

    private Entry* Table => (Entry*)_table.Pointer;

    public override void Run(byte* scratch) => _workers.Split(this, _rows, 2L * SplitCost.Element * _rows * _row);

    void ISplitWork.Run(int first, int end, int lane)
    {
        for (int i = first; i < end; i++)
        {
            Row(_x + (nint)i * _row, _y + (nint)i * _row);
        }
    }

    public override void Dispose() => _table.Dispose();

    private void Row(sbyte* x, sbyte* y)
    {
        Entry* table = Table;
        int max = Max(x, _row), sum = 0;
        for (int i = 0; i < _row; i++)
        {
            sum += table[max - x[i]].Summand;
        }

        var quotient = new SoftmaxQuotient(sum);
        if (_row < Differences)
        {
            for (int i = 0; i < _row; i++)
            {
                y[i] = quotient.Of(table[max - x[i]].Exponential);
            }

            return;
        }

        // more elements than there are answers
        sbyte* answers = stackalloc sbyte[Differences];
        for (int below = 0; below < Differences; below++)
        {
            answers[below] = quotient.Of(table[below].Exponential);
        }

        for (int i = 0; i < _row; i++)
        {
            y[i] = answers[max - x[i]];
        }
    }

    private static int Max(sbyte* x, int count)
    {
        int max = sbyte.MinValue, i = 0;
        if (count >= Vector128<sbyte>.Count)
        {
            Vector128<sbyte> largest = Vector128.Load(x);
            for (i = Vector128<sbyte>.Count; i + Vector128<sbyte>.Count <= count; i += Vector128<sbyte>.Count)
            {
                largest = Vector128.Max(largest, Vector128.Load(x + i));
            }

            for (int lane = 0; lane < Vector128<sbyte>.Count; lane++)
            {
                max = Math.Max(max, largest.GetElement(lane));
            }
        }

        for (; i < count; i++)
        {
            max = Math.Max(max, x[i]);
        }

        return max;
    }

    /// <summary>exp of a difference, in Q0.31 and in Q12.19.</summary>
    private readonly record struct Entry(int Exponential, int Summand);
}
