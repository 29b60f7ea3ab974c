using EdgeConv.Converters.Onnx;
using EdgeConv.Converters.Onnx.Proto;
using Google.Protobuf;

namespace EdgeConv.Tests.Converters;

/// <summary>ONNX files made to cost the reader much: memory stays in proportion to their length.</summary>
public sealed class OnnxHostileTests
{
    private const int Spare = 1 << 20;

    [Fact]
    public void A_file_of_a_million_empty_nodes_is_refused_before_it_is_parsed()
    {
        byte[] nodes = [.. Enumerable.Repeat((byte[])[0x0a, 0], 1_000_000).SelectMany(n => n)];
        using var file = new MemoryStream();
        var output = new CodedOutputStream(file);
        output.WriteTag(7, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(UnsafeByteOperations.UnsafeWrap(nodes));
        output.Flush();
        Assert.Contains("very small pieces", Refusal(file.ToArray()).Message);
    }

    [Fact]
    public void A_constant_of_a_shape_that_is_only_named_is_refused()
    {
        OnnxNetwork network = new(13, 1, 4);
        string zeros = network.From(network.Constant((new long[] { 2000, 2000 }, new[] { 2 }))).Node("ConstantOfShape").Last;
        Assert.Contains("a constant of shape", Refusal(network.From("x").Node("Add", [zeros]).ToBytes()).Message);
    }

    [Fact]
    public void Constants_that_double_node_by_node_are_refused()
    {
        OnnxNetwork network = new(13, 1, 4);
        network.From(network.Constant((new float[100], new[] { 100 })));
        for (int i = 0; i < 24; i++)
        {
            network.Node("Concat", [network.Last], ("axis", 0));
        }

        Assert.Contains("are computed from a file of", Refusal(network.From(network.Last).Node("Add", ["x"]).ToBytes()).Message);
    }

    [Fact]
    public void Constants_that_are_joined_from_none_are_refused()
    {
        OnnxNetwork network = new(13, 1, 4);
        network.Node(new NodeProto { OpType = "Concat", Name = "none", Output = { "nothing" } });
        Assert.Contains("it has no inputs", Refusal(network.From("x").Node("Add", ["nothing"]).ToBytes()).Message);
    }

    [Fact]
    public void Weights_are_taken_from_the_file_itself()
    {
        float[] weights = Tensors.Random(new Random(1), 4 * 2000);
        byte[] file = new OnnxNetwork(13, 1, 4).Node("MatMul", [(weights, new[] { 4, 2000 })]).ToBytes();
        OnnxReader.Read(file, "warm.onnx");
        long before = GC.GetAllocatedBytesForCurrentThread();
        var layer = (EdgeConv.Converters.Graphs.FullyConnected)OnnxReader.Read(file, "test.onnx").Nodes[0].Operation;
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < (3 * file.Length) + 30_000);
        Assert.Equal(weights[1], layer.Weights[4]);
    }

    private static OnnxImportException Refusal(byte[] file)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        var refusal = Assert.Throws<OnnxImportException>(() => OnnxReader.Read(file, "hostile.onnx"));
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated <= (4L * file.Length) + Spare, $"{allocated:N0} bytes for a file of {file.Length:N0}");
        return refusal;
    }
}
