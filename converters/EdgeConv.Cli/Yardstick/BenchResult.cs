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
public sealed record BenchResult(
    string Model, string Path, IReadOnlyList<Timing> Engines, IReadOnlyList<LayerTiming> Layers, Machine Machine)
{
    /// <summary>Times a model on kernel paths and ONNX files in ONNX Runtime, one thread each.</summary>
    /// <param name="model">An open model.</param>
    /// <param name="paths">At least one.</param>
    /// <param name="onnx">ONNX forms of the same network.</param>
    /// <param name="seconds">For all together.</param>
    /// <param name="terminal">For the progress.</param>
    /// <param name="cancel">Stops between two rounds.</param>
    public static BenchResult Measure(
        Model model, IReadOnlyList<KernelPath> paths, IReadOnlyList<string> onnx, double seconds,
        Terminal terminal, CancellationToken cancel)
    {
        List<IEngine> engines = [];
        try
        {
            engines.AddRange(paths.Select(path => new EdgeEngine(model, path)));
            sbyte[] input = EdgeEngine.SomeInput(model);
            float[] reals = [.. Enumerable.Range(0, model.Input.Length).Select(i => model.Input.Dequantize(input, i))];
            engines.AddRange(onnx.Select(file => new OnnxEngine(file, reals)));
            IReadOnlyList<Timing> timings = Benchmark.Run(engines, seconds, terminal, cancel);
            return new BenchResult(model.Name, paths[0].Name, timings, Benchmark.Layers(model, paths[0], cancel), Machine.Here());
        }
        finally
        {
            engines.ForEach(engine => engine.Dispose());
        }
    }
}
