using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Frames;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Agent;

/// <summary>Runs a model over pictures or over raw tensors.</summary>
internal static class RunCommand
{
    /// <summary>run MODEL PICTURE | run MODEL --raw IN [--raw-out OUT], with [--path P] [--threads N] [--repeat N].</summary>
    public static void Execute(Arguments arguments, TextWriter output)
    {
        string? raw = arguments.Option("--raw");
        IReadOnlyList<string> words = arguments.ExpectWords(raw is null ? ["MODEL", "PICTURE | --camera URI"] : ["MODEL"]);
        if (raw is null && arguments.Option("--raw-out") is not null)
        {
            throw new UsageException("--raw-out needs --raw.");
        }

        int repeat = arguments.Count("--repeat");
        KernelPath path = arguments.Option("--path") is string name ? KernelPath.Parse(name) : KernelPath.Default;
        int threads = arguments.Threads();
        using Model model = ModelFile.Open(words[0], arguments);
        using Interpreter interpreter = new(model, path, threads);
        Runner runner = new(interpreter, repeat);
        if (raw is null)
        {
            Pictures(runner, words[1], output);
        }
        else
        {
            Raw(runner, raw, arguments.Option("--raw-out"), output);
        }

        if (arguments.Option("--repeat") is not null)
        {
            output.WriteLine($"{path.Name}: {runner.MicrosecondsPerRun:F1} us a run over {runner.Runs} runs");
        }
    }

    private static void Pictures(Runner runner, string path, TextWriter output)
    {
        PreprocessingRecord record = runner.Model.Preprocessing
            ?? throw new FailureException($"{runner.Model.Name} does not say how a picture becomes its input; give it tensors with --raw.");
        Preprocessor preprocessor = new(record);
        using FrameFiles frames = new(path);
        while (frames.TryRead(out Frame frame))
        {
            preprocessor.Run(frame.Picture, runner.Input);
            runner.Run();
            output.WriteLine($"{frame.Name}  {runner.Answer()}");
        }
    }

    private static void Raw(Runner runner, string inPath, string? outPath, TextWriter output)
    {
        using FileStream source = File.OpenRead(inPath);
        int size = runner.Input.Length;
        if (source.Length == 0 || source.Length % size != 0)
        {
            string shape = string.Join('x', runner.Model.Input.Shape);
            throw new FailureException($"{inPath}: {source.Length} bytes; expected one or more inputs of {size} bytes ({shape} {runner.Model.Input.Type.ToString().ToLowerInvariant()}).");
        }

        using OutputFile? sink = outPath is null ? null : new OutputFile(outPath);
        for (long i = 0; i < source.Length / size; i++)
        {
            source.ReadExactly(MemoryMarshal.AsBytes(runner.Input));
            runner.Run();
            if (sink is null)
            {
                output.WriteLine($"{i}  {runner.Answer()}");
            }
            else
            {
                sink.Stream.Write(MemoryMarshal.AsBytes<sbyte>(runner.Output));
            }
        }

        sink?.Commit();
    }

    private sealed class Runner(Interpreter interpreter, int repeat)
    {
        private readonly sbyte[] _input = new sbyte[interpreter.Model.Input.ByteLength];
        private readonly sbyte[] _output = new sbyte[interpreter.Model.Output.ByteLength];
        private readonly float[] _confidences = new float[interpreter.Model.Output.Length];
        private long _ticks;

        public Model Model => interpreter.Model;

        public Span<sbyte> Input => _input;

        public ReadOnlySpan<sbyte> Output => _output;

        public long Runs { get; private set; }

        public double MicrosecondsPerRun => Stopwatch.GetElapsedTime(0, _ticks).TotalMicroseconds / Runs;

        public void Run()
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < repeat; i++)
            {
                interpreter.Invoke(_input, _output);
            }

            _ticks += Stopwatch.GetTimestamp() - start;
            Runs += repeat;
        }

        /// <summary>The likeliest class, and how sure the model is of it.</summary>
        public string Answer()
        {
            Confidences.Read(Model, _output, _confidences);
            int best = Model.Output.IndexOfLargest(_output);
            return string.Create(CultureInfo.InvariantCulture, $"{Confidences.Label(Model, best)}  {_confidences[best]:F3}");
        }
    }
}
