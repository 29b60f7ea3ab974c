using System.Runtime.InteropServices;
using EdgeConv.Benchmarks;
using EdgeConv.BenchNetworks;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Tests.Converters;

/// <summary>QDQ files with integers at both ends: what the benches give to ONNX Runtime is the network that they give to EdgeConv.</summary>
public sealed class QdqFormTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("conv5x5-16-28")]
    [InlineData("dw3x3-64-56")]
    [InlineData("lenet5")]
    [InlineData("ds-cnn")]
    [InlineData("resnet8")]
    public void Integers_in_and_out_are_ours_in_int8_and_in_uint8(string name)
    {
        QuantizedGraph quantized = BenchNetwork.Quantize(BenchNetwork.Parse(name).Build());
        using Model model = Model.Load(Lowering.Lower(quantized, new LoweringOptions()));
        using var net = new Interpreter(model, KernelPath.Reference);
        sbyte[] input = new sbyte[model.Input.Length], expected = new sbyte[model.Output.Length];
        new Random(3).NextBytes(MemoryMarshal.AsBytes(input.AsSpan()));
        net.Invoke(input, expected);
        Assert.True(expected.Distinct().Count() > 5, "an answer that is worth comparing");

        AssertNearlyEqual(expected, Run<sbyte>(quantized, BenchNetwork.Signed, input));
        byte[] raised = [.. input.Select(b => (byte)(b + 128))];
        AssertNearlyEqual(expected, [.. Run<byte>(quantized, BenchNetwork.Unsigned, raised).Select(b => (sbyte)(b - 128))]);
    }

    private T[] Run<T>(QuantizedGraph quantized, QdqForm form, T[] input)
        where T : unmanaged
    {
        string path = _folder.Path($"{typeof(T).Name}.onnx");
        QdqWriter.Write(quantized, path, form);
        using var session = new BoundSession<T>(path);
        input.CopyTo(session.Input, 0);
        session.Run();
        return session.Output;
    }

    // ONNX Runtime rounds otherwise, so single steps may differ, and a few more behind several layers.
    private static void AssertNearlyEqual(sbyte[] expected, sbyte[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        int most = expected.Zip(found, (e, f) => Math.Abs(e - f)).Max();
        Assert.True(most <= 3, $"an element differs by {most} steps");
    }
}
