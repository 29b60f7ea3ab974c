using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Converters.TfLite.Schema;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.TfLite.Operators;

/// <summary>SLICE, STRIDED_SLICE, SPLIT, SPLIT_V and UNPACK: parts of a value.</summary>
internal static class SliceImport
{
    /// <summary>Elements from a start on; -1 of a dimension is all that are left.</summary>
    public static void Slice(OperatorImport n)
    {
        int[] shape = Shape(n, 0), begin = n.Constant(1).Integers(), size = n.Constant(2).Integers();
        Require(n, begin.Length == shape.Length && size.Length == shape.Length, $"begin {begin.Text()} and size {size.Text()}");
        Emit(n, 0, n.Activation(0), [.. shape.Select((d, i) => new Part(begin[i], 1, size[i] < 0 ? d - begin[i] : size[i]))]);
    }

    /// <summary>Every so many elements between two; a bit of a mask leaves an end open, another takes one element and its dimension away.</summary>
    public static void StridedSlice(OperatorImport n)
    {
        int[] shape = Shape(n, 0), begin = n.Constant(1).Integers(), end = n.Constant(2).Integers(), stride = n.Constant(3).Integers();
        int open = n.Int(StridedSliceOptions.BeginMask), openEnd = n.Int(StridedSliceOptions.EndMask), one = n.Int(StridedSliceOptions.ShrinkMask);
        Require(n, n.Int(StridedSliceOptions.EllipsisMask) == 0 && n.Int(StridedSliceOptions.NewAxisMask) == 0
            && begin.Length <= shape.Length && end.Length == begin.Length && stride.Length == begin.Length && !stride.Contains(0),
            $"begin {begin.Text()}, end {end.Text()}, strides {stride.Text()}, ellipsis or new axes");
        bool relative = n.Bool(StridedSliceOptions.Offset);
        Emit(n, 0, n.Activation(0), [.. shape.Select((d, i) => i >= begin.Length ? new Part(0, 1, d)
            : Part.Between(Bit(open, i) ? null : begin[i], Bit(openEnd, i) ? null : relative ? begin[i] + end[i] : end[i], stride[i], d, Bit(one, i)))]);
    }

    /// <summary>Equal parts along a dimension.</summary>
    public static void Split(OperatorImport n) => Parts(n, 1, n.Constant(0).Integers(), null);

    /// <summary>Parts of given sizes along a dimension.</summary>
    public static void SplitV(OperatorImport n) => Parts(n, 0, n.Constant(2).Integers(), n.Constant(1).Integers());

    /// <summary>Parts of one element, without their dimension.</summary>
    public static void Unpack(OperatorImport n) => Parts(n, 0, [n.Int(UnpackOptions.Axis)], null);

    private static void Parts(OperatorImport n, int input, int[] axes, int[]? sizes)
    {
        int[] shape = Shape(n, input);
        Require(n, axes.Length == 1, $"axes {axes.Text()}");
        int axis = LayoutImport.Axis(axes[0], shape.Length), count = n.Outputs.Count, each = shape[axis] / Math.Max(count, 1);
        sizes ??= [.. Enumerable.Repeat(each, count)];
        if (sizes.Count(s => s < 0) == 1)
        {
            sizes = [.. sizes.Select(s => s < 0 ? shape[axis] - sizes.Where(o => o > 0).Sum() : s)];
        }

        Require(n, sizes.Length == count && sizes.All(s => s > 0) && sizes.Sum(s => (long)s) == shape[axis], $"parts of {sizes.Text()}");
        int begin = 0;
        for (int i = 0; i < count; begin += sizes[i++])
        {
            Emit(n, i, n.Activation(input), [.. shape.Select((d, k) => k == axis ? new Part(begin, 1, sizes[i]) : new Part(0, 1, d))]);
        }
    }

    private static void Emit(OperatorImport n, int output, QuantizedValue x, Part[] parts)
    {
        QuantizedValue y = n.ResultAt(output);
        Require(n, x.Type == y.Type && parts.All(p => p.Size >= 1) && parts.Zip(x.Shape).All(p => p.First.IsInside(p.Second))
            && y.Length == parts.Aggregate(1L, (length, p) => length * p.Size), $"parts of {parts.Select(p => p.Size).Text()} for {y.Shape.Text()}");
        n.EmitMovingTo(output, new QuantizedSlice([.. parts.Select(p => new SliceDimension(p.Begin, p.Stride))]),
            [.. parts.Select(p => p.Size)], x);
    }

    private static int[] Shape(OperatorImport n, int input) => n.Tensor(input).Shape is { Length: >= 1 and <= 4 } shape
        ? shape
        : throw new UnsupportedOperatorException($"of {n.Tensor(input).Shape.Text()}; one to four dimensions are supported");

    private static bool Bit(int mask, int i) => (mask >> i & 1) != 0;

    private static void Require(OperatorImport n, bool condition, string what)
    {
        if (!condition)
        {
            throw new UnsupportedOperatorException($"{what} of {n.Tensor(n.Kind == "SPLIT" ? 1 : 0).Shape.Text()}");
        }
    }

    /// <summary>What is taken of one dimension.</summary>
    private readonly record struct Part(int Begin, int Stride, int Size)
    {
        /// <summary>Whether every element exists.</summary>
        public bool IsInside(int whole) => Begin >= 0 && Begin < whole && Begin + ((Size - 1L) * Stride) is var last && last >= 0 && last < whole;

        /// <summary>From begin up to but without end; null is as far as there is, negative ones count from the back.</summary>
        public static Part Between(int? begin, int? end, int stride, int whole, bool one)
        {
            (int lowest, int highest) = stride > 0 ? (0, whole) : (-1, whole - 1);
            long Place(int? at, int otherwise) => at is { } place ? Math.Clamp(place < 0 ? place + (long)whole : place, lowest, highest) : otherwise;
            long from = Place(begin, stride > 0 ? 0 : whole - 1), to = Place(end, stride > 0 ? whole : -1);
            long size = one ? 1 : (to - from + stride - Math.Sign(stride)) / stride;
            return new Part((int)from, one || size <= 1 ? 1 : stride, (int)Math.Max(size, 0));
        }
    }
}
