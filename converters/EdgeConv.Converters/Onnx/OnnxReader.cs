using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx.Operators;
using EdgeConv.Converters.Onnx.Proto;
using EdgeConv.Converters.Quantization;

namespace EdgeConv.Converters.Onnx;

/// <summary>
/// Reads an ONNX network (opset 7 or later), float or quantized in QDQ or QOperator form, with one input and one output. Pictures become NHWC on the way: convolution
/// weights go from OIHW to OHWI, and fully connected weights after a flatten from CHW to HWC order, so that no transpose is left.
/// </summary>
public static class OnnxReader
{
    // Names that exporters give to every network say nothing about it.
    private static readonly string[] _exportersNames = ["", "torch_jit", "torch-jit-export", "main_graph", "tf2onnx", "graph", "model"];

    /// <summary>Reads a file, and the files beside it where its weights are in those.</summary>
    /// <param name="path">The file; it is mapped, and its weights are copied once.</param>
    /// <param name="progress">Gets the nodes that are done and their number.</param>
    /// <exception cref="OnnxImportException">
    /// The file or one with weights of it cannot be read, it is no ONNX file, or has nodes that are not supported; the message lists all of these.
    /// </exception>
    public static Graph Read(string path, IProgress<(int Done, int Total)>? progress = null)
    {
        string file = Path.GetFileName(path);
        return OnnxFile.Use(path, (model, data) =>
        {
            data.Attach(model);
            return Import(model, file, progress);
        });
    }

    /// <summary>Reads a file that is in memory.</summary>
    /// <param name="bytes">All of it.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="progress">Gets the nodes that are done and their number.</param>
    internal static Graph Read(ReadOnlyMemory<byte> bytes, string file, IProgress<(int Done, int Total)>? progress = null) =>
        Import(OnnxFile.Read(bytes, file), file, progress);

    /// <summary>Imports a parsed file.</summary>
    /// <param name="model">The file.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="progress">Gets the nodes that are done and their number.</param>
    internal static Graph Import(ModelProto model, string file, IProgress<(int Done, int Total)>? progress = null)
    {
        if (model.Graph is null || model.Graph.Node.Count == 0)
        {
            throw new OnnxImportException($"{file} holds no ONNX network (no graph, or no nodes in it).");
        }

        GraphProto proto = model.Graph;
        var import = new GraphImport([.. proto.Node.SelectMany(n => n.Output), .. proto.Input.Select(i => i.Name)], Size(proto));
        var problems = new List<UnsupportedNode>();
        DefineInitializers(proto, import, problems);
        Value input = DefineInput(proto, import, file);
        int opset = Opset(model, file);
        if (proto.Output.Count != 1)
        {
            throw new OnnxImportException($"{file} has {proto.Output.Count} outputs, {proto.Output.Select(o => o.Name).Text()}; "
                + "networks with one output are supported.");
        }

        string outputName = proto.Output[0].Name;
        List<(NodeProto, string)> nodes = LiveNodes(proto, outputName);
        foreach ((int i, (NodeProto node, string name)) in nodes.Index())
        {
            ImportNode(node, name, opset, import, problems);
            progress?.Report((i + 1, nodes.Count));
        }

        if (problems.Count > 0)
        {
            throw new OnnxImportException(file, problems);
        }

        ImportedValue output = import.Activation(outputName)
            ?? throw new OnnxImportException($"{file}: no node computes the output '{outputName}' from the input '{input.Name}'.");
        if (output.IsUnscaled)
        {
            throw new OnnxImportException($"{file}: the output '{outputName}' was not multiplied by the scale of its dynamic quantization.");
        }

        output = new NodeImport(new NodeProto(), outputName, opset, import).AsOutput(output);
        var graph = new Graph(_exportersNames.Contains(proto.Name) ? Path.GetFileNameWithoutExtension(file) : proto.Name, input,
            Reachable(import.Nodes, output.Value.Name), output.Value.Name)
        {
            Given = import.Given,
            Notes = import.DynamicNodes == 0 ? [] : [DynamicNote(import.DynamicNodes)],
        };
        graph = import.Given.Count > 0 && !import.Nodes.Exists(n => n.Output.Name == outputName) && outputName != input.Name
            ? WithOutput(graph, outputName)
            : graph;
        return graph.Nodes.Count == 0
            ? throw new OnnxImportException($"{file}: nothing is computed between input and output.")
            : OnnxMetadata.Read(model, graph, file);
    }

