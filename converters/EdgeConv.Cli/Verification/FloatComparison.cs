using EdgeConv.Cli.Models;
using EdgeConv.Cli.Screen;
using EdgeConv.Cli.Yardstick;
using EdgeConv.Converters;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Converters.Visualization;
using EdgeConv.Devices.Deciding;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Cli.Verification;

/// <summary>How far one layer's dequantized output is from the float network's.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="SqnrDecibels">10 log10(signal energy / error energy).</param>
/// <param name="Cosine">Cosine similarity.</param>
/// <param name="LargestError">Of a single value.</param>
public sealed record LayerDifference(string Name, double SqnrDecibels, double Cosine, double LargestError);

/// <summary>A model file beside the float network that it came from in ONNX Runtime, layer by layer.</summary>
/// <param name="Onnx">The float model's file.</param>
/// <param name="Images">Inputs compared.</param>
/// <param name="Layers">In running order; layers without a counterpart of that name are left out.</param>
/// <param name="Agreement">Share of inputs with the same class.</param>
/// <param name="LeastDecibels">What a layer must reach.</param>
public sealed record FloatComparison(
    string Onnx, int Images, IReadOnlyList<LayerDifference> Layers, double Agreement, double LeastDecibels)
{
    private const int MostImages = 200;

    /// <summary>The first layer that is further from float than it may be, or null.</summary>
    public LayerDifference? FirstWrong => Layers.FirstOrDefault(layer => layer.SqnrDecibels < LeastDecibels);

    /// <summary>Runs both on the same inputs: the float network sees the dequantized input.</summary>
    /// <exception cref="FailureException">The two have other input sizes or no layer in common.</exception>
    internal static FloatComparison Run(
        Model whole, string onnx, ParityInputs inputs, double leastDecibels, Terminal terminal, CancellationToken cancel)
    {
        using Model model = whole.LayerByLayer();
        Graph graph = Fusion.Apply(GraphSource.Read(onnx));
        if (graph.Input.Length != model.Input.Length)
        {
            throw new FailureException(
                $"'{onnx}' takes {Units.Shape(graph.Input.Shape)}, the model takes {Units.Shape(model.Input.Shape)}; "
                + "name the float model that the .ecm was converted from.");
        }

        ParityInputs few = inputs.Take(MostImages);
        Dictionary<string, int> steps = graph.Nodes.ToDictionary(node => node.Output.Name, node => LayerPairs.StepOf(model, node));
        Sums[] sums = [.. model.Operators.Select(_ => new Sums())];
        int agree = 0;
        IReadOnlyDictionary<string, ValueRange> limits = RangePropagation.Limits(graph);
        using OnnxLayers reference = new(GraphSource.OnnxPath(onnx), graph);
        using Interpreter interpreter = new(model, KernelPath.Default);
        float[] floatInput = new float[model.Input.Length];
        float[][] dequantized = [.. model.Operators.Select(step => new float[model.Tensors[step.Output].Length])];
        terminal.Progress($"comparing with {Path.GetFileName(onnx)}", few.Count, report =>
        {
            for (int i = 0; i < few.Count; i++)
            {
                cancel.ThrowIfCancellationRequested();
                RunInt8(few[i]);
                float[] last = [];
                reference.Run(floatInput, (node, values) =>
                {
                    if (steps[node.Output.Name] is >= 0 and var step)
                    {
                        sums[step].Add(values, dequantized[step], limits[node.Output.Name]);
                    }

                    last = node.Output.Name == graph.Output ? values : last;
                });
                agree += Confidences.Best(last) == Confidences.Best(dequantized[^1]) ? 1 : 0;
                report(i + 1);
            }
        });

        LayerDifference[] layers =
            [.. model.Operators.Zip(sums).Where(pair => pair.Second.Count > 0).Select(pair => pair.Second.Of(pair.First.Name))];
        if (layers.Length == 0)
        {
            throw new FailureException($"'{onnx}' has no layer in common with the model: its layers are "
                + $"{Some(graph.Nodes.Select(node => node.Name))}, the model's {Some(model.Operators.Select(step => step.Name))}. "
                + "Name the float model that the .ecm was converted from.");
        }

        return new FloatComparison(onnx, few.Count, layers, (double)agree / few.Count, leastDecibels);

        static string Some(IEnumerable<string> names) => string.Join(", ", names.Take(3).Append("..."));

        void RunInt8(ReadOnlySpan<sbyte> input)
        {
            model.Input.Dequantize(input, floatInput);
            interpreter.SetInput(input);
            for (int step = 0; step < model.Operators.Count; step++)
            {
                interpreter.RunOperator(step);
                int output = model.Operators[step].Output;
                model.Tensors[output].Dequantize(interpreter.Activation(output), dequantized[step]);
            }
        }
    }

    private sealed class Sums
    {
        private double _signal, _error, _other, _product, _largest;

        public long Count { get; private set; }

        // What the function behind the layer does not tell apart, the quantizer may clip.
        public void Add(ReadOnlySpan<float> reals, ReadOnlySpan<float> found, ValueRange useful)
        {
            for (int i = 0; i < reals.Length; i++)
            {
                double expected = Math.Clamp(reals[i], useful.Min, useful.Max), clipped = Math.Clamp(found[i], useful.Min, useful.Max);
                double error = clipped - expected;
                _signal += expected * expected;
                _other += clipped * clipped;
                _product += clipped * expected;
                _error += error * error;
                _largest = Math.Max(_largest, Math.Abs(error));
            }

            Count += reals.Length;
        }

        // 200 dB stands for no error at all: JSON has no infinity.
        public LayerDifference Of(string name) => new(
            name,
            _error == 0 ? 200 : 10 * Math.Log10(Math.Max(_signal, double.Epsilon) / _error),
            _signal == 0 || _other == 0 ? 0 : _product / Math.Sqrt(_signal * _other),
            _largest);
    }
}
