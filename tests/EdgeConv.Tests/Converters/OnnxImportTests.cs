using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx;
using EdgeConv.Converters.Onnx.Proto;
using Google.Protobuf;

namespace EdgeConv.Tests.Converters;

public sealed class OnnxImportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgeconv").FullName;

    [Fact]
    public void EveryUnsupportedNodeIsListedAtOnce()
    {
        OnnxNetwork network = new OnnxNetwork(13, 1, 3, 8, 8)
            .Node("Conv", [(new float[4 * 3 * 9], new[] { 4, 3, 3, 3 })], ("auto_pad", "SAME_SIDEWAYS"))
            .Node("Det")
            .Node("Relu")
            .Node("Einsum");
        OnnxImportException e = Assert.Throws<OnnxImportException>(network.Import);
        Assert.Equal(["Conv", "Det", "Einsum"], e.UnsupportedNodes.Select(n => n.Operator));
        Assert.Contains("Det 'det1'", e.Message);
        Assert.Contains("auto_pad = SAME_SIDEWAYS", e.Message);
        Assert.Contains("Einsum 'einsum3'", e.Message);
    }

    [Fact]
    public void AnAttributeThatWouldChangeTheResultIsNamed()
    {
        OnnxNetwork reflected = new OnnxNetwork(10, 1, 3, 8, 8)
            .Node("Pad", null, ("pads", new long[] { 0, 0, 1, 1, 0, 0, 1, 1 }), ("mode", "reflect"));
        Assert.Contains("mode = reflect", Assert.Throws<OnnxImportException>(reflected.Import).Message);
        OnnxNetwork unknown = new OnnxNetwork(13, 1, 3, 8, 8).Node("Relu", null, ("gain", 2));
        Assert.Contains("attribute gain", Assert.Throws<OnnxImportException>(unknown.Import).Message);
    }

    [Theory]
    [InlineData("mode", "cubic", "mode = cubic")]
    [InlineData("antialias", 1, "antialias = 1")]
    [InlineData("exclude_outside", 1, "exclude_outside = 1")]
    [InlineData("keep_aspect_ratio_policy", "not_larger", "keep_aspect_ratio_policy = not_larger")]
    [InlineData("coordinate_transformation_mode", "tf_crop_and_resize", "coordinate_transformation_mode = tf_crop_and_resize")]
    [InlineData("nearest_mode", "ceil", "nearest_mode = ceil")]
    public void AWayToResizeThatWeDoNotHaveIsNamed(string attribute, object value, string named)
    {
        OnnxNetwork network = new OnnxNetwork(18, 1, 3, 8, 8).Node("Relu");
        string none = network.Constant((Array.Empty<float>(), new[] { 0 }));
        network.Node("Resize", [none, none, (new long[] { 1, 3, 13, 11 }, new[] { 4 })], (attribute, value));
        Assert.Contains(named, Assert.Throws<OnnxImportException>(network.Import).Message);
    }

    [Fact]
    public void SizesThatAreComputedOrChangeTheChannelsAreRefused()
    {
        OnnxNetwork channels = new OnnxNetwork(13, 1, 3, 8, 8).Node("Relu");
        string none = channels.Constant((Array.Empty<float>(), new[] { 0 }));
        channels.Node("Resize", [none, none, (new long[] { 1, 6, 8, 8 }, new[] { 4 })]);
        Assert.Contains("rows and columns", Assert.Throws<OnnxImportException>(channels.Import).Message);
        OnnxNetwork empty = new OnnxNetwork(13, 1, 3, 8, 8).Node("Slice", [(new long[] { 5 }, new[] { 1 }), (new long[] { 4 }, new[] { 1 })]);
        Assert.Contains("shape", Assert.Throws<OnnxImportException>(empty.Import).Message);
        OnnxNetwork uneven = new OnnxNetwork(13, 1, 5, 8, 8).Node("Gather", [(new long[] { 0, 1, 4 }, new[] { 3 })], ("axis", 1));
        Assert.Contains("evenly spaced", Assert.Throws<OnnxImportException>(uneven.Import).Message);
    }

    [Fact]
    public void NodesThatNobodyReadsAreNoConcern()
    {
        OnnxNetwork network = new OnnxNetwork(13, 1, 3, 8, 8)
            .Node(new NodeProto { OpType = "Det", Input = { "x" }, Output = { "unread" } })
            .Node(new NodeProto { OpType = "Relu", Input = { "x" }, Output = { "y" } });
        Assert.Single(network.Import().Nodes);
    }

    [Theory]
    [InlineData("flatten")]
    [InlineData("reshape to [-1, 48]")]
    [InlineData("reshape to [0, -1]")]
    [InlineData("view(x.size(0), -1)")]
    [InlineData("squeeze")]
    public void FlattenedPicturesMeetTheirWeightsInTheRightOrder(string style)
    {
        var random = new Random(3);
        bool squeezed = style == "squeeze";
        int[] image = squeezed ? [1, 3, 1, 1] : [1, 3, 4, 4];
        var network = new OnnxNetwork(13, "batch", image[1], image[2], image[3]);
        _ = style switch
        {
            "flatten" => network.Node("Flatten"),
            "squeeze" => network.Node("Squeeze", [(new long[] { 2, 3 }, new[] { 2 })]),
            "reshape to [-1, 48]" => network.Node("Reshape", [(new long[] { -1, 48 }, new[] { 2 })]),
            "reshape to [0, -1]" => network.Node("Reshape", [(new long[] { 0, -1 }, new[] { 2 })]),
            _ => ShapeArithmetic(network),
        };
        int inputs = image[1] * image[2] * image[3];
        network.Node("Dropout").Node("Gemm", [(Tensors.Random(random, 5 * inputs), new[] { 5, inputs })], ("transB", 1));

        float[] nchw = Tensors.Random(random, inputs);
        using var host = new OnnxRuntimeHost(network.ToBytes());
        Graph graph = network.Import();
        float[] actual = new FloatExecutor(graph).Run(Tensors.ToNhwc(nchw, graph.Input.Shape));
        Tensors.AssertClose(host.Run(nchw, [.. image.Select(d => (long)d)]), actual, 1e-4, style);
        Assert.DoesNotContain(graph.Nodes, n => n.Operation.Kind == "Transpose");
    }

    [Fact]
    public void EmptyForeignAndMissingFilesAreRefused()
    {
        string path = Path.Combine(_folder, "model.onnx");
        File.WriteAllBytes(path, []);
        Assert.Contains("model.onnx is empty", Refusal(path));
        File.WriteAllText(path, "\u0089PNG\r\n\u001a\nnot a network");
        Assert.Contains("model.onnx", Refusal(path));
        File.WriteAllText(path, "{}");
        Assert.Contains("model.onnx", Refusal(path));
        Assert.Contains("cannot be read", Refusal(Path.Combine(_folder, "missing.onnx")));
        Assert.Contains("cannot be read", Refusal(_folder));
    }

    [Fact]
    public void TruncatedAndMutatedFilesNeverCauseAnotherException()
    {
        const int Seed = 11, Mutations = 3000;
        byte[] good = OnnxWriter.Build(TestNetworks.Tiny(1)).ToByteArray();
        var random = new Random(Seed);
        for (int i = 0; i < Mutations; i++)
        {
            byte[] bytes = i % 4 == 0 ? good[..random.Next(good.Length)] : (byte[])good.Clone();
            for (int flips = random.Next(1, 4); flips > 0 && bytes.Length > 0; flips--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                OnnxReader.Read(bytes, "mutated.onnx");
            }
            catch (OnnxImportException)
            {
                // the one that is expected
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {Seed}, mutation {i}: {e}");
            }
        }
    }

    [Fact]
    public void CutOffFilesSaySo()
    {
        byte[] good = OnnxWriter.Build(TestNetworks.LeNet5(1)).ToByteArray();
        string path = Path.Combine(_folder, "cut.onnx");
        File.WriteAllBytes(path, good[..(good.Length / 2)]);
        Assert.Contains("cut off", Refusal(path));
    }

    [Theory]
    [InlineData(6, "operator set 6")]
    [InlineData(0, "operator set 0")]
    public void OldOperatorSetsAreRefused(int opset, string expected) => Assert.Contains(
        expected, Assert.Throws<OnnxImportException>(new OnnxNetwork(opset, 1, 1, 4, 4).Node("Relu").Import).Message);

    [Fact]
    public void InputsOfUnknownSizeAreRefused() => Assert.Contains("[N, 3, height, width]",
        Assert.Throws<OnnxImportException>(new OnnxNetwork(13, "N", 3, "height", "width").Node("Relu").Import).Message);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Refusal(string path) => Assert.Throws<OnnxImportException>(() => OnnxReader.Read(path)).Message;

    private static OnnxNetwork ShapeArithmetic(OnnxNetwork network) => network
        .Node(new NodeProto { OpType = "Shape", Input = { "x" }, Output = { "shape" } })
        .Node(new NodeProto
        {
            OpType = "Gather",
            Input = { "shape", network.Constant((new long[] { 0 }, Array.Empty<int>())) },
            Output = { "size" },
        })
        .Node(new NodeProto
        {
            OpType = "Unsqueeze",
            Input = { "size", network.Constant((new long[] { 0 }, new[] { 1 })) },
            Output = { "first" },
        })
        .Node(new NodeProto
        {
            OpType = "Concat",
            Input = { "first", network.Constant((new long[] { -1 }, new[] { 1 })) },
            Output = { "target" },
            Attribute = { new AttributeProto { Name = "axis", I = 0, Type = AttributeProto.Types.AttributeType.Int } },
        })
        .Node(new NodeProto { OpType = "Reshape", Input = { "x", "target" }, Output = { "flat" } });
}
