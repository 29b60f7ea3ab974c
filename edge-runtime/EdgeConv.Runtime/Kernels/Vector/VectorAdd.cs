using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using EdgeConv.Runtime.Quantization;
using EdgeConv.Runtime.Threading;
using Lanes = System.Numerics.Vector;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>Sum or difference of two tensors of one shape where <see cref="LinearSum"/> is proven for its scales.</summary>
internal sealed unsafe class VectorAdd : Kernel, ISplitWork, IFollower
{
    private const int Unit = 64;   // elements: whole vectors on every processor
    private readonly AddOp _op;
    private readonly sbyte* _a;
    private readonly sbyte* _b;
    private readonly sbyte* _y;
    private readonly int _length;
    private readonly LinearSum _sum;
    private readonly WorkerPool _workers;

    private VectorAdd(AddOp op, KernelContext context, LinearSum sum)
    {
        _op = op;
        _a = context.Bytes(op.Input);
        _b = context.Bytes(op.Other);
        _y = context.Activation(op.Output);
        _length = context.Info(op.Output).Length;
        _sum = sum;
        _workers = context.Workers;
    }

    public override KernelChoice Choice => new("one multiplication an input, one shift", "proven equal to the rule for each of the 65,536 pairs of bytes");

    /// <summary>This kernel, or the plain loops where shapes differ or the proof fails.</summary>
    public static Kernel Prepare(AddOp op, KernelContext context)
    {
        (TensorInfo a, TensorInfo b, TensorInfo y) = (context.Info(op.Input), context.Info(op.Other), context.Info(op.Output));
        bool isSameShape = a.Length == y.Length && b.Length == y.Length;
        return isSameShape && LinearSum.Solve(op, a.ZeroPoint, b.ZeroPoint, y.ZeroPoint) is { } sum
            ? new VectorAdd(op, context, sum)
            : new AddKernel<sbyte>(op, context);
    }

    public override void Run(byte* scratch) => _workers.Split(this, (_length + Unit - 1) / Unit, (long)SplitCost.Element * _length);

    void ISplitWork.Run(int first, int end, int lane)
    {
        nint i = (nint)first * Unit;
        Elements(i, Math.Min((nint)end * Unit, _length) - i);
    }

    public void Elements(nint first, nint count)
    {
        nint i = first, last = first + count;
        if (AdvSimd.Arm64.IsSupported)
        {
            i += NeonAdd.Run(_a + i, _b + i, _y + i, count, _sum, (sbyte)_op.Min, (sbyte)_op.Max);
        }
        else if (Avx512BW.IsSupported)
        {
            i += Avx512Add.Run(_a + i, _b + i, _y + i, count, _sum, (sbyte)_op.Min, (sbyte)_op.Max);
        }

        var low = new Vector<short>((short)_op.Min);
        var high = new Vector<short>((short)_op.Max);
        for (; i + Vector<sbyte>.Count <= last; i += Vector<sbyte>.Count)
        {
            Lanes.Widen(Lanes.Load(_a + i), out Vector<short> a0, out Vector<short> a1);
            Lanes.Widen(Lanes.Load(_b + i), out Vector<short> b0, out Vector<short> b1);
            Vector<short> y0 = Lanes.Min(Lanes.Max(Sum(a0, b0), low), high), y1 = Lanes.Min(Lanes.Max(Sum(a1, b1), low), high);
            Lanes.Store(Lanes.Narrow(y0, y1), _y + i);
        }

        for (; i < last; i++)
        {
            _y[i] = (sbyte)Math.Clamp((_a[i] * _sum.FactorA + _b[i] * _sum.FactorB + _sum.Constant) >> _sum.Shift, _op.Min, _op.Max);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector<short> Sum(Vector<short> a, Vector<short> b)
    {
        Lanes.Widen(a, out Vector<int> a0, out Vector<int> a1);
        Lanes.Widen(b, out Vector<int> b0, out Vector<int> b1);
        var constant = new Vector<int>(_sum.Constant);
        return Lanes.Narrow(
            Lanes.ShiftRightArithmetic(a0 * _sum.FactorA + b0 * _sum.FactorB + constant, _sum.Shift),
            Lanes.ShiftRightArithmetic(a1 * _sum.FactorA + b1 * _sum.FactorB + constant, _sum.Shift));
    }
}
