using System.Buffers.Binary;
using System.Globalization;
using EdgeConv.Cli.Emulation;
using EdgeConv.Cli.Files;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Format;
using EdgeConv.Tests.Agent;
using EdgeConv.Tests.CodeGen.Nano;

namespace EdgeConv.Tests.CodeGen;

/// <summary>Tables in one of two flash slots: on an emulated Cortex-M4 the newest whole one that passes its self-test is picked, and no other.</summary>
public sealed class WeightSlotTests
{
    private const int Head = 32;

    private static readonly CGoal _goal = new("cortex-m4") { SlotVersion = 1 };

    [Fact]
    public void The_newest_whole_slot_that_passes_its_selftest_is_picked()
    {
        McuEmulators.Need();
        using Model old = Model.Load(BrightestPixelModel.Write()), next = Model.Load(Retrained());
        CProject project = CExport.Create(old, goal: _goal), retrained = CExport.Create(next, goal: _goal with { SlotVersion = 2 });
        Assert.Equal(Source(project), Source(retrained));
        byte[] one = Slot(project), two = Slot(retrained);
        Assert.Equal(one.Length, two.Length);
        byte[] wrongGolden = Changed(two, at: two.Length - 8, isSealed: true);
        (byte[]? First, byte[]? Second, int Picked, string Why)[] cases =
        [
            (one, null, 1, "one alone"), (null, two, 2, "the other alone"), (one, two, 2, "the newer"), (two, one, 1, "the newer, the other way round"),
            (one, one, 1, "alike: the first"), (one, Changed(two, Head + 3), 1, "the newer one is damaged"), (Changed(two, 12), one, 2, "its version is damaged"),
            (one, two[..(two.Length / 2)], 1, "the newer one is half written"), (one, Enumerable.Repeat((byte)0xFF, two.Length).ToArray(), 1, "the other is erased"),
            (one, Changed(two, 16, isSealed: true), 1, "the newer one is for other code"), (one, Changed(two, 0), 1, "no slot at all"),
            (wrongGolden, one, 2, "the newer one fails its self-test"), (null, null, 0, "none"), (Changed(one, 40), Changed(two, 41), 0, "both are damaged"),
            (wrongGolden, null, 0, "the only one fails its self-test"),
        ];
        using EdgeConv.Cli.Files.TemporaryFolder folder = new();
        EmulatedMcu m4 = EmulatedMcu.Open("cortex-m4", TestContext.Current.CancellationToken);
        Directory.CreateDirectory(folder.File("src"));
        foreach (CodeFile file in project.Files.Where(file => Path.GetDirectoryName(file.Path) == "src"))
        {
            File.WriteAllText(folder.File(file.Path), file.Text);
        }

        File.WriteAllText(folder.File("main.c"), Program(cases, one.Length));
        string elf = folder.File("program.elf");
        m4.Link([folder.File("main.c"), "-nostdlib", .. EmulatedMcu.ModelFlags, "-Wall", "-Wextra", "-Werror", $"-I{folder.File("src")}"], elf, TestContext.Current.CancellationToken);
        m4.Emulate(elf, [], TestContext.Current.CancellationToken);
        byte[] results = File.ReadAllBytes(folder.File("results.bin"));
        Assert.Equal(cases.Length * 4, results.Length);
        foreach ((int i, (byte[]? first, byte[]? second, int picked, string why)) in cases.Index())
        {
            Assert.True(results[4 * i] == picked, $"{why}: {results[4 * i]} was picked, expected {picked}");
            // The retrained one looks at the pixels in the other order.
            byte[]? taken = picked switch { 1 => first, 2 => second, _ => null };
            byte[] answer = taken is null ? [9, 9, 9] : taken.SequenceEqual(one) ? [10, 20, 30] : [30, 20, 10];
            Assert.True(results.AsSpan(4 * i + 1, 3).SequenceEqual(answer), $"{why}: {string.Join(' ', results[(4 * i + 1)..(4 * i + 4)])}");
        }
    }

    [Fact]
    public void Another_network_has_another_identity()
    {
        using Model one = Model.Load(BrightestPixelModel.Write()), other = Model.Load(BrightestPixelModel.Write(classes: 4));
        Assert.NotEqual(Slot(CExport.Create(one, goal: _goal))[16..20], Slot(CExport.Create(other, goal: _goal))[16..20]);
    }

    /// <summary>A self-test begins behind the preprocessing, and would not miss another one.</summary>
    [Fact]
    public void Another_preprocessing_has_another_identity()
    {
        using Model one = Model.Load(BrightestPixelModel.Write()), other = Model.Load(BrightestPixelModel.Write(pictures: false));
        CProject first = CExport.Create(one, goal: _goal), second = CExport.Create(other, goal: _goal);
        Assert.NotEqual(first.SlotCode!.Identity, second.SlotCode!.Identity);
        Assert.Equal(first.SlotCode.Identity, BinaryPrimitives.ReadUInt32LittleEndian(Slot(first).AsSpan(16)));
        Assert.Equal("src/model_frame.h is not there", first.SlotCode.Difference(path => second.Files.SingleOrDefault(file => file.Path == path)?.Text));
    }

