using System.Buffers.Binary;
using System.Runtime.InteropServices;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Planning;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Preprocessing;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.Quantization;

/// <summary>What goes into a model file beside the network.</summary>
public sealed record LoweringOptions
{
    /// <summary>Inputs, in the bytes of the input tensor, whose answers the file should carry, so that a device can test itself.</summary>
    public IReadOnlyList<sbyte[]> GoldenInputs { get; init; } = [];

    /// <summary>Free-form facts, in the order in which they are written.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Metadata { get; init; } = [];

    /// <summary>Gets the operators that were run for golden vectors, of all that have to be.</summary>
    public IProgress<(int Done, int Total)>? Progress { get; init; }

    /// <summary>Stops the work.</summary>
    public CancellationToken Cancel { get; init; }
}

/// <summary>
/// From the quantized graph to the bytes of a model file: one operator a node, in the same order, but for poolings that join their
/// convolution. <see cref="Model.LayerByLayer"/> takes those apart again.
/// </summary>
public static class Lowering
{
    /// <summary>Plans the arena, writes the file, and records the golden vectors on the reference kernels.</summary>
    /// <exception cref="ConversionException">A golden input has another length than the network's input.</exception>
    /// <exception cref="ModelFormatException">The runtime refuses the network, for example since an accumulator could overflow.</exception>
    public static byte[] Lower(QuantizedGraph graph, LoweringOptions options)
    {
        if (options.GoldenInputs.FirstOrDefault(g => g.Length != graph.Input.ByteLength) is { } odd)
        {
            throw new ConversionException(
                $"A golden input has {odd.Length} bytes; the input '{graph.Input.Name}' has {graph.Input.ByteLength}.");
        }

        ModelSpec spec = Specify(PoolFusion.Apply(graph)) with { Metadata = options.Metadata };
        byte[] file = ModelWriter.Write(spec);
        if (options.GoldenInputs.Count == 0)
        {
            return file;
        }

        return ModelWriter.Write(spec with { GoldenVectors = Record(file, options) });
    }

    private static GoldenVector[] Record(byte[] file, LoweringOptions options)
    {
        using Model model = Model.Load(file);
        var golden = new GoldenVector[options.GoldenInputs.Count];
        int done = 0, total = golden.Length * model.Operators.Count;
        Parallelism.For(golden.Length, () => 0, (i, _) => golden[i] = SelfTest.Record(model, options.GoldenInputs[i], _ =>
        {
            options.Cancel.ThrowIfCancellationRequested();
            options.Progress?.Report((Interlocked.Increment(ref done), total));
        }), _ => { }, null, options.Cancel);
        return golden;
    }

    /// <summary>The code of every byte of every channel: clamp(round((p / 255 - mean) / deviation / scale) + zero point).</summary>
    public static PreprocessingRecord Preprocessing(PictureInput picture, QuantizedValue input)
    {
        IEnumerable<double> reals =
            from c in Enumerable.Range(0, picture.Layout.Channels)
            from p in Enumerable.Range(0, PreprocessingRecord.EntriesAChannel)
            select (double)PictureTensor.Normalize(picture, c, p);
        sbyte[] tables = input.Type == ElementType.Int16
            ? MemoryMarshal.Cast<byte, sbyte>(TensorList.LittleEndian([.. reals.Select(input.Quantization.QuantizeWide)])).ToArray()
            : [.. reals.Select(input.Quantization.Quantize)];
        return new PreprocessingRecord(picture.Layout, tables);
    }

    private static ModelSpec Specify(QuantizedGraph graph)
    {
        MemoryPlan plan = MemoryPlanner.Plan(graph);
        var tensors = new TensorList();
        tensors.AddActivation(graph.Input, plan.Offsets[0]);
        for (int i = 0; i < graph.Nodes.Count; i++)
        {
            tensors.AddActivation(graph.Nodes[i].Output, plan.Offsets[i + 1]);
        }

        ModelOperator[] operators = [.. graph.Nodes.Select(n => Operator(n, tensors))];
        return new ModelSpec
        {
            Name = graph.Name,
            Tensors = tensors.Tensors,
            Operators = operators,
            Input = tensors[graph.Input.Name],
            Output = tensors[graph.Output],
            ArenaBytes = plan.ArenaBytes,
            Preprocessing = graph.Picture is { } picture ? Preprocessing(picture, graph.Input) : null,
            Labels = graph.Labels,
        };
    }

