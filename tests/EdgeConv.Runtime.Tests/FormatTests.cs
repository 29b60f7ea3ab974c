using System.Buffers.Binary;
using System.Text.RegularExpressions;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Runtime.Tests;

/// <summary>The model file: what is written is read, what is broken is refused with the place named.</summary>
public sealed partial class FormatTests
{
    private static readonly ModelSpec _spec = FullSpec();
    private static readonly byte[] _file = ModelWriter.Write(_spec);

    [Fact]
    public void What_is_written_is_read()
    {
        using Model model = Model.Load(_file);
        Assert.Equal(_spec.Name, model.Name);
        Assert.Equal(_spec.Operators, model.Operators);
        Assert.Equal(_spec.Labels, model.Labels);
        Assert.Equal(_spec.Metadata, model.Metadata);
        Assert.Equal(_spec.ArenaBytes, model.ArenaBytes);
        Assert.Equal(_file.Length, model.FileBytes);
        Assert.Equal(_spec.Preprocessing!.Layout, model.Preprocessing!.Layout);
        Assert.Equal(_spec.Preprocessing.Tables.ToArray(), model.Preprocessing.Tables.ToArray());
        Assert.Equal(_spec.GoldenVectors[0].LayerHashes, model.GoldenVectors[0].LayerHashes);
        Assert.Equal(_spec.GoldenVectors[0].Output.ToArray(), model.GoldenVectors[0].Output.ToArray());
        for (int i = 0; i < model.Tensors.Count; i++)
        {
            (TensorInfo written, TensorInfo read) = (_spec.Tensors[i].Info, model.Tensors[i]);
            Assert.Equal(written.Shape, read.Shape);
            Assert.Equal(written with { Shape = [], Offset = 0 }, read with { Shape = [], Offset = 0 });
            Assert.True(read.Storage == TensorStorage.Arena || read.Offset % 16 == 0);
        }
    }

    [Fact]
    public void The_same_specification_gives_the_same_bytes() => Assert.Equal(_file, ModelWriter.Write(FullSpec()));

    [Fact]
    public void A_file_is_mapped_and_runs()
    {
        string path = Path.Combine(Path.GetTempPath(), $"edgeconv-{Guid.NewGuid():n}.ecm");
        try
        {
            File.WriteAllBytes(path, _file);
            using Model model = Model.Open(path);
            Assert.Null(SelfTest.Run(model, KernelPath.Default));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        for (int length = 0; length < _file.Length; length += Math.Max(1, length / 40))
        {
            var error = Assert.Throws<ModelFormatException>(() => Model.Load(_file.AsSpan(0, length)));
            Assert.NotEmpty(error.Field);
        }
    }

    [Fact]
    public void Every_flipped_bit_is_refused()
    {
        var random = new Random(3);
        for (int i = 0; i < 3000; i++)
        {
            byte[] broken = [.. _file];
            int at = i < 1024 ? i / 8 : random.Next(broken.Length);
            broken[at] ^= (byte)(1 << (i % 8));
            Assert.Throws<ModelFormatException>(() => Model.Load(broken));
        }
    }

    [Fact]
    public void A_broken_file_with_a_good_checksum_is_refused_or_runs()
    {
        // the checks behind the checksum: whatever the bytes say, the answer is the typed exception or a model that can be run
        var random = new Random(4);
        int metadataBytes = BinaryPrimitives.ReadInt32LittleEndian(_file.AsSpan(96));   // up to the constants
        int refused = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] broken = [.. _file];
            for (int flips = random.Next(1, 4); flips > 0; flips--)
            {
                int at = random.Next(metadataBytes);
                broken[at] = random.Next(4) switch { 0 => 0, 1 => 0xff, 2 => (byte)(broken[at] + 1), _ => (byte)random.Next(256) };
            }

            BinaryPrimitives.WriteUInt32LittleEndian(broken.AsSpan(20), FormatLayout.Checksum(broken));
            try
            {
                using Model model = Model.Load(broken);
                if (model.ArenaBytes <= 1 << 20)
                {
                    SelfTest.Run(model, KernelPath.Default);
                }
            }
            catch (ModelFormatException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 5_000, 20_000);
    }

    [Fact]
    public void A_foreign_file_is_named_as_such()
    {
        byte[] foreign = new byte[4096];
        "\x89PNG"u8.CopyTo(foreign);
        var error = Assert.Throws<ModelFormatException>(() => Model.Load(foreign));
        Assert.Contains("not an EdgeConv model", error.Message);
        Assert.Equal(0, error.ByteOffset);
    }

