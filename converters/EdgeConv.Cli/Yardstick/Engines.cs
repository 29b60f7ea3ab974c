using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Cli.Yardstick;

/// <summary>Something that runs one inference of batch 1.</summary>
internal interface IEngine : IDisposable
{
    /// <summary>For the table.</summary>
    string Name { get; }

    /// <summary>One inference on an input that was set before.</summary>
    void Run();
}

/// <summary>A model file on one kernel path.</summary>
internal sealed class EdgeEngine : IEngine
{
    private readonly Interpreter _interpreter;
    private readonly sbyte[] _input;
    private readonly sbyte[] _output;

    /// <param name="model">Must outlive the engine.</param>
    /// <param name="path">The kernels.</param>
    /// <param name="threads">At least 1.</param>
    public EdgeEngine(Model model, KernelPath path, int threads)
    {
        _interpreter = new Interpreter(model, path, threads);
        _input = SomeInput(model);
        _output = new sbyte[model.Output.ByteLength];
        Name = $"EdgeConv int8, {path.Name}";
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>A real input where the model carries one, else random bytes of a fixed seed.</summary>
    public static sbyte[] SomeInput(Model model)
    {
        sbyte[] input = new sbyte[model.Input.ByteLength];
        if (model.GoldenVectors.Count > 0)
        {
            model.GoldenVectors[0].Input.CopyTo(input);
        }
        else
        {
            new Random(1).NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(input.AsSpan()));
        }

        return input;
    }

    /// <inheritdoc/>
    public void Run() => _interpreter.Invoke(_input, _output);

    /// <inheritdoc/>
    public void Dispose() => _interpreter.Dispose();
}

/// <summary>An ONNX file in ONNX Runtime.</summary>
internal sealed class OnnxEngine : IEngine
{
    private readonly OnnxSession _session;

    /// <param name="path">The file.</param>
    /// <param name="input">NHWC reals.</param>
    /// <param name="threads">At least 1.</param>
    /// <exception cref="FailureException">The network takes another number of values.</exception>
    public OnnxEngine(string path, ReadOnlySpan<float> input, int threads)
    {
        if (!File.Exists(path))
        {
            throw new FailureException($"there is no file '{path}'.");
        }

        _session = new OnnxSession(path, threads);
        if (_session.Input.Length != input.Length)
        {
            int found = _session.Input.Length;
            _session.Dispose();
            throw new FailureException(
                $"'{path}' takes {found} values, the model takes {input.Length}; compare with an ONNX form of the same network.");
        }

        _session.SetInput(input);
        Name = $"ONNX Runtime, {Path.GetFileName(path)}";
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public void Run() => _session.Run();

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();
}
