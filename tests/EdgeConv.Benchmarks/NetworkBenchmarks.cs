using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using EdgeConv.BenchNetworks;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Benchmarks;

/// <summary>
/// Every layer and network of the bench on every path of this processor, ONNX Runtime beside it in the same run: one thread, batch 1,
/// integers in and out (float in ONNX Runtime's float run), padding, requantization and store included.
/// </summary>
public class NetworkBenchmarks
{
    private IDisposable? _engine;
    private Action _run = () => { };

    /// <summary>A name of the bench.</summary>
    [ParamsSource(nameof(Networks))]
    public string Network { get; set; } = "";

    /// <summary>A path of EdgeConv, or ONNX Runtime.</summary>
    [ParamsSource(nameof(Engines))]
    public string Engine { get; set; } = "";

    /// <summary>All of the bench.</summary>
    public static IEnumerable<string> Networks => BenchNetwork.All.Select(n => n.Name);

    /// <summary>What this processor runs. ONNX Runtime's int8 comes first: the others are compared with it.</summary>
    public static IEnumerable<string> Engines =>
    [
        BenchFiles.OnnxInt8, BenchFiles.OnnxFloat, .. KernelPath.All.Where(p => p.IsSupported && p != KernelPath.Reference).Select(p => p.Name),
    ];

    /// <summary>Builds the network once a process and opens it.</summary>
    [GlobalSetup]
    public void Setup()
    {
        BenchFiles files = BenchFiles.Of(Network);
        switch (Engine)
        {
            case BenchFiles.OnnxInt8 when RuntimeInformation.ProcessArchitecture == Architecture.Arm64:
                Open<sbyte>(files.Int8);
                break;
            case BenchFiles.OnnxInt8:
                Open<byte>(files.Int8);
                break;
            case BenchFiles.OnnxFloat:
                BoundSession<float> real = Open<float>(files.Float);
                real.Input.AsSpan().Fill(1);
                break;
            default:
                var net = new OwnedNet(files.Ecm, KernelPath.Parse(Engine));
                (_engine, _run) = (net, net.Run);
                break;
        }
    }

    /// <summary>Closes it.</summary>
    [GlobalCleanup]
    public void Cleanup() => _engine?.Dispose();

    /// <summary>One inference.</summary>
    [Benchmark]
    public void Infer() => _run();

    private BoundSession<T> Open<T>(string path)
        where T : unmanaged
    {
        var session = new BoundSession<T>(path);
        new Random(1).NextBytes(MemoryMarshal.AsBytes(session.Input.AsSpan()));
        (_engine, _run) = (session, session.Run);
        return session;
    }

    private sealed class OwnedNet : IDisposable
    {
        private readonly Model _model;
        private readonly Interpreter _net;
        private readonly sbyte[] _input;
        private readonly sbyte[] _output;

        public OwnedNet(string path, KernelPath kernels)
        {
            _model = Model.Open(path);
            _net = new Interpreter(_model, kernels);
            (_input, _output) = (new sbyte[_model.Input.Length], new sbyte[_model.Output.Length]);
            new Random(1).NextBytes(MemoryMarshal.AsBytes(_input.AsSpan()));
        }

        public void Run() => _net.Invoke(_input, _output);

        public void Dispose()
        {
            _net.Dispose();
            _model.Dispose();
        }
    }
}
