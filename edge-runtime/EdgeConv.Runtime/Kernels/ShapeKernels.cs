using System.Numerics;

namespace EdgeConv.Runtime.Kernels;

/// <summary>The same bytes; nothing to do when they already lie there.</summary>
internal sealed unsafe class ReshapeKernel(ReshapeOp op, KernelContext context) : Kernel
{
    private readonly sbyte* _x = context.Activation(op.Input);
    private readonly sbyte* _y = context.Activation(op.Output);
    private readonly int _length = context.Info(op.Output).ByteLength;

    public override void Run(byte* scratch)
    {
        if (_x != _y)
        {
            Buffer.MemoryCopy(_x, _y, _length, _length);
        }
    }
}

/// <summary>Joins tensors: for each index before the axis, a run of bytes from every part.</summary>
internal sealed unsafe class ConcatKernel(ConcatOp op, KernelContext context) : Kernel
{
    private readonly sbyte* _y = context.Activation(op.Output);
    private readonly int _outer = context.Info(op.Output).Shape.Take(op.Axis).Aggregate(1, (a, b) => a * b);
    private readonly int[] _runs = [.. op.Parts.Select(p =>
        (int)TensorInfo.ElementBytes(context.Info(p).Type, context.Info(p).Shape.Skip(op.Axis).Aggregate(1, (a, b) => a * b)))];

    public override void Run(byte* scratch)
    {
        sbyte* y = _y;
        for (int i = 0; i < _outer; i++)
        {
            for (int p = 0; p < _runs.Length; p++)
            {
                int run = _runs[p];
                Buffer.MemoryCopy(context.Activation(op.Parts[p]) + (nint)i * run, y, run, run);
                y += run;
            }
        }
    }
}

/// <summary>A frame around an image.</summary>
internal sealed unsafe class PadKernel<T>(PadOp op, KernelContext context) : Kernel
    where T : unmanaged, IBinaryInteger<T>
{
    private readonly T* _x = (T*)context.Activation(op.Input);
    private readonly T* _y = (T*)context.Activation(op.Output);
    private readonly Shape4 _in = new(context.Info(op.Input)), _out = new(context.Info(op.Output));

    public override void Run(byte* scratch)
    {
        new Span<T>(_y, _out[0] * _out[1] * _out[2] * _out[3]).Fill(T.CreateTruncating(op.Value));
        T* x = _x;
        int pixel = _in[3];
        for (int n = 0; n < _in[0]; n++)
        {
            for (int h = 0; h < _in[1]; h++)
            {
                for (int w = 0; w < _in[2]; w++, x += pixel)
                {
                    nint at = (((nint)n * _out[1] + h + op.Top) * _out[2] + w + op.Left) * _out[3] + op.Front;
                    Buffer.MemoryCopy(x, _y + at, pixel * sizeof(T), pixel * sizeof(T));
                }
            }
        }
    }
}

/// <summary>The dimensions in another order, an element at a time.</summary>
internal sealed unsafe class TransposeKernel<T> : Kernel
    where T : unmanaged
{
    private readonly T* _x;
    private readonly T* _y;
    private readonly Shape4 _out;
    private readonly int[] _strides;

    public TransposeKernel(TransposeOp op, KernelContext context)
    {
        _x = (T*)context.Activation(op.Input);
        _y = (T*)context.Activation(op.Output);
        _out = new Shape4(context.Info(op.Output));
        int[] strides = new Shape4(context.Info(op.Input)).BroadcastStrides();
        _strides = [strides[op.Order0], strides[op.Order1], strides[op.Order2], strides[op.Order3]];
    }

    public override void Run(byte* scratch)
    {
        T* y = _y;
        for (int i = 0; i < _out[0]; i++)
        {
            for (int j = 0; j < _out[1]; j++)
            {
                for (int k = 0; k < _out[2]; k++)
                {
                    T* x = _x + (nint)i * _strides[0] + (nint)j * _strides[1] + (nint)k * _strides[2];
                    for (int l = 0; l < _out[3]; l++, x += _strides[3])
                    {
                        *y++ = *x;
                    }
                }
            }
        }
    }
}

/// <summary>A part of a tensor, an element of one or two bytes at a time, or a row of them where they lie side by side.</summary>
internal sealed unsafe class SliceKernel : Kernel
{
    private readonly byte* _x;
    private readonly byte* _y;
    private readonly Shape4 _out;
    private readonly nint[] _strides = new nint[4];
    private readonly int _element;

    public SliceKernel(SliceOp op, KernelContext context)
    {
        TensorInfo input = context.Info(op.Input);
        _element = input.ByteLength / input.Length;
        _y = (byte*)context.Activation(op.Output);
        _out = new Shape4(context.Info(op.Output));
        ReadOnlySpan<SliceDimension> dimensions = [op.D0, op.D1, op.D2, op.D3];
        int[] strides = new Shape4(input).BroadcastStrides();
        nint first = 0;
        for (int i = 0; i < 4; i++)
        {
            _strides[i] = (nint)strides[i] * dimensions[i].Stride * _element;
            first += (nint)strides[i] * dimensions[i].Begin * _element;
        }

        _x = (byte*)context.Activation(op.Input) + first;
    }

    public override void Run(byte* scratch)
    {
        byte* y = _y;
        int row = _out[3] * _element;
        for (int i = 0; i < _out[0]; i++)
        {
            for (int j = 0; j < _out[1]; j++)
            {
                for (int k = 0; k < _out[2]; k++, y += row)
                {
                    byte* x = _x + i * _strides[0] + j * _strides[1] + k * _strides[2];
                    if (_strides[3] == _element)
                    {
                        Buffer.MemoryCopy(x, y, row, row);
                        continue;
                    }

                    Gather(x, y, _out[3]);
                }
            }
        }
    }

    private void Gather(byte* x, byte* y, int count)
    {
        nint stride = _strides[3];
        if (_element == 1)
        {
            for (int i = 0; i < count; i++, x += stride)
            {
                y[i] = *x;
            }

            return;
        }

        for (int i = 0; i < count; i++, x += stride)
        {
            ((short*)y)[i] = *(short*)x;
        }
    }
}
