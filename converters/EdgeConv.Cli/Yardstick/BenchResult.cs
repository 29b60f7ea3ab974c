using EdgeConv.Cli.Screen;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Cli.Yardstick;

/// <summary>What `bench` found.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Path">The kernel path that the others are compared with.</param>
/// <param name="Engines">That path first.</param>
/// <param name="Layers">Of that path.</param>
/// <param name="Machine">Where it was measured.</param>
/// <param name="Threads">Of every engine.</param>
/// <param name="Ceilings">What the layers were held against; null where nobody asked.</param>
public sealed record BenchResult(
    string Model, string Path, IReadOnlyList<Timing> Engines, IReadOnlyList<LayerTiming> Layers, Machine Machine, int Threads, Ceilings? Ceilings)
{
    /// <summary>Times a model on kernel paths and ONNX files in ONNX Runtime.</summary>
    /// <param name="model">An open model.</param>
    /// <param name="paths">At least one.</param>
    /// <param name="onnx">ONNX forms of the same network.</param>
    /// <param name="seconds">For all together.</param>
    /// <param name="threads">Of each engine.</param>
    /// <param name="explain">Whether the layers are explained.</param>
    /// <param name="terminal">For the progress.</param>
    /// <param name="cancel">Stops between two rounds.</param>
    public static BenchResult Measure(
        Model model, IReadOnlyList<KernelPath> paths, IReadOnlyList<string> onnx, double seconds, int threads, bool explain,
        Terminal terminal, CancellationToken cancel)
    {
        List<IEngine> engines = [];
        try
        {
            engines.AddRange(paths.Select(path => new EdgeEngine(model, path, threads)));
            sbyte[] input = EdgeEngine.SomeInput(model);
            float[] reals = [.. Enumerable.Range(0, model.Input.Length).Select(i => model.Input.Dequantize(input, i))];
            engines.AddRange(onnx.Select(file => new OnnxEngine(file, reals, threads)));
            IReadOnlyList<Timing> timings = Benchmark.Run(engines, seconds, terminal, cancel);
            using Interpreter interpreter = new(model, paths[0], threads);
            Ceilings? ceilings = explain ? Yardstick.Ceilings.Measure(interpreter) : null;
            IReadOnlyList<LayerTiming> layers = Benchmark.Layers(interpreter, ceilings, cancel);
            return new BenchResult(model.Name, paths[0].Name, timings, layers, Machine.Here(), threads, ceilings);
        }
        finally
        {
            engines.ForEach(engine => engine.Dispose());
        }
    }
}
