using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Converters.TfLite.Schema;

namespace EdgeConv.Converters.TfLite;

/// <summary>
/// Takes over an int8 or int16x8 TensorFlow Lite network with one input and one output: nothing is calibrated or rounded again, every
/// layer gives the bytes of TFLite's reference kernels.
/// </summary>
public static class TfLiteReader
{
    private const long LargestFile = 1 << 30;

    /// <summary>Reads a file.</summary>
    /// <returns>The network; its notes say what was decided on the way.</returns>
    /// <exception cref="TfLiteImportException">
    /// The file cannot be read, is no TFLite file, or has operators that are not supported; the message lists all of these.
    /// </exception>
    public static QuantizedGraph Read(string path)
    {
        try
        {
            return new FileInfo(path).Length <= LargestFile
                ? Read(File.ReadAllBytes(path), Path.GetFileName(path))
                : throw new TfLiteImportException($"{path} is larger than {LargestFile} bytes, which no device takes.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new TfLiteImportException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads a file that is in memory.</summary>
    /// <param name="bytes">Its content.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <returns>The network; its notes say what was decided on the way.</returns>
    /// <exception cref="TfLiteImportException">
    /// The bytes are no TFLite file, or have operators that are not supported; the message lists all of these.
    /// </exception>
    public static QuantizedGraph Read(byte[] bytes, string file = "network.tflite")
    {
        var model = TfLiteModel.Read(bytes, file);
        RequireOne(model, model.Outputs, "outputs");
        IReadOnlyList<TfLiteOperator> operators = LiveOperators.Of(model);
        int[] inputs = LiveOperators.Inputs(model, operators);
        RequireOne(model, inputs, "inputs");
        FloatCheck.Run(model, operators);
        var graph = new ImportedGraph(model, inputs[0]);
        DefineInput(model, graph);
        var problems = new List<UnsupportedOperator>();
        foreach (TfLiteOperator op in operators)
        {
            Import(model, op, graph, problems);
        }

        return problems.Count == 0 ? Finish(model, graph) : throw new TfLiteImportException(file, problems);
    }

    private static void RequireOne(TfLiteModel model, int[] tensors, string what)
    {
        if (tensors is not [>= 0])
        {
            throw new TfLiteImportException($"{model.File.Name} has {tensors.Length} {what}, "
                + $"{tensors.Where(t => t >= 0).Take(8).Select(t => model.Tensors[t].Name).Text()}; networks with one are supported.");
        }
    }

    private static void DefineInput(TfLiteModel model, ImportedGraph graph)
    {
        TfLiteTensor input = model.Tensors[graph.InputTensor];
        if (input.Shape is [not 1, ..] and { Length: > 1 })
        {
            throw new TfLiteImportException($"{model.File.Name}: the input '{input.Name}' has the shape {input.Shape.Text()}; a first dimension "
                + "(batch) of 1 is supported. Convert the network again with batch size 1.");
        }

        if (input.IsConstant)
        {
            throw new TfLiteImportException($"{model.File.Name}: the input '{input.Name}' is a constant. Convert the network again.");
        }

        try
        {
            if (!input.IsFloat)
            {
                graph.DefineInput(ImportedGraph.Activation(input));
            }
        }
        catch (UnsupportedOperatorException e)
        {
            throw new TfLiteImportException($"{model.File.Name}: the input {e.Message}.");
        }
    }

    private static void Import(TfLiteModel model, TfLiteOperator op, ImportedGraph graph, List<UnsupportedOperator> problems)
    {
        try
        {
            if (!TfLiteOperators.Table.TryGetValue(op.Kind, out Action<OperatorImport>? import))
            {
                throw new UnsupportedOperatorException("this operator is not supported");
            }

            // An operator behind an unsupported one cannot be judged, only its kind can.
            if (!op.Inputs.Any(graph.IsUnknown))
            {
                import(new OperatorImport(op, graph));
                return;
            }
        }
        catch (UnsupportedOperatorException e)
        {
            string location = op.Outputs.FirstOrDefault(o => o >= 0, -1) is var o and >= 0 ? model.Tensors[o].Name : "";
            problems.Add(new UnsupportedOperator(op.Index, op.Kind, location, e.Message));
        }

        foreach (int output in op.Outputs)
        {
            graph.DefineUnknown(output);
        }
    }

    private static QuantizedGraph Finish(TfLiteModel model, ImportedGraph graph)
    {
        (string file, TfLiteTensor output) = (model.File.Name, model.Tensors[model.Outputs[0]]);
        QuantizedValue result = graph.Value(output.Index) is { } value && graph.Input is not null
            ? value
            : throw new TfLiteImportException($"{file}: no operator computes the output '{output.Name}' from the input "
                + $"'{model.Tensors[graph.InputTensor].Name}'.");
        if (graph.Nodes.All(n => n.Output.Name != result.Name))
        {
            throw new TfLiteImportException($"{file}: nothing is computed between input and output.");
        }

        string name = model.Name is "" or "main" ? Path.GetFileNameWithoutExtension(file) : model.Name;
        var network = new QuantizedGraph(name, graph.Input!, Reachable(graph.Nodes, result.Name), result.Name);
        return TfLitePicture.Complete(model, network);
    }

    private static List<QuantizedNode> Reachable(List<QuantizedNode> nodes, string output)
    {
        HashSet<string> needed = [output];
        List<QuantizedNode> live = [];
        foreach (QuantizedNode node in Enumerable.Reverse(nodes).Where(n => needed.Contains(n.Output.Name)))
        {
            needed.UnionWith(node.Inputs);
            live.Add(node);
        }

        live.Reverse();
        return live;
    }
}