    [Fact]
    public void A_training_that_moves_a_zero_point_does_not_fit_and_the_layer_is_named()
    {
        using Model one = NanoModels.Train("lenet-nano", 1), other = NanoModels.Train("lenet-nano", 2);
        CProject first = CExport.Create(one, goal: _goal), second = CExport.Create(other, goal: _goal);
        Assert.Matches("^line [0-9]+ of src/model.c [(]fc1[)] is `.*` there and `.*` for this model$", first.SlotCode!.Difference(path => path == "src/model.c"
            ? second.Files.Single(file => file.Path == path).Text : first.Files.Single(file => file.Path == path).Text));
    }

    [Fact]
    public void Another_name_of_the_model_has_the_same_identity()
    {
        using Model one = Model.Load(BrightestPixelModel.Write()), other = Model.Load(BrightestPixelModel.Write(name: "retrained"));
        CProject first = CExport.Create(one, goal: _goal), second = CExport.Create(other, goal: _goal);
        Assert.Null(first.SlotCode!.Difference(path => second.Files.Single(file => file.Path == path).Text));
        Assert.Equal(Slot(first), Slot(second));
    }

    [Fact]
    public void Another_header_of_what_reads_the_tables_is_other_code()
    {
        using Model model = Model.Load(BrightestPixelModel.Write());
        CProject project = CExport.Create(model, goal: _goal);
        string Text(string path) => project.Files.Single(file => file.Path == path).Text;
        Assert.Null(project.SlotCode!.Difference(Text));
        foreach (string header in new[] { "src/edgeconv_math.h", "src/edgeconv_dsp.h", "src/edgeconv_mve.h" })
        {
            Assert.Matches($"^line [0-9]+ of {header} ", project.SlotCode.Difference(path => Text(path) + (path == header ? "/* other */" : "")));
        }
    }

    [Fact]
    public void Slots_are_for_one_processor()
    {
        using Model model = Model.Load(BrightestPixelModel.Write());
        CodeGenException error = Assert.Throws<CodeGenException>(() => CExport.Create(model, goal: new CGoal { SlotVersion = 1 }));
        Assert.Contains("name it: --cpu", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The same network with other weights: its classes are the pixels in the other order.</summary>
    private static byte[] Retrained()
    {
        byte[] bytes = BrightestPixelModel.Write();
        using Model model = Model.Load(bytes);
        int weights = model.Tensors.Index().First(tensor => tensor.Item.Name == "weights").Index, at = model.Tensors[weights].Offset;
        byte[] other = [0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0];
        other.CopyTo(bytes, at);
        Seal(bytes, 20, 0);
        // Its golden vector is that of the old weights: record it anew.
        using Model changed = Model.Load(bytes);
        GoldenVector golden = SelfTest.Record(changed, changed.GoldenVectors[0].Input.Span);
        Replace(bytes, model.GoldenVectors[0].Output.Span, golden.Output.Span);
        Replace(bytes, BitConverter.GetBytes(model.GoldenVectors[0].LayerHashes[0]), BitConverter.GetBytes(golden.LayerHashes[0]));
        Seal(bytes, 20, 0);
        return bytes;
    }

    private static void Replace(byte[] bytes, ReadOnlySpan<sbyte> found, ReadOnlySpan<sbyte> with) =>
        Replace(bytes, System.Runtime.InteropServices.MemoryMarshal.AsBytes(found), System.Runtime.InteropServices.MemoryMarshal.AsBytes(with));

    private static void Replace(byte[] bytes, ReadOnlySpan<byte> found, ReadOnlySpan<byte> with) => with.CopyTo(bytes.AsSpan(bytes.AsSpan().LastIndexOf(found)));

    /// <summary>Writes a checksum anew: over all with its own bytes as zeros, or over what follows it.</summary>
    private static void Seal(byte[] bytes, int at, int from)
    {
        bytes.AsSpan(at, 4).Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), Crc32C.Compute(bytes.AsSpan(from)));
    }

    private static byte[] Changed(byte[] slot, int at, bool isSealed = false)
    {
        byte[] changed = [.. slot];
        changed[at] ^= 1;
        if (isSealed)
        {
            Seal(changed, 8, 12);
        }

        return changed;
    }

    private static string Source(CProject project) => project.Files.Single(file => file.Path == "src/model.c").Text;

    private static byte[] Slot(CProject project) => project.Files.Single(file => file.Path == "model.weights").Binary!;

    private static string Program((byte[]? First, byte[]? Second, int Picked, string Why)[] cases, int length)
    {
        System.Text.StringBuilder text = new("#include \"semihosting.h\"\n#include \"model.c\"\n");
        string Name(byte[]? slot, string name)
        {
            if (slot is null)
            {
                return "0";
            }

            text.Append(CultureInfo.InvariantCulture, $"static const uint8_t {name}[{length}] __attribute__((aligned(8))) = {{ {string.Join(", ", slot)} }};\n");
            return name;
        }

        string[] calls = [.. cases.Select((each, i) => string.Create(CultureInfo.InvariantCulture, $$"""
                result[0] = (uint8_t)edgeconv_init({{Name(each.First, $"first{i}")}}, {{Name(each.Second, $"second{i}")}});
                    output[0] = output[1] = output[2] = 9;
                    edgeconv_run(input, output);
                    for (i = 0; i < 3; i++) {
                        result[1 + i] = (uint8_t)output[i];
                    }
                    host_write(results, result, 4);
            """))];
        return text + $$"""
            int main(void)
            {
                static const int8_t input[4] = { 10, 20, 30, 40 };
                int8_t output[3];
                uint8_t result[4];
                int i;
                const int results = host_open("results.bin", HOST_WRITE);
            {{string.Join('\n', calls)}}
                return 0;
            }

            """;
    }
}