    private static ModelOperator Operator(QuantizedNode node, TensorList tensors)
    {
        (string name, int x, int y) = (node.Name, tensors[node.Inputs[0]], tensors[node.Output.Name]);
        IReadOnlyList<int> shape = tensors.Tensors[x].Info.Shape;
        bool isWide = node.Output.Type == ElementType.Int16;
        (int least, int most) = isWide ? (short.MinValue, short.MaxValue) : (sbyte.MinValue, sbyte.MaxValue);
        switch (node.Operation)
        {
            case QuantizedConv2D c:
                QuantizedWeights w = c.Weights;
                int[] filters = [w.Bias.Length, c.Window.KernelH, c.Window.KernelW, shape[3] / c.Groups];
                (int weights, int bias, int multipliers, int shifts) = tensors.AddWeights(name, w, filters, isWide);
                return new Conv2DOp(name, x, y, weights, bias, multipliers, shifts, c.Window, c.Groups, w.Min, w.Max);
            case QuantizedPooledConv2D p:
                return (Conv2DOp)Operator(node with { Operation = p.Convolution }, tensors) with { Pool = p.Pool, Min = p.Min, Max = p.Max };
            case QuantizedFullyConnected { Weights: var f }:
                int outputs = f.Bias.Length;
                (weights, bias, multipliers, shifts) = tensors.AddWeights(name, f, [outputs, f.Weights.Length / outputs], isWide);
                return new FullyConnectedOp(name, x, y, weights, bias, multipliers, shifts, f.Min, f.Max);
            case QuantizedMaxPool p:
                return new MaxPoolOp(name, x, y, p.Window, p.Min ?? least, p.Max ?? most);
            case QuantizedAveragePool p:
                return new AveragePoolOp(name, x, y, p.Window, p.Min ?? least, p.Max ?? most);
            case QuantizedTable t:
                return new TableOp(name, x, y, tensors.AddBytes($"{name}.table", t.Table, [t.Table.Length]));
            case QuantizedSoftmax { Parameters: var s }:
                return new SoftmaxOp(name, x, y, s.Multiplier, s.LeftShift, s.DiffMin);
            case QuantizedLogSoftmax { Parameters: var s }:
                return new LogSoftmaxOp(name, x, y, s.Multiplier, s.LeftShift, s.DiffMin, s.Inverse);
            case QuantizedLrn l:
                return new LrnOp(name, x, y, l.Layer.Size, tensors.AddIntegers($"{name}.table", l.Table), l.TableShift, l.OutputShift);
            case QuantizedReshape:
                return new ReshapeOp(name, x, y);
            case QuantizedRequantize r:
                return new RequantizeOp(name, x, y, r.Factor, r.Min ?? least, r.Max ?? most);
            case QuantizedMean m:
                return new MeanOp(name, x, y, m.Axes, m.Factor);
            case QuantizedWideTable t:
                return new TableOp(name, x, y, tensors.AddWords($"{name}.table", t.Table));
            case QuantizedWideSigmoid s:
                return new WideSigmoidOp(name, x, y, tensors.AddIntegers($"{name}.table", WideTables.Sigmoid()), s.Multiplier, s.RightShift, s.IsTanh);
            case QuantizedWideSoftmax s:
                return new WideSoftmaxOp(name, x, y, s.Factor, tensors.AddWords($"{name}.exponential", WideTables.Exponential()),
                    tensors.AddWords($"{name}.reciprocal", WideTables.Reciprocal()));
            case QuantizedTransposeConv { Weights: var t, Window: var window }:
                int[] kernels = [t.Bias.Length, window.KernelH, window.KernelW, shape[3]];
                (weights, bias, multipliers, shifts) = tensors.AddWeights(name, t, kernels, isWide);
                return new TransposeConvOp(name, x, y, weights, bias, multipliers, shifts, window, t.Min, t.Max);
            case QuantizedArithmetic a:
                int other = a.Other is { } constant ? tensors.AddConstant($"{name}.other", constant) : tensors[node.Inputs[1]];
                return a.Function == ArithmeticFunction.Mul
                    ? new MulOp(name, x, other, y, a.OutputFactor, a.Min, a.Max)
                    : new AddOp(name, x, other, y, a.InputFactor, a.OtherFactor, a.OutputFactor,
                        a.Function == ArithmeticFunction.Sub, a.Min, a.Max);
            case QuantizedPRelu p:
                return new PReluOp(name, x, y, tensors.AddConstant($"{name}.alpha", p.Alpha), p.Positive, p.Negative);
            case QuantizedConcat c:
                return new ConcatOp(name, [.. node.Inputs.Select(i => tensors[i])], y, c.Axis);
            case QuantizedPad { Frame: var f, Value: var value }:
                return new PadOp(name, x, y, f.Top, f.Left, f.Bottom, f.Right, f.Front, f.Back, value);
            case QuantizedTranspose { Order: var order }:
                return new TransposeOp(name, x, y, order[0], order[1], order[2], order[3]);
            case QuantizedSlice { Dimensions: var parts }:
                SliceDimension[] d = [.. Enumerable.Repeat(new SliceDimension(0, 1), 4 - parts.Count), .. parts];
                return new SliceOp(name, x, y, d[0], d[1], d[2], d[3]);
            case QuantizedResize r:
                return new ResizeOp(name, x, y, r.Mode, r.Coordinates);
            default:
                throw new NotSupportedException($"{node.Operation.GetType().Name} '{name}' has no operator in the runtime.");
        }
    }

