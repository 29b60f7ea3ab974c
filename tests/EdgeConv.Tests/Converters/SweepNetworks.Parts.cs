using EdgeConv.Converters.Onnx.Proto;

namespace EdgeConv.Tests.Converters;

/// <summary>Networks that take values apart, resize them and put them together again.</summary>
internal sealed partial class SweepNetworks
{
    private OnnxNetwork Part(string family) => family switch
    {
        "slice" => Slice(),
        "split" => Split(),
        "gather" => Gather(),
        "resize" => Resize(),
        "upsample" => Upsample(),
        "concat of many" => ConcatOfMany(),
        "encoder and decoder" => EncoderAndDecoder(),
        _ => throw new ArgumentException(family),
    };

    private OnnxNetwork Slice()
    {
        OnnxNetwork network = Image().Node("LeakyRelu");
        int[] shape = [1, _channels, _height, _width];
        if (random.Next(4) == 0)
        {
            network = network.Node("Flatten");
            shape = [1, _channels * _height * _width];
        }

        int[] axes = [.. Enumerable.Range(1, shape.Length - 1).OrderBy(_ => random.Next()).Take(random.Next(1, shape.Length))];
        bool backwards = opset >= 10 && random.Next(3) == 0;
        (long Start, long End, long Step)[] cuts = [.. axes.Select(a => Cut(shape[a], backwards))];
        long[] starts = [.. cuts.Select(c => c.Start)], ends = [.. cuts.Select(c => c.End)], steps = [.. cuts.Select(c => c.Step)];
        long[] named = [.. axes.Select((a, i) => (long)(i % 2 == 0 ? a : a - shape.Length))];
        network = opset < 10
            ? network.Node("Slice", null, ("starts", starts), ("ends", ends), ("axes", axes.Select(a => (long)a).ToArray()))
            : network.Node("Slice", [List(starts), List(ends), List(named), List(steps)]);
        return network.Node("Abs");
    }

    // Never empty; now and then far beyond the end, as exporters write it.
    private (long Start, long End, long Step) Cut(int size, bool backwards)
    {
        int first = random.Next(size), last = random.Next(first, size);
        if (backwards)
        {
            return (random.Next(2) == 0 ? last : last - size, first == 0 ? long.MinValue : first - 1, -random.Next(1, 4));
        }

        long end = last == size - 1 && random.Next(2) == 0 ? long.MaxValue : last + 1;
        return (random.Next(2) == 0 ? first : first - size, end, opset < 10 ? 1 : random.Next(1, 4));
    }

    private OnnxNetwork Split()
    {
        int axis = random.Next(1, 4), size = new[] { 0, _channels, _height, _width }[axis], parts = random.Next(1, Math.Min(size, 4) + 1);
        OnnxNetwork network = Image().Node("Relu");
        var node = new NodeProto { OpType = "Split", Name = "split", Input = { network.Last } };
        node.Output.AddRange(Enumerable.Range(0, parts).Select(i => $"part{i}"));
        Set(node, "axis", random.Next(2) == 0 ? axis : axis - 4);
        bool equal = opset >= 18 && random.Next(2) == 0 && (parts - 1) * ((size + parts - 1) / parts) < size;
        if (equal)
        {
            Set(node, "num_outputs", parts);
        }
        else
        {
            long[] sizes = [.. Enumerable.Repeat(1L, parts - 1), size - parts + 1];
            if (opset >= 13)
            {
                node.Input.Add(network.Constant(List(sizes)));
            }
            else
            {
                node.Attribute.Add(new AttributeProto { Name = "split", Ints = { sizes }, Type = AttributeProto.Types.AttributeType.Ints });
            }
        }

        network.Node(node);
        string[] order = [.. Enumerable.Range(0, parts).Select(i => $"part{i}").Reverse()];
        network.From(order[0]).Node("Sigmoid");
        return parts == 1 ? network : network.Node("Concat", [.. order.Skip(1)], ("axis", axis));
    }

    private static void Set(NodeProto node, string name, int value) =>
        node.Attribute.Add(new AttributeProto { Name = name, I = value, Type = AttributeProto.Types.AttributeType.Int });

