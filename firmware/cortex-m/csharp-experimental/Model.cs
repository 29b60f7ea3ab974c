global using System;

// The runtime's kernels are compiled as they are; what they know of a model is here, straight from the bytes of a model file in flash (FORMAT.md).
// The file has been checked where it was made: nothing is checked here.

namespace EdgeConv.Runtime
{
    /// <summary>Read from a record in one piece.</summary>
    internal readonly struct Window
    {
#pragma warning disable 649
        public readonly int KernelH, KernelW, StrideH, StrideW, DilationH, DilationW, PadTop, PadLeft, PadBottom, PadRight;
#pragma warning restore 649
    }

    internal readonly struct Pooling
    {
        public readonly int KernelH, KernelW, StrideH, StrideW;

        public Pooling(int kernelH, int kernelW, int strideH, int strideW) => (KernelH, KernelW, StrideH, StrideW) = (kernelH, kernelW, strideH, strideW);
    }

    internal readonly unsafe struct Dimensions
    {
        private readonly int* _first;

        public Dimensions(int* first) => _first = first;

        public int this[int index] => _first[index];
    }

    /// <summary>A tensor record.</summary>
    internal readonly unsafe struct TensorInfo
    {
        private readonly byte* _record;

        public TensorInfo(byte* record) => _record = record;

        public Dimensions Shape => new((int*)(_record + 12));

        public int ZeroPoint => *(int*)(_record + 32);

        public int Offset => *(int*)(_record + 36);

        public int ByteLength => *(int*)(_record + 40);

        public int Length => ByteLength;   // of int8
    }

    /// <summary>The arguments of a record of a layer with weights.</summary>
    internal abstract unsafe class WeightedOp
    {
        private readonly int* _arguments;
        private readonly int _clamp;

        /// <param name="arguments">In the file.</param>
        /// <param name="clamp">Which of them is the least output.</param>
        protected WeightedOp(int* arguments, int clamp)
        {
            _arguments = arguments;
            _clamp = clamp;
        }

        public int Input => _arguments[0];

        public int Output => _arguments[1];

        public int Weights => _arguments[2];

        public int Bias => _arguments[3];

        public int Multipliers => _arguments[4];

        public int Shifts => _arguments[5];

        public int Min => _arguments[_clamp];

        public int Max => _arguments[_clamp + 1];

        protected int* From(int argument) => _arguments + argument;
    }

    internal sealed unsafe class Conv2DOp : WeightedOp
    {
        public Conv2DOp(int* arguments, bool isPooled)
            : base(arguments, isPooled ? 21 : 17) => Pool = isPooled ? *(Pooling*)(arguments + 17) : new Pooling(1, 1, 1, 1);

        public Window Window => *(Window*)From(6);

        public int Groups => *From(16);

        public Pooling Pool { get; }
    }

    internal sealed unsafe class FullyConnectedOp : WeightedOp
    {
        public FullyConnectedOp(int* arguments)
            : base(arguments, 6)
        {
        }
    }

    /// <summary>A model file in memory.</summary>
    internal sealed unsafe class Model
    {
        private readonly byte* _file;

        public Model(byte* file) => _file = file;

        public int ArenaBytes => *(int*)(_file + 24);

        public int Input => *(int*)(_file + 28);

        public int Output => *(int*)(_file + 32);

        public int Operators => *(int*)(_file + 52);

        public byte* Operator(int index) => _file + *(int*)(_file + 48) + 128 * index;

        /// <summary>The golden record's input, output, or layer hashes.</summary>
        public byte* Golden(int field) => _file + *(int*)(_file + *(int*)(_file + 88) + 4 * field);

        public TensorInfo Info(int tensor) => new(_file + *(int*)(_file + 40) + 48 * tensor);

        public ReadOnlySpan<int> Int32Data(int tensor) => new(_file + Info(tensor).Offset, Info(tensor).ByteLength / 4);

        public ReadOnlySpan<sbyte> Int8Data(int tensor) => new(_file + Info(tensor).Offset, Info(tensor).ByteLength);
    }
}

namespace EdgeConv.Runtime.Kernels
{
    internal abstract unsafe class Kernel
    {
        public abstract void Run(byte* scratch);
    }

    internal readonly unsafe struct KernelContext
    {
        private readonly byte* _arena;

        public KernelContext(Model model, byte* arena)
        {
            Model = model;
            _arena = arena;
        }

        public Model Model { get; }

        public TensorInfo Info(int tensor) => Model.Info(tensor);

        public sbyte* Activation(int tensor) => (sbyte*)_arena + Info(tensor).Offset;
    }

    internal readonly struct WeightBytes
    {
        private readonly Model _model;
        private readonly int _tensor;

        public WeightBytes(int tensor, KernelContext context) => (_model, _tensor) = (context.Model, tensor);

        public ReadOnlySpan<sbyte> Span => _model.Int8Data(_tensor);
    }
}