    // With weights in other files a graph may have more than 2 GiB.
    private static long Size(GraphProto proto) =>
        proto.Initializer.Sum(tensor => (long)tensor.CalculateSize()) + proto.Node.Sum(node => (long)node.CalculateSize());

    private static string DynamicNote(int nodes) =>
        $"The file finds the scales of {nodes} activation{(nodes == 1 ? "" : "s")} when it runs; here they are fixed, from calibration. Its integer "
            + "weights are taken over as they are.";

    // The last DequantizeLinear has the name that users know.
    private static Graph WithOutput(Graph graph, string name)
    {
        string old = graph.Output;
        Dictionary<string, ActivationQuantization> given = graph.Given.ToDictionary(q => q.Key == old ? name : q.Key, q => q.Value);
        return old == graph.Input.Name ? graph : graph with
        {
            Nodes = [.. graph.Nodes.Select(n => n with
            {
                Inputs = [.. n.Inputs.Select(i => i == old ? name : i)],
                Output = n.Output.Name == old ? n.Output with { Name = name } : n.Output,
            })],
            Output = name,
            Given = given,
        };
    }

    private static void DefineInitializers(GraphProto proto, GraphImport import, List<UnsupportedNode> problems)
    {
        foreach (TensorProto tensor in proto.Initializer)
        {
            try
            {
                import.Define(tensor.Name, OnnxConstant.FromTensor(tensor));
            }
            catch (UnsupportedNodeException e)
            {
                problems.Add(new UnsupportedNode(tensor.Name, "initializer", e.Message));
                import.DefineUnknown(tensor.Name);
            }
        }
    }

    private static Value DefineInput(GraphProto proto, GraphImport import, string file)
    {
        ValueInfoProto[] inputs = [.. proto.Input.Where(i => !import.IsTaken(i.Name))];
        if (inputs is not [{ } input])
        {
            throw new OnnxImportException($"{file} has {inputs.Length} inputs, {inputs.Select(i => i.Name).Text()}; "
                + "networks with one input are supported.");
        }

        var type = (TensorProto.Types.DataType)(input.Type?.TensorType?.ElemType ?? 0);
        IntegerForm? form = type switch
        {
            TensorProto.Types.DataType.Float or TensorProto.Types.DataType.Double or TensorProto.Types.DataType.Float16 => IntegerForm.None,
            TensorProto.Types.DataType.Int8 => IntegerForm.Int8,
            TensorProto.Types.DataType.Uint8 => IntegerForm.Uint8,
            _ => null,
        };
        if (form is not { } known)
        {
            throw new OnnxImportException($"{file}: input '{input.Name}' has the element type {type}; float, int8 and uint8 are supported.");
        }

        // A symbolic batch (no value) is 1 here.
        TensorShapeProto.Types.Dimension[] dims = [.. input.Type!.TensorType.Shape?.Dim ?? []];
        long[] shape = [.. dims.Select((d, i) => i == 0 && d.DimValue <= 0 ? 1 : d.DimValue)];
        if (shape.Length is not (2 or 4) || shape[0] != 1 || shape.Any(d => d < 1) || shape.Aggregate(1.0, (n, d) => n * d) > 1 << 28)
        {
            string found = string.Join(", ", dims.Select(d => d.DimParam.Length > 0 ? d.DimParam : $"{d.DimValue}"));
            throw new OnnxImportException($"{file}: input '{input.Name}' has the shape [{found}]; [1, C, H, W] or [1, C] with fixed "
                + "sizes is supported. Export the network with batch size 1 (or a dynamic batch) and a fixed picture size.");
        }

        // A network of NHWC pictures transposes them before anything else.
        int[] onnx = [.. shape.Select(d => (int)d)];
        NodeProto[] readers = [.. proto.Node.Where(n => n.Input.Contains(input.Name))];
        bool isNhwc = onnx.Length == 4 && readers.Length > 0 && readers.All(n => n.OpType == "Transpose"
            && n.Attribute.Any(a => a.Name == "perm" && a.Ints.SequenceEqual([0L, 3L, 1L, 2L])));
        var value = new Value(input.Name, onnx.Length == 4 && !isNhwc ? [1, onnx[2], onnx[3], onnx[1]] : onnx);
        import.Define(input.Name, new ImportedValue(value, onnx) { IsAsStored = isNhwc, Form = known });
        return value;
    }