    [Fact]
    public void Another_version_or_rounding_rule_is_named()
    {
        Assert.Contains("format version 2", Broken(8, 2).Message);
        Assert.Contains("rule 7", Broken(10, 7).Message);

        static ModelFormatException Broken(int at, byte value)
        {
            byte[] file = [.. _file];
            file[at] = value;
            var error = Assert.Throws<ModelFormatException>(() => Model.Load(file));
            Assert.Equal(at, error.ByteOffset);
            return error;
        }
    }

    [Fact]
    public void Live_activations_may_not_share_bytes()
    {
        ModelSpec spec = TestNetworks.LeNet5().Spec();
        TensorSpec[] tensors = [.. spec.Tensors];
        int output = spec.Operators[0].Output;
        tensors[output] = tensors[output] with { Info = tensors[output].Info with { Offset = 16 } };
        var error = Assert.Throws<ModelFormatException>(() => ModelWriter.Write(spec with { Tensors = tensors }));
        Assert.Contains("overlaps", error.Message);
    }

    [Fact]
    public void An_operator_may_not_read_what_nothing_wrote()
    {
        ModelSpec spec = TestNetworks.LeNet5().Spec();
        var error = Assert.Throws<ModelFormatException>(() => ModelWriter.Write(spec with { Operators = [.. spec.Operators.Reverse()] }));
        Assert.Contains("nothing has written", error.Message);
    }

    [Fact]
    public void An_accumulator_that_could_overflow_is_refused_with_the_layer_named()
    {
        const int Inputs = 70_000;   // 70,000 * 255 * 127 is more than 2^31
        var model = new TestModel();
        int x = model.Activation([1, Inputs], -128), y = model.Activation([1, 1]);
        int weights = model.Constant([.. Enumerable.Repeat((sbyte)127, Inputs)], [1, Inputs]);
        model.Then(new FullyConnectedOp("too wide", x, y, weights, model.Constant([0]), model.Constant([1 << 30]), model.Constant([-20]), -128, 127));
        var error = Assert.Throws<ModelFormatException>(model.Build);
        Assert.Contains("too wide", error.Message);
        Assert.Contains("does not fit 32 bits", error.Message);
    }

    [Fact]
    public void An_accumulator_that_leaves_no_room_for_the_zero_point_is_refused()
    {
        Assert.Equal(127, TestModel.Run(Build(int.MaxValue - 128), [0], KernelPath.Reference)[0]);
        Assert.Contains("does not fit 32 bits", Assert.Throws<ModelFormatException>(() => Build(int.MaxValue - 127)).Message);

        static Model Build(int bias)
        {
            var model = new TestModel();
            int x = model.Activation([1, 1]), y = model.Activation([1, 1], 127);
            return model.Then(new FullyConnectedOp("fc", x, y, model.Constant(new sbyte[1], [1, 1]), model.Constant([bias]),
                model.Constant([int.MaxValue]), model.Constant([0]), -128, 127)).Build();
        }
    }

    [Fact]
    public void Padding_that_makes_a_small_picture_enormous_is_refused()
    {
        const int Pad = FormatLayout.MaxWindowField;
        var model = new TestModel();
        int x = model.Activation([1, 1, 1, 3]), y = model.Activation([1, 3, 3, 1]);
        model.Then(new Conv2DOp("vast", x, y, model.Constant(new sbyte[3], [1, 1, 1, 3]), model.Constant([0]), model.Constant([1 << 30]), model.Constant([-5]),
            new Window(1, 1, Pad, Pad, PadTop: Pad, PadLeft: Pad, PadBottom: Pad, PadRight: Pad), 1, -128, 127));
        Assert.Contains("padded input of 65535x65535x3", Assert.Throws<ModelFormatException>(model.Build).Message);
    }

    [Fact]
    public void A_mean_over_more_pixels_than_its_sum_can_hold_is_refused()
    {
        const int Size = 2897;   // 2,897 * 2,897 is more than 2^23
        var model = new TestModel();
        model.Then(new AveragePoolOp("mean", model.Activation([1, Size, Size, 1]), model.Activation([1, 1, 1, 1]), new Window(Size, Size), -128, 127));
        Assert.Contains("8388608 pixels", Assert.Throws<ModelFormatException>(model.Build).Message);
    }

    [Fact]
    public void Joined_parts_are_all_of_one_type()
    {
        var model = new TestModel();
        int x = model.Activation([1, 4]), wide = model.WideActivation([1, 4]), y = model.Activation([1, 8]);
        model.Then(new RequantizeOp("widen", x, wide, new(1 << 30, 1), -32768, 32767)).Then(new ConcatOp("both", [x, wide], y, 1));
        Assert.Contains("not an activation of the output's type, Int8", Assert.Throws<ModelFormatException>(model.Build).Message);
    }

