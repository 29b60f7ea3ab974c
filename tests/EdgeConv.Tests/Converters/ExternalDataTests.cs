using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using EdgeConv.Cli.Yardstick;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx;
using EdgeConv.Converters.Onnx.Proto;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace EdgeConv.Tests.Converters;

/// <summary>ONNX files whose weights are in other files: the same network as from one file, and no other file is read.</summary>
public sealed class ExternalDataTests : IDisposable
{
    private const int Inputs = 4, Outputs = 6, Bytes = Inputs * Outputs * sizeof(float);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("lenet", true)]
    [InlineData("lenet", false)]
    [InlineData("mobile", true)]
    [InlineData("mobile", false)]
    public void Every_layer_is_that_of_one_file_and_of_ONNX_Runtime(string name, bool together)
    {
        string inline = RepositoryFolder.Path("tests", "EdgeConv.Tests", "Converters", "PyTorch", $"{name}.onnx"), path = _folder.Path($"{name}.onnx");
        ModelProto model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(inline));
        _ = together ? ExternalForm.WriteTogether(model, path) : ExternalForm.WriteEach(model, path);
        Graph expected = OnnxReader.Read(inline), found = OnnxReader.Read(path);
        AssertSame(expected, found);
        float[] input = Tensors.Random(new Random(1), expected.Input.Length);
        AssertSameInOnnxRuntime(path, found, input);
    }

    [Fact]
    public void Constants_that_are_nodes_and_integers_are_found_as_well()
    {
        ModelProto Network()
        {
            var network = new OnnxNetwork(13, 1, 2, 3, 4);
            var shape = new TensorProto { Dims = { 2 }, DataType = (int)TensorProto.Types.DataType.Int64, RawData = Longs(1, 24) };
            network.Node(new NodeProto
            {
                OpType = "Constant",
                Output = { "shape" },
                Attribute = { new AttributeProto { Name = "value", T = shape, Type = AttributeProto.Types.AttributeType.Tensor } },
            });
            return network.From("x").Node("Reshape", ["shape"]).Node("MatMul", [(Tensors.Random(new Random(2), 24 * 5), new[] { 24, 5 })]).Build();
        }

        AssertSame(OnnxReader.Import(Network(), "net.onnx"), OnnxReader.Read(ExternalForm.WriteTogether(Network(), _folder.Path("net.onnx"), least: 1)));
        AssertSame(OnnxReader.Import(Network(), "net.onnx"), OnnxReader.Read(ExternalForm.WriteEach(Network(), _folder.Path("net.onnx"), least: 1)));
    }

    [Theory]
    [InlineData("lenet")]
    [InlineData("mobile")]
    public void What_ONNX_Runtime_writes_beside_its_file_is_read(string name)
    {
        string inline = RepositoryFolder.Path("tests", "EdgeConv.Tests", "Converters", "PyTorch", $"{name}.onnx"), path = _folder.Path($"{name}.onnx");
        using (var options = new SessionOptions
        {
            OptimizedModelFilePath = path,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        })
        {
            options.AddSessionConfigEntry("session.optimized_model_external_initializers_file_name", "their.weights");
            options.AddSessionConfigEntry("session.optimized_model_external_initializers_min_size_in_bytes", "16");
            using var session = new InferenceSession(inline, options);
        }

        Assert.Equal([RealPath.Of(_folder.Path("their.weights"))], OnnxWeights.Files(path));
        Graph expected = OnnxReader.Read(inline), found = OnnxReader.Read(path);
        float[] input = Tensors.Random(new Random(1), expected.Input.Length);
        Tensors.AssertClose(new FloatExecutor(expected).Run(input), new FloatExecutor(found).Run(input), 1e-5, name);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("0", null)]
    [InlineData(null, "96")]
    [InlineData("3", "96")]
    public void Offset_and_length_may_be_left_out(string? offset, string? length)
    {
        float[] weights = Tensors.Random(new Random(3), Inputs * Outputs);
        int before = int.Parse(offset ?? "0", CultureInfo.InvariantCulture), behind = length is null ? 0 : 7;
        WriteData([.. new byte[before], .. Floats(weights), .. new byte[behind]]);
        (string, string)[] entries = [("location", "w.bin"), .. Entry("offset", offset), .. Entry("length", length)];
        Assert.Equal(Expected(weights), Weights(Network(entries)));
    }

    [Fact]
    public void A_tensor_beyond_two_gigabytes_is_found()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "A file with holes takes no room there.");
        const long Start = 3L << 30;
        float[] weights = Tensors.Random(new Random(3), Inputs * Outputs);
        using (FileStream data = File.Create(_folder.Path("w.bin")))
        {
            data.Position = Start;
            data.Write(Floats(weights));
        }

        Assert.Equal(Expected(weights), Weights(Network(("location", "w.bin"), ("offset", $"{Start}"), ("length", $"{Bytes}"))));
        Assert.Contains("less than 2 GiB", Refusal(("location", "w.bin")));
    }

    [Fact]
    public void Weights_are_copied_once_out_of_the_file()
    {
        const int Many = 4000;
        ModelProto Model() => new OnnxNetwork(13, 1, 100).Node("MatMul", [(Tensors.Random(new Random(1), 100 * Many), new[] { 100, Many })]).Build();
        string path = ExternalForm.WriteTogether(Model(), _folder.Path("net.onnx"));
        OnnxReader.Read(path);
        long before = GC.GetAllocatedBytesForCurrentThread();
        OnnxReader.Read(path);
        long weights = 100L * Many * sizeof(float), external = GC.GetAllocatedBytesForCurrentThread() - before;
        File.WriteAllBytes(path, Model().ToByteArray());
        before = GC.GetAllocatedBytesForCurrentThread();
        OnnxReader.Read(path);
        long inline = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(external < inline + 50_000, $"{external:N0} bytes for {weights:N0} of weights; {inline:N0} where they are in the file");
    }

    [Fact]
    public void A_network_of_a_thousand_layers_is_no_file_of_very_small_pieces()
    {
        var network = new OnnxNetwork(13, 1, 8, 2, 2);
        for (int i = 0; i < 1000; i++)
        {
            network.Node("Conv", [(new float[64], new[] { 8, 8, 1, 1 }), (new float[8], new[] { 8 })], ("kernel_shape", new long[] { 1, 1 })).Node("Relu");
        }

        Assert.Equal(2000, OnnxReader.Read(ExternalForm.WriteTogether(network.Build(), _folder.Path("deep.onnx"))).Nodes.Count);
    }

    [Fact]
    public void A_missing_file_is_named_with_the_place_where_it_was_looked_for()
    {
        string message = Refusal(("location", "net.onnx.data"));
        Assert.Contains("'net.onnx.data'", message);
        Assert.Contains($"there is no {_folder.Path("net.onnx.data")}", message);
        Assert.Contains("belong together", message);
        Directory.CreateDirectory(_folder.Path("net.onnx.data"));
        Assert.Contains("there is no", Refusal(("location", "net.onnx.data")));
        Assert.Contains("there is no", Refusal(("location", ".")));
    }

    [Theory]
    [InlineData("/etc/hostname")]
    [InlineData("../w.bin")]
    [InlineData("sub/../../w.bin")]
    [InlineData("sub/../w.bin")]
    [InlineData("..")]
    [InlineData("\\\\server\\w.bin")]
    [InlineData("..\\w.bin")]
    [InlineData("C:\\w.bin")]
    [InlineData("C:w.bin")]
    [InlineData("w.bin\0.txt")]
    public void Only_files_in_the_folder_are_read(string location)
    {
        WriteData(new byte[Bytes]);
        Directory.CreateDirectory(_folder.Path("sub"));
        string message = Refusal(("location", location));
        Assert.Contains($"'{location}'", message);
        Assert.Contains("only a file in the folder of net.onnx is read", message);
    }

    [Theory]
    [InlineData("offset", "-1")]
    [InlineData("offset", "1e2")]
    [InlineData("offset", " 4")]
    [InlineData("offset", "")]
    [InlineData("offset", "9223372036854775808")]
    [InlineData("length", "0x10")]
    [InlineData("length", "-96")]
    [InlineData("length", "٣")]
    public void Numbers_that_are_none_are_named(string key, string value)
    {
        WriteData(new byte[Bytes]);
        string message = Refusal(("location", "w.bin"), (key, value));
        Assert.Contains($"'{value}'", message);
        Assert.Contains(key, message);
        Assert.Contains("'c0'", message);
    }

    [Theory]
    [InlineData("0", "97", "should be 97 bytes at byte 0 of w.bin, which has 96 bytes")]
    [InlineData("1", "96", "should be 96 bytes at byte 1 of w.bin, which has 96 bytes")]
    [InlineData("97", null, "should be at byte 97 of w.bin, which has 96 bytes")]
    [InlineData("9223372036854775807", "9223372036854775807", "which has 96 bytes")]
    public void A_file_that_is_too_short_is_named(string offset, string? length, string expected)
    {
        WriteData(new byte[Bytes]);
        string message = Refusal(("location", "w.bin"), ("offset", offset), Entry("length", length) is [var entry] ? entry : ("", ""));
        Assert.Contains(expected, message);
        Assert.Contains("'c0'", message);
        Assert.Contains("belong together", message);
    }

    [Fact]
    public void A_file_with_nothing_in_it_is_too_short()
    {
        WriteData([]);
        Assert.Contains("should be 96 bytes at byte 0 of w.bin, which has 0 bytes", Refusal(("location", "w.bin"), ("length", "96")));
        Assert.Contains("holds 0 float values, but its shape [4, 6] asks for 24", Refusal(("location", "w.bin")));
    }

    [Theory]
    [InlineData("92", "holds 23 float values, but its shape [4, 6] asks for 24")]
    [InlineData("93", "holds 93 bytes, no whole number of float values, but its shape [4, 6] asks for 24")]
    [InlineData(null, "holds 25 float values, but its shape [4, 6] asks for 24")]
    public void A_length_that_is_not_that_of_the_shape_is_refused(string? length, string expected)
    {
        WriteData(new byte[Bytes + 4]);
        Assert.Contains(expected, Refusal([("location", "w.bin"), .. Entry("length", length)]));
    }

    [Fact]
    public void Without_a_place_or_without_a_folder_the_tensor_is_named()
    {
        Assert.Contains("'c0' is in another file, and it does not say in which", Refusal());
        Assert.Contains("does not say in which", Refusal(("location", ""), ("offset", "0")));
        WriteData(new byte[Bytes]);
        byte[] bytes = File.ReadAllBytes(Network(("location", "w.bin")));
        Assert.Contains("'c0' is in another file", Assert.Throws<OnnxImportException>(() => OnnxReader.Read(bytes, "net.onnx")).Message);
    }

    [Fact]
    public void A_file_that_may_not_be_read_or_leads_in_a_circle_is_named()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        File.CreateSymbolicLink(_folder.Path("w.bin"), "v.bin");
        File.CreateSymbolicLink(_folder.Path("v.bin"), "w.bin");
        Assert.Contains("'w.bin', which cannot be read: ", Refusal(("location", "w.bin")));
    }

    [Fact]
    public void A_pipe_is_not_waited_for()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "mkfifo makes it.");
        using (var make = Process.Start("mkfifo", [_folder.Path("w.bin")]))
        {
            make.WaitForExit();
        }

        Assert.Contains("holds 0 float values", Refusal(("location", "w.bin")));
    }

    [Fact]
    public void Links_within_the_folder_are_followed_and_those_out_of_it_are_not()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        float[] weights = Tensors.Random(new Random(3), Inputs * Outputs);
        using var elsewhere = new TemporaryFolder();
        elsewhere.Write("w.bin", Floats(weights));
        File.CreateSymbolicLink(_folder.Path("out.bin"), elsewhere.Path("w.bin"));
        Directory.CreateSymbolicLink(_folder.Path("out"), elsewhere.Root);
        Directory.CreateDirectory(_folder.Path("sub"));
        File.CreateSymbolicLink(_folder.Path("sub", "in.bin"), "../w.bin");
        File.CreateSymbolicLink(_folder.Path("twice.bin"), "out/w.bin");
        Assert.Contains($"'out.bin', which is a link out of the folder, to {RealPath.Of(elsewhere.Path("w.bin"))}", Refusal(("location", "out.bin")));
        Assert.Contains("a link out of the folder", Refusal(("location", "out/w.bin")));
        Assert.Contains("a link out of the folder", Refusal(("location", "twice.bin")));
        Assert.Contains("a link out of the folder", Assert.Throws<OnnxImportException>(() => OnnxProbe.Open(Network(("location", "out.bin")))).Message);
        WriteData(Floats(weights));
        Assert.Equal(Expected(weights), Weights(Network(("location", "sub/in.bin"))));
        Directory.CreateSymbolicLink(elsewhere.Path("here"), _folder.Root);
        Assert.Equal(Expected(weights), Weights(elsewhere.Path("here", "net.onnx")));
    }

    [Fact]
    public void A_cache_that_keeps_network_and_weights_as_links_to_its_store_is_read()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        ModelProto model = ModelProto.Parser.ParseFrom(
            File.ReadAllBytes(RepositoryFolder.Path("tests", "EdgeConv.Tests", "Converters", "PyTorch", "lenet.onnx")));
        Graph expected = OnnxReader.Import(model, "lenet.onnx");
        string path = ExternalForm.WriteTogether(model, _folder.Path("lenet.onnx"));
        Directory.CreateDirectory(_folder.Path("blobs"));
        Directory.CreateDirectory(_folder.Path("snapshots", "1"));
        File.Move(path, _folder.Path("blobs", "a0"));
        File.Move($"{path}.data", _folder.Path("blobs", "b1"));
        string cached = _folder.Path("snapshots", "1", "lenet.onnx");
        File.CreateSymbolicLink(cached, "../../blobs/a0");
        File.CreateSymbolicLink($"{cached}.data", "../../blobs/b1");
        AssertSame(expected, OnnxReader.Read(cached));
        AssertSameInOnnxRuntime(cached, expected, Tensors.Random(new Random(1), expected.Input.Length));
    }

    [Fact]
    public void A_copy_has_its_weights_in_itself()
    {
        ModelProto model = OnnxWriter.Build(TestNetworks.LeNet5(1));
        string path = ExternalForm.WriteEach(model, _folder.Path("net.onnx"));
        Assert.NotEmpty(OnnxWeights.Files(path));
        OnnxWeights.CopyWhole(path, _folder.Path("sub.onnx"));
        Assert.Empty(OnnxWeights.Files(_folder.Path("sub.onnx")));
        Assert.Equal(model, ModelProto.Parser.ParseFrom(File.ReadAllBytes(_folder.Path("sub.onnx"))));
        OnnxWeights.CopyWhole(_folder.Path("sub.onnx"), _folder.Path("again.onnx"));
        Assert.Equal(File.ReadAllBytes(_folder.Path("sub.onnx")), File.ReadAllBytes(_folder.Path("again.onnx")));
    }

    [Fact]
    public void Entries_of_any_kind_give_a_network_or_a_sentence()
    {
        const int Seed = 12, Tries = 4000;
        string[] keys = ["location", "location", "offset", "length", "checksum", "basepath", "", "Location"];
        string[] values =
        [
            "w.bin", "w.bin", "w.bin", "sub", "sub/w.bin", "./w.bin", "sub//w.bin", "..", "../w.bin", "/", "\\", "C:", "~", ".", "", " ", "\0", "w.bin/", "net.onnx",
            "*", "?", "\u001b[31m", "\ud800", new string('w', 5000), string.Concat(Enumerable.Repeat("sub/", 2000)), "0", "4", "96", "97", "1000", "-1", "1e3", "٣",
            "18446744073709551615", "9223372036854775807", "2147483648",
        ];
        WriteData(Floats(new float[Inputs * Outputs]));
        _folder.Write("sub/w.bin", new byte[Bytes + 8]);
        var random = new Random(Seed);
        int read = 0;
        for (int i = 0; i < Tries; i++)
        {
            (string, string)[] entries = [.. Enumerable.Range(0, random.Next(5)).Select(_ => (keys[random.Next(keys.Length)], values[random.Next(values.Length)]))];
            string path = Network(entries);
            try
            {
                OnnxReader.Read(path);
                read++;
            }
            catch (OnnxImportException)
            {
                // The one that is expected.
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {Seed}, try {i}, {string.Join(", ", entries)}: {e}");
            }
        }

        Assert.InRange(read, 1, Tries - 1);
    }

    private static (string, string)[] Entry(string key, string? value) => value is null ? [] : [(key, value)];

    private static byte[] Floats(float[] values) => MemoryMarshal.AsBytes<float>(values).ToArray();

    private static ByteString Longs(params long[] values) =>
        ByteString.CopyFrom(MemoryMarshal.AsBytes<long>(values));

    // MatMul has them by inputs, our layer by outputs.
    private static float[] Expected(float[] weights) =>
        [.. Enumerable.Range(0, Inputs * Outputs).Select(i => weights[(i % Inputs * Outputs) + (i / Inputs)])];

    private static float[] Weights(string path) => ((FullyConnected)OnnxReader.Read(path).Nodes[0].Operation).Weights;

    private static void AssertSame(Graph expected, Graph found) => Assert.Equal(OnnxWriter.Build(expected).ToByteArray(), OnnxWriter.Build(found).ToByteArray());

    // As `verify --against` and as `bench --against` open it.
    private static void AssertSameInOnnxRuntime(string path, Graph graph, float[] input)
    {
        Graph fused = Fusion.Apply(graph);
        float[] expected = new FloatExecutor(fused).Run(input), found = [];
        using (var layers = new EdgeConv.Cli.Yardstick.OnnxLayers(path, fused))
        {
            layers.Run(input, (_, values) => found = values);
        }

        Tensors.AssertClose(expected, found, 1e-4, "its layers");
        using var session = new OnnxSession(path);
        session.SetInput(input);
        session.Run();
        Tensors.AssertClose(expected, session.Output, 1e-4, "as a whole");
    }

    private void WriteData(byte[] bytes) => File.WriteAllBytes(_folder.Path("w.bin"), bytes);

    private string Network(params (string Key, string Value)[] entries) => ExternalForm.Write(
        new OnnxNetwork(13, 1, Inputs).Node("MatMul", [(new float[Inputs * Outputs], new[] { Inputs, Outputs })]).Build(), _folder.Path("net.onnx"), entries);

    private string Refusal(params (string Key, string Value)[] entries)
    {
        string path = Network(entries), message = Assert.Throws<OnnxImportException>(() => OnnxReader.Read(path)).Message;
        Assert.Contains("net.onnx", message);
        return message;
    }
}
