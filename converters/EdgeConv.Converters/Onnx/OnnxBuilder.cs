using System.Runtime.InteropServices;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx.Proto;
using EdgeConv.Runtime;
using Google.Protobuf;
using AttributeType = EdgeConv.Converters.Onnx.Proto.AttributeProto.Types.AttributeType;
using DataType = EdgeConv.Converters.Onnx.Proto.TensorProto.Types.DataType;

namespace EdgeConv.Converters.Onnx;

/// <summary>Puts an ONNX file together, and remembers which rows are flattened pictures: their order is HWC here and CHW there.</summary>
internal sealed class OnnxBuilder
{
    /// <summary>Where ONNX's NCHW has our NHWC dimensions.</summary>
    public static readonly int[] FromNhwc = [0, 2, 3, 1];

    /// <summary>Where our NHWC has ONNX's NCHW dimensions.</summary>
    public static readonly int[] ToNhwc = [0, 3, 1, 2];

    private readonly Dictionary<string, ImageShape> _flattenedFrom = [];
    private readonly GraphProto _graph;

    /// <summary>An empty network.</summary>
    public OnnxBuilder(string name, int opset)
    {
        _graph = new GraphProto { Name = name };
        Model = new ModelProto
        {
            IrVersion = 8,
            ProducerName = "EdgeConv",
            ProducerVersion = typeof(OnnxBuilder).Assembly.GetName().Version?.ToString(3) ?? "",
            Graph = _graph,
            OpsetImport = { new OperatorSetIdProto { Version = opset } },
        };
    }

    /// <summary>What has been built.</summary>
    public ModelProto Model { get; }

    /// <summary>Declares the input, with a free batch size.</summary>
    public void Input(Value value) => _graph.Input.Add(Describe(value));

    /// <summary>Declares the output, with a free batch size.</summary>
    public void Output(Value value) => _graph.Output.Add(Describe(value));

    /// <summary>Declares the input as integers, NHWC.</summary>
    public void IntegerInput(Value value, bool isSigned) => _graph.Input.Add(DescribeIntegers(value, isSigned));

    /// <summary>Declares the output as integers, NHWC.</summary>
    public void IntegerOutput(Value value, bool isSigned) => _graph.Output.Add(DescribeIntegers(value, isSigned));