    private static int Opset(ModelProto model, string file)
    {
        long opset = model.OpsetImport.FirstOrDefault(o => o.Domain is "" or "ai.onnx")?.Version ?? 0;
        return opset is >= 7 and <= 1000
            ? (int)opset
            : throw new OnnxImportException($"{file} uses ONNX operator set {opset}; 7 or later is supported.");
    }

    private static void ImportNode(NodeProto node, string name, int opset, GraphImport import, List<UnsupportedNode> problems)
    {
        string operatorName = node.Domain is "" or "ai.onnx" ? node.OpType : $"{node.Domain}.{node.OpType}";
        try
        {
            bool constant = node.Input.All(i => i.Length == 0 || import.Constant(i) is not null);
            if (!(constant && ConstantFolding.Table.TryGetValue(operatorName, out Action<NodeImport>? function))
                && !OnnxOperators.Table.TryGetValue(operatorName, out function))
            {
                if (ConstantFolding.Table.ContainsKey(operatorName))
                {
                    throw new UnsupportedNodeException("its inputs are computed; constants are supported");
                }

                throw new UnsupportedNodeException("this operator is not supported");
            }

            if (node.Output.Count == 0 || node.Output[0].Length == 0 || node.Output.Any(import.IsTaken))
            {
                throw new UnsupportedNodeException("its output has no name, or one that is in use");
            }

            // A node behind an unsupported one cannot be judged, only its operator can.
            if (!node.Input.Any(import.IsUnknown))
            {
                var view = new NodeImport(node, name, opset, import);
                function(view);
                view.RefuseUnreadAttributes();
                RefuseNonFinite(import);
                return;
            }
        }
        catch (UnsupportedNodeException e)
        {
            problems.Add(new UnsupportedNode(name, operatorName, e.Message));
        }

        foreach (string output in node.Output)
        {
            import.DefineUnknown(output);
        }
    }

    private static void RefuseNonFinite(GraphImport import)
    {
        float[][] values = import.Nodes.LastOrDefault()?.Operation switch
        {
            Conv2D c => [c.Weights, c.Bias],
            TransposeConv t => [t.Weights, t.Bias],
            PRelu p => [p.Alpha],
            FullyConnected f => [f.Weights, f.Bias],
            BatchNormalization b => [b.Scale, b.Shift, b.Mean, b.Variance, [.. b.Variance.Select(v => v < 0 ? float.NaN : v)]],
            _ => [],
        };
        if (values.Any(list => !Array.TrueForAll(list, float.IsFinite)))
        {
            throw new UnsupportedNodeException("its weights hold values that are not finite, or a negative variance");
        }
    }

    /// <summary>The nodes that the output depends on, in the order of the file, each with a unique name.</summary>
    private static List<(NodeProto Node, string Name)> LiveNodes(GraphProto proto, string output)
    {
        HashSet<string> needed = [output];
        var live = new List<(NodeProto, string)>();
        for (int i = proto.Node.Count - 1; i >= 0; i--)
        {
            NodeProto node = proto.Node[i];
            if (node.Output.Any(needed.Contains))
            {
                needed.UnionWith(node.Input);
                live.Add((node, node.Name.Length > 0 ? node.Name : $"{node.OpType}_{i}"));
            }
        }

        live.Reverse();
        HashSet<string> names = [];
        return [.. live.Select(n => names.Add(n.Item2) ? n : (n.Item1, $"{n.Item2}_{names.Count}"))];
    }

    private static List<Node> Reachable(List<Node> nodes, string output)
    {
        HashSet<string> needed = [output];
        List<Node> live = [];
        foreach (Node node in Enumerable.Reverse(nodes).Where(n => needed.Contains(n.Output.Name)))
        {
            needed.UnionWith(node.Inputs);
            live.Insert(0, node);
        }

        return live;
    }
}