    private OnnxNetwork Gather()
    {
        int axis = random.Next(1, 4), size = new[] { 0, _channels, _height, _width }[axis];
        int first = random.Next(size), step = random.Next(2) == 0 ? 1 : random.Next(1, 3) * (random.Next(2) == 0 ? 1 : -1);
        long[] indices = [.. Enumerable.Range(0, size).Select(i => (long)first + (i * step)).TakeWhile(i => i >= 0 && i < size)];
        return Image().Node("Tanh").Node("Gather", [List(indices)], ("axis", axis)).Node("Relu");
    }

    private OnnxNetwork Resize()
    {
        OnnxNetwork network = Image().Node("Tanh");
        string mode = random.Next(2) == 0 ? "nearest" : "linear";
        (int up, int across) = (random.Next(1, 4), random.Next(1, 4));
        float[] scales = [1, 1, up, across];
        if (opset < 11)
        {
            return opset == 10 ? network.Node("Resize", [(scales, new[] { 4 })], ("mode", mode)).Node("Abs") : Upsample();
        }

        // Whole factors as a decoder has them, or any size with the positions that TFLite has.
        bool anySize = random.Next(2) == 0;
        string[] transformations = anySize ? ["half_pixel", "asymmetric", "align_corners"]
            : ["half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"];
        string transformation = transformations[random.Next(transformations.Length)];
        string nearest = transformation == "asymmetric" ? "floor" : "round_prefer_ceil";
        nearest = !anySize && transformation == "half_pixel" && mode == "nearest" ? "round_prefer_floor" : nearest;
        string none = network.Constant((Array.Empty<float>(), new[] { 0 }));
        object[] inputs = anySize
            ? [none, none, List(1, _channels, random.Next(1, 20), random.Next(1, 20))]
            : [none, (scales, new[] { 4 })];
        return network.Node("Resize", inputs, ("mode", mode), ("coordinate_transformation_mode", transformation), ("nearest_mode", nearest))
            .Node("Abs");
    }

    private OnnxNetwork Upsample()
    {
        int set = opset < 9 ? opset : 9;
        float[] scales = [1, 1, random.Next(1, 4), random.Next(1, 4)];
        string mode = random.Next(2) == 0 ? "nearest" : "linear";
        OnnxNetwork network = new OnnxNetwork(set, [.. image.Cast<object>()]).Node("Tanh");
        string constant = set < 9 ? "" : network.Constant((scales, new[] { 4 }));
        var node = new NodeProto { OpType = "Upsample", Name = "up", Input = { network.Last }, Output = { "larger" } };
        node.Attribute.Add(new AttributeProto
        {
            Name = "mode",
            S = Google.Protobuf.ByteString.CopyFromUtf8(mode),
            Type = AttributeProto.Types.AttributeType.String,
        });
        if (set < 9)
        {
            node.Attribute.Add(new AttributeProto { Name = "scales", Floats = { scales }, Type = AttributeProto.Types.AttributeType.Floats });
        }
        else
        {
            node.Input.Add(constant);
        }

        return network.Node(node).Node("Abs");
    }

    private OnnxNetwork ConcatOfMany()
    {
        int count = random.Next(25, 60), axis = random.Next(1, 4);
        OnnxNetwork network = Image();
        string[] functions = ["Relu", "Tanh", "Sigmoid", "Abs"];
        string[] parts = [.. Enumerable.Range(0, count).Select(i => network.From("x").Node(functions[i % functions.Length]).Last)];
        return network.From(parts[0]).Node("Concat", [.. parts.Skip(1)], ("axis", axis)).Node("Relu");
    }

    // As U-Net has it: pooled, made larger again, and joined with what was there before.
    private OnnxNetwork EncoderAndDecoder()
    {
        int rows = _height / 2 * 2, columns = _width / 2 * 2;
        OnnxNetwork network = new OnnxNetwork(opset, 1, _channels, rows, columns);
        string skip = Convolve(network, _channels, 4).Node("Relu").Last;
        network = Convolve(network.Node("MaxPool", null, ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 })), 4, 6).Node("Relu");
        network = random.Next(2) == 0 || opset < 11
            ? network.Node("ConvTranspose", [Values(6, 4, 2, 2), Values(4)], ("strides", new long[] { 2, 2 }))
            : Convolve(network.Node("Resize", [network.Constant((Array.Empty<float>(), new[] { 0 })), ((float[])[1, 1, 2, 2], new[] { 4 })],
                ("mode", "linear")), 6, 4);
        return Convolve(network.Node("Relu").Node("Concat", [skip], ("axis", 1)), 8, 3);
    }
}