    /// <summary>Adds a node.</summary>
    /// <returns>The name of its output.</returns>
    public string Node(string operatorName, string name, IReadOnlyList<string> inputs, string output, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = operatorName, Name = name, Input = { inputs }, Output = { output } };
        node.Attribute.AddRange(attributes);
        _graph.Node.Add(node);
        return output;
    }

    /// <summary>Adds a constant.</summary>
    /// <returns>Its name.</returns>
    public string Constant<T>(string name, ReadOnlySpan<T> values, params int[] shape)
        where T : unmanaged
    {
        DataType type = default(T) switch
        {
            float => DataType.Float,
            byte => DataType.Uint8,
            sbyte => DataType.Int8,
            int => DataType.Int32,
            long => DataType.Int64,
            _ => throw new NotSupportedException($"ONNX constants of {typeof(T)}"),
        };
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values)) };
        tensor.Dims.AddRange(shape.Select(d => (long)d));
        _graph.Initializer.Add(tensor);
        return name;
    }

    /// <summary>Convolution weights, OHWI to OIHW.</summary>
    public static T[] ConvolutionWeights<T>(T[] ohwi, Window window, int outputs) =>
        new ImageShape(window.KernelH, window.KernelW, ohwi.Length / (outputs * window.KernelH * window.KernelW)).RowsToChw(ohwi);

    /// <summary>Weights of a transposed convolution, OHWI to IOHW, and that shape.</summary>
    public static (T[] Values, int[] Shape) TransposedWeights<T>(T[] ohwi, Window window, int outputs)
    {
        int taps = window.KernelH * window.KernelW, inputs = ohwi.Length / outputs / taps;
        T[] oihw = ConvolutionWeights(ohwi, window, outputs);
        T[] values = [.. oihw.Select((_, i) => oihw[(((i / taps % outputs * inputs) + (i / taps / outputs)) * taps) + (i % taps)])];
        return (values, [inputs, outputs, window.KernelH, window.KernelW]);
    }

    /// <summary>Shape of one value a channel.</summary>
    public static int[] PerChannel(int rank, int channels) => [.. Enumerable.Repeat(1, rank - 1), channels];

    /// <summary>Kernel, strides, pads, dilations and output padding of a transposed convolution.</summary>
    public static AttributeProto[] TransposedAttributes(Window w, Value input, Value output)
    {
        int Added(int from, int to, int span, int stride, int pads) => to - (((from - 1) * stride) + span - pads);
        int rows = Added(input.Shape[1], output.Shape[1], w.SpanH, w.StrideH, w.PadTop + w.PadBottom);
        int columns = Added(input.Shape[2], output.Shape[2], w.SpanW, w.StrideW, w.PadLeft + w.PadRight);
        return rows == 0 && columns == 0 ? Attributes(w) : [.. Attributes(w), Attribute("output_padding", rows, columns)];
    }

    /// <summary>Values for each element of a row: from HWC to CHW order when the row is a flattened picture.</summary>
    public T[] RowOrder<T>(string input, T[] values) =>
        _flattenedFrom.TryGetValue(input, out ImageShape from) ? from.RowsToChw(values) : values;

    /// <summary>Adds a Flatten or a Reshape between values of our graph.</summary>
    /// <param name="name">The node's name.</param>
    /// <param name="from">What is read, as our graph knows it.</param>
    /// <param name="to">What is written, as our graph knows it.</param>
    /// <param name="input">Name in the file of what is read.</param>
    /// <param name="output">Name in the file of what is written.</param>
    public void Reshape(string name, Value from, Value to, string input, string output)
    {
        ImageShape? order = from.Shape.Count == 4 && !Image(from).OrdersAgree
            ? Image(from)
            : _flattenedFrom.TryGetValue(from.Name, out ImageShape flattened) ? flattened : null;
        if (to.Shape.Count == 2)
        {
            Node("Flatten", name, [input], output, Attribute("axis", 1));
            if (order is { } known)
            {
                _flattenedFrom[to.Name] = known;
            }

            return;
        }

        ImageShape image = Image(to);
        if (order is { } origin ? origin == image : image.OrdersAgree)
        {
            long[] shape = [0, image.Channels, image.Height, image.Width];
            Node("Reshape", name, [input, Constant<long>($"{name}.shape", shape, 4)], output);
            return;
        }

        // Over our order.
        string ours = from.Shape.Count == 4 ? Permuted($"{name}.ours", input, FromNhwc) : InOurOrder(from.Name, input);
        long[] nhwc = [0, image.Height, image.Width, image.Channels];
        string reshaped = Node("Reshape", name, [ours, Constant<long>($"{name}.shape", nhwc, 4)], $"{output}.reshaped");
        Node("Transpose", $"{name}.nchw", [reshaped], output, Attribute("perm", 0, 3, 1, 2));
    }

    /// <summary>A row with its elements in our order: flattened pictures are transposed.</summary>
    /// <param name="value">As our graph knows it.</param>
    /// <param name="input">Its name in the file.</param>
    /// <returns>Another name in the file, or the same.</returns>
    public string InOurOrder(string value, string input)
    {
        if (!_flattenedFrom.TryGetValue(value, out ImageShape image))
        {
            return input;
        }

        string name = $"{input}.ordered{_graph.Node.Count}";
        long[] shape = [0, image.Channels, image.Height, image.Width];
        string picture = Node("Reshape", $"{name}.picture", [input, Constant<long>($"{name}.shape", shape, 4)], $"{name}.picture");
        return Node("Flatten", name, [Permuted($"{name}.nhwc", picture, FromNhwc)], name, Attribute("axis", 1));
    }

    /// <summary>Whether elements of both stand in the same order in the file.</summary>
    public bool AreOrderedAlike(string a, string b) =>
        _flattenedFrom.TryGetValue(a, out ImageShape left) == _flattenedFrom.TryGetValue(b, out ImageShape right) && left == right;

    /// <summary>Marks a value as ordered like another.</summary>
    public void SameOrder(string from, string to)
    {
        if (_flattenedFrom.TryGetValue(from, out ImageShape image))
        {
            _flattenedFrom[to] = image;
        }
    }

    /// <summary>A whole number attribute.</summary>
    public static AttributeProto Attribute(string name, long value) => new() { Name = name, I = value, Type = AttributeType.Int };

    /// <summary>A float attribute.</summary>
    public static AttributeProto Attribute(string name, float value) => new() { Name = name, F = value, Type = AttributeType.Float };

    /// <summary>A text attribute.</summary>
    public static AttributeProto Attribute(string name, string value) =>
        new() { Name = name, S = ByteString.CopyFromUtf8(value), Type = AttributeType.String };

    /// <summary>A list attribute.</summary>
    public static AttributeProto Attribute(string name, params long[] values) =>
        new() { Name = name, Ints = { values }, Type = AttributeType.Ints };

    /// <summary>Those of local response normalization.</summary>
    public static AttributeProto[] Attributes(Lrn l) =>
        [Attribute("size", l.Size), Attribute("alpha", l.Alpha), Attribute("beta", l.Beta), Attribute("bias", l.K)];

    /// <summary>Kernel, strides, pads and, where there are any, dilations.</summary>
    public static AttributeProto[] Attributes(Window w)
    {
        List<AttributeProto> attributes =
        [
            Attribute("kernel_shape", w.KernelH, w.KernelW),
            Attribute("strides", w.StrideH, w.StrideW),
            Attribute("pads", w.PadTop, w.PadLeft, w.PadBottom, w.PadRight),
        ];
        if (w.DilationH != 1 || w.DilationW != 1)
        {
            attributes.Add(Attribute("dilations", w.DilationH, w.DilationW));
        }

        return [.. attributes];
    }

    private string Permuted(string name, string input, int[] order) =>
        Node("Transpose", name, [input], name, Attribute("perm", [.. order.Select(o => (long)o)]));

    private static ImageShape Image(Value value) => new(value.Shape[1], value.Shape[2], value.Shape[3]);

    private static ValueInfoProto Describe(Value value)
    {
        IReadOnlyList<int> s = value.Shape;
        var shape = new TensorShapeProto();
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = "batch" });
        shape.Dim.AddRange((s.Count == 4 ? [s[3], s[1], s[2]] : s.Skip(1)).Select(Fixed));
        return Describe(value.Name, DataType.Float, shape);
    }

    // Of one channel, NHWC and NCHW are the same bytes: those are declared NCHW, as convolutions read them.
    private static ValueInfoProto DescribeIntegers(Value value, bool isSigned)
    {
        IReadOnlyList<int> s = value.Shape;
        var shape = new TensorShapeProto();
        shape.Dim.AddRange((s.Count == 4 && Image(value).OrdersAgree ? [s[0], s[3], s[1], s[2]] : s).Select(Fixed));
        return Describe(value.Name, isSigned ? DataType.Int8 : DataType.Uint8, shape);
    }

    private static TensorShapeProto.Types.Dimension Fixed(int size) => new() { DimValue = size };

    private static ValueInfoProto Describe(string name, DataType type, TensorShapeProto shape) =>
        new() { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } } };
}