    [Fact]
    public void The_golden_file_of_version_1_loads_and_passes_its_own_vectors_on_every_path()
    {
        using Model model = Model.Open(Path.Combine(AppContext.BaseDirectory, "Golden", "v1.ecm"));
        Assert.Equal("golden v1", model.Name);
        Assert.Equal(2, model.GoldenVectors.Count);
        foreach (KernelPath path in Paths.Supported)
        {
            Assert.Null(SelfTest.Run(model, path));
        }
    }

    [Fact]
    public void The_writer_still_writes_the_golden_file_of_version_1() =>
        Assert.Equal(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Golden", "v1.ecm")), _file);

    [Fact]
    public void The_offsets_of_the_specification_are_those_of_the_code()
    {
        string text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "FORMAT.md"));
        Dictionary<string, int> documented = HeaderRow().Matches(text)
            .DistinctBy(m => m.Groups[2].Value).ToDictionary(m => m.Groups[2].Value, m => int.Parse(m.Groups[1].Value));
        Assert.Equal(FormatLayout.Header.Version, documented["version"]);
        Assert.Equal(FormatLayout.Header.RoundingRule, documented["rounding rule"]);
        Assert.Equal(FormatLayout.Header.TotalLength, documented["total length"]);
        Assert.Equal(FormatLayout.Header.Crc, documented["crc"]);
        Assert.Equal(FormatLayout.Header.ArenaBytes, documented["arena bytes"]);
        Assert.Equal(FormatLayout.Header.Tensors, documented["tensors"]);
        Assert.Equal(FormatLayout.Header.Operators, documented["operators"]);
        Assert.Equal(FormatLayout.Header.Strings, documented["strings"]);
        Assert.Equal(FormatLayout.Header.Golden, documented["golden"]);
        Assert.Equal(FormatLayout.Header.Constants, documented["constants"]);
        Assert.Equal(FormatLayout.Header.Signature, documented["signature"]);
        Assert.Equal(FormatLayout.Header.Name, documented["name"]);
    }

    /// <summary>Every kind of record, every operator, two golden vectors.</summary>
    private static ModelSpec FullSpec()
    {
        var random = new Random(11);
        var model = new TestModel(aligned: true);
        int x = model.Activation([1, 8, 8, 3], -128, 1 / 255f), c = model.Activation([1, 8, 8, 5], 3, 0.5f), p = model.Activation([1, 4, 4, 5], 3, 0.5f);
        int a = model.Activation([1, 2, 2, 5], 3, 0.5f), t = model.Activation([1, 2, 2, 5], 0, 1 / 128f), flat = model.Activation([1, 20], 0, 1 / 128f);
        int d = model.Activation([1, 4], -7, 0.25f), y = model.Activation([1, 4], -128, 1 / 256f);
        var conv = new Conv2DOp("conv", x, c, model.Constant(Bytes(5 * 27), [5, 3, 3, 3]), model.Constant([1, -2, 3, -4, 5]), model.Constant(Multipliers(5)),
            model.Constant([-8, -8, -9, -9, -7]), new Window(3, 3, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1), 1, -100, 127);
        var dense = new FullyConnectedOp("dense", flat, d, model.Constant(Bytes(80), [4, 20]), model.Constant([9, 8, 7, 6]), model.Constant(Multipliers(4)),
            model.Constant([-8, -8, -8, -8]), -128, 127);
        model.Then(conv)
            .Then(new MaxPoolOp("max", c, p, new Window(2, 2, 2, 2), -128, 127))
            .Then(new AveragePoolOp("mean", p, a, new Window(2, 2, 2, 2), -128, 127))
            .Then(new TableOp("tanh", a, t, model.Constant(Bytes(256), [256])))
            .Then(new ReshapeOp("flatten", t, flat))
            .Then(dense)
            .Then(new SoftmaxOp("softmax", d, y, 1 << 30, 20, -1984));
        sbyte[] tables = Bytes(3 * 256), first = Bytes(192), second = Bytes(192);
        ModelSpec spec = model.Spec() with
        {
            Name = "golden v1",
            Preprocessing = new PreprocessingRecord(new PictureLayout(8, 8, ColorOrder.Bgr, Crop.Center, Resize.Bilinear), tables),
            Labels = ["null", "één", "δύο", "三"],
            Metadata = [new("made by", "tests"), new("seed", "11")],
        };
        using Model bare = Model.Load(ModelWriter.Write(spec));
        return spec with { GoldenVectors = [SelfTest.Record(bare, first), SelfTest.Record(bare, second)] };

        sbyte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(_ => (sbyte)random.Next(-127, 128))];
        int[] Multipliers(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(1 << 30, int.MaxValue))];
    }

    [GeneratedRegex(@"^\| (\d+) \| [a-z0-9\[\]]+ \| ([a-z ]+) \|", RegexOptions.Multiline)]
    private static partial Regex HeaderRow();
}