    /// <summary>Tensors by name and index.</summary>
    private sealed class TensorList
    {
        private readonly Dictionary<string, int> _index = [];

        public List<TensorSpec> Tensors { get; } = [];

        public int this[string name] => _index[name];

        public void AddActivation(QuantizedValue value, int offset) => Add(new TensorSpec(
            new TensorInfo(value.Name, value.Type, TensorStorage.Arena, value.Shape,
                value.Quantization.Scale, value.Quantization.ZeroPoint, offset), ReadOnlyMemory<byte>.Empty));

        public (int Weights, int Bias, int Multipliers, int Shifts) AddWeights(string name, QuantizedWeights w, int[] shape, bool isWide) => (
            Add(Zeroed(Constant($"{name}.weights", w.Type, shape,
                w.Type == ElementType.Int4 ? Int4.Pack(w.Weights) : MemoryMarshal.AsBytes<sbyte>(w.Weights).ToArray()), w.ZeroPoint)),
            isWide && !w.HasNarrowBias ? AddWideIntegers($"{name}.bias", w.Bias) : AddIntegers($"{name}.bias", [.. w.Bias.Select(b => (int)b)]),
            AddIntegers($"{name}.multipliers", [.. w.Multipliers.Select(m => m.Multiplier)]),
            AddIntegers($"{name}.shifts", [.. w.Multipliers.Select(m => m.Shift)]));

        public int AddBytes(string name, sbyte[] values, int[] shape) =>
            Add(Constant(name, ElementType.Int8, shape, (byte[])(object)values));   // the same array: large weights are not copied

        public int AddConstant(string name, QuantizedConstant constant)
        {
            TensorSpec plain = constant.WideValues is { } words
                ? Constant(name, ElementType.Int16, [.. constant.Shape], LittleEndian(words))
                : Constant(name, ElementType.Int8, [.. constant.Shape], MemoryMarshal.AsBytes<sbyte>(constant.Values).ToArray());
            (float scale, int zeroPoint) = (constant.Quantization.Scale, constant.Quantization.ZeroPoint);
            return Add(plain with { Info = plain.Info with { Scale = scale, ZeroPoint = zeroPoint } });
        }

        public int AddWords(string name, short[] values) => Add(Constant(name, ElementType.Int16, [values.Length], LittleEndian(values)));

        public int AddIntegers(string name, int[] values)
        {
            var bytes = new byte[values.Length * sizeof(int)];
            for (int i = 0; i < values.Length; i++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * sizeof(int)), values[i]);
            }

            return Add(Constant(name, ElementType.Int32, [values.Length], bytes));
        }

        public static byte[] LittleEndian(short[] values)
        {
            var bytes = new byte[values.Length * sizeof(short)];
            for (int i = 0; i < values.Length; i++)
            {
                BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(i * sizeof(short)), values[i]);
            }

            return bytes;
        }

        private int AddWideIntegers(string name, long[] values)
        {
            var bytes = new byte[values.Length * sizeof(long)];
            for (int i = 0; i < values.Length; i++)
            {
                BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * sizeof(long)), values[i]);
            }

            return Add(Constant(name, ElementType.Int64, [values.Length], bytes));
        }

        private static TensorSpec Constant(string name, ElementType type, int[] shape, byte[] data) =>
            new(new TensorInfo(name, type, TensorStorage.Constant, shape, Scale: 0, ZeroPoint: 0, Offset: 0), data);

        private static TensorSpec Zeroed(TensorSpec tensor, int zeroPoint) => tensor with { Info = tensor.Info with { ZeroPoint = zeroPoint } };

        // Layers and values may have the same name in the file they came from.
        private int Add(TensorSpec tensor)
        {
            string name = tensor.Info.Name;
            while (!_index.TryAdd(name, Tensors.Count))
            {
                name += "'";
            }

            Tensors.Add(tensor with { Info = tensor.Info with { Name = name } });
            return Tensors.Count - 1;
        }
    }
}
