using System.Buffers.Binary;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Converters.CodeGen.Nano;
using EdgeConv.Nano;
using EdgeConv.Runtime;
using EdgeConv.Tests.Firmware.Legality;
using Microsoft.CodeAnalysis;

namespace EdgeConv.Tests.CodeGen.Nano;

/// <summary>
/// Weights in one of two slots, for nanoFramework: the same code serves every training of a network, picks the newest sound slot, and gives the
/// reference's bytes of that training.
/// </summary>
public sealed class NanoSlotTests(NanoSlotTests.Trainings trainings) : IClassFixture<NanoSlotTests.Trainings>
{
    private static readonly NanoGoal _goal = new() { SlotVersion = 1 };

    [Fact]
    public void The_newest_whole_slot_that_passes_its_selftest_is_picked_and_gives_the_reference_bytes()
    {
        (byte[] one, byte[] two) = (trainings.First.Image!.Binary!, trainings.Second.Image!.Binary!);
        byte[] wrongGolden = trainings.WrongGolden();
        (byte[]? First, byte[]? Second, int Picked, string Why)[] cases =
        [
            (one, null, 0, "one alone"), (null, two, 1, "the other alone"), (one, two, 1, "the newer"), (two, one, 0, "the newer, the other way round"),
            (one, one, 0, "alike: the first"), (one, Changed(two, 99), 0, "the newer one is damaged"), (Changed(two, 12), one, 1, "its version is damaged"),
            (one, two[..(two.Length / 2)], 0, "the newer one is half written"), (one, Enumerable.Repeat((byte)0xFF, two.Length).ToArray(), 0, "the other is erased"),
            (one, Changed(two, 16, isSealed: true), 0, "the newer one is for other code"), (wrongGolden, one, 1, "the newer one fails its self-test"),
            ([.. two, 1, 2, 3], one, 0, "something lies behind the image"),
        ];
        sbyte[][] digits = NanoModels.Digits(trainings.Old, 2);
        foreach ((byte[]? first, byte[]? second, int picked, string why) in cases)
        {
            NanoSlotProgram.Started model = trainings.Program.Start(new MemorySlots(first, second, 1 << 20), inRam: picked == 0);
            Assert.True(model.Slot == picked, $"{why}: {model.Slot} was picked");
            bool isOld = (picked == 0 ? first : second) == one;
            Assert.Equal(isOld ? 1u : 2u, model.Version);
            model.Is(isOld ? trainings.Old : trainings.Retrained, digits, why);
        }
    }

    [Fact]
    public void Without_a_sound_slot_the_reasons_of_both_are_said()
    {
        (byte[] one, byte[] two) = (trainings.First.Image!.Binary!, trainings.Second.Image!.Binary!);
        Refused("slot 0 is empty; slot 1 is empty", null, null);
        Refused("slot 0 is damaged: the checksum is not its header's; slot 1 ends before its [0-9]+ bytes do", Changed(one, 77), two[..^1]);
        Refused("slot 0 is no image of weights: it does not begin with ECWS; slot 1 is for other code: it says [0-9A-F]{8}, this program is [0-9A-F]{8}",
            Changed(one, 0), Changed(two, 16, isSealed: true));
        Refused("slot 0 fails its self-test at layer 1; slot 1 says that it has [0-9]+ bytes, expected 32 to 1048576", trainings.WrongGolden(), Changed(two, 7, isSealed: true));

        void Refused(string reasons, byte[]? first, byte[]? second) => Assert.Matches($"^no slot has weights for this program: {reasons}$",
            Assert.Throws<WeightSlotException>(() => trainings.Program.Start(new MemorySlots(first, second, 1 << 20))).Message);
    }

    [Fact]
    public void New_weights_go_to_the_file_that_is_not_in_use_and_are_taken_by_the_next_start()
    {
        using TemporaryFolder folder = new();
        (string first, string second) = (folder.Path("weights0.bin"), folder.Path("weights1.bin"));
        File.WriteAllBytes(first, trainings.First.Image!.Binary!);
        WeightSlots files = trainings.Program.Files(first, second);
        NanoSlotProgram.Started model = trainings.Program.Start(files);
        Assert.Equal((0, 1u), (model.Slot, model.Version));
        SlotWriter writer = new(files, model.Slot, model.Version, trainings.First.SlotCode!.Identity);
        foreach (byte[] piece in trainings.Second.Image!.Binary!.Chunk(1000))
        {
            writer.Add(piece, 0, piece.Length);
        }

        Assert.Equal(1, writer.Finish());
        sbyte[][] digits = NanoModels.Digits(trainings.Old, 2);
        model.Is(trainings.Old, digits, "in use while the other was written");
        Assert.Equal(trainings.Second.Image.Binary, File.ReadAllBytes(second));
        trainings.Program.Start(trainings.Program.Files(first, second)).Is(trainings.Retrained, digits, "after the next start");
        File.Delete(second);
        trainings.Program.Start(trainings.Program.Files(first, second)).Is(trainings.Old, digits, "without the second file");
    }

    /// <summary>A sealed image of the right code may still be a wrong one: what its tables make the program throw is no reason to end.</summary>
    [Fact]
    public void An_image_whose_tables_lead_astray_fails_its_selftest_and_the_other_slot_is_taken()
    {
        (byte[] one, byte[] two) = (trainings.First.Image!.Binary!, trainings.Second.Image!.Binary!);
        byte[] cut = SlotImage.Write(two[SlotImage.HeaderBytes..40], 2, trainings.First.SlotCode!.Identity);
        foreach (bool inRam in new[] { false, true })
        {
            NanoSlotProgram.Started model = trainings.Program.Start(new MemorySlots(cut, one, 1 << 20), inRam);
            Assert.Equal((1, 1u), (model.Slot, model.Version));
        }

        Assert.Equal("no slot has weights for this program: slot 0 fails its self-test: slot 0 is shorter than it was when it was checked; slot 1 is empty",
            Assert.Throws<WeightSlotException>(() => trainings.Program.Start(new MemorySlots(cut, null, 1 << 20))).Message);
        HashSet<string> reasons = [];
        for (int at = SlotImage.HeaderBytes; at + sizeof(int) <= two.Length; at += 3 * sizeof(int))
        {
            byte[] changed = [.. two];
            BinaryPrimitives.WriteInt32LittleEndian(changed.AsSpan(at), int.MaxValue);
            try
            {
                trainings.Program.Start(new MemorySlots(Sealed(changed), null, 1 << 20));
            }
            catch (WeightSlotException none)
            {
                reasons.Add(none.Message);
            }
        }

        Assert.Contains(reasons, reason => reason.Contains("fails its self-test: Index was outside the bounds", StringComparison.Ordinal));
    }

    [Fact]
    public void A_model_goes_on_reading_its_file_while_the_other_one_is_written()
    {
        using TemporaryFolder folder = new();
        (string first, string second) = (folder.Path("weights0.bin"), folder.Path("weights1.bin"));
        File.WriteAllBytes(first, trainings.First.Image!.Binary!);
        WeightSlots files = trainings.Program.Files(first, second);
        NanoSlotProgram.Started model = trainings.Program.Start(files);
        File.Delete(first);   // who has it open still reads it, who opens it again does not
        files.Erase(1);
        files.Write(1, 4, [1, 2, 3, 4], 0, 4);
        Assert.Equal(4, files.Read(1, 4, new byte[4], 4));
        model.Is(trainings.Old, NanoModels.Digits(trainings.Old, 1), "its file was closed");
    }

    [Fact]
    public void A_program_for_weights_in_the_code_needs_another_constructor_and_nothing_else()
    {
        NanoProject inside = NanoExport.Create(trainings.Old);
        CodeFile program = inside.Files.Single(file => file.Path == NanoProject.ProgramFile);
        program = program with { Text = program.Text.Replace(inside.ModelExpression, trainings.First.ModelExpression, StringComparison.Ordinal) };
        Assert.NotEmpty(NanoProgram.Compile(
            trainings.First.Files.Where(file => file.Path != NanoProject.ProgramFile && !file.Path.StartsWith("EdgeConv.Nano/", StringComparison.Ordinal)).Append(program),
            MetadataReference.CreateFromFile(typeof(WeightSlots).Assembly.Location)));
    }

    /// <summary>Records and their order in a table are decided by the library that reads them.</summary>
    [Fact]
    public void Another_library_is_other_code()
    {
        SlotCode code = trainings.First.SlotCode!;
        Dictionary<string, string> texts = trainings.First.Files.ToDictionary(file => file.Path, file => file.Text);
        Assert.Null(code.Difference(texts.GetValueOrDefault));
        string[] readers = [.. texts.Keys.Where(path => path.StartsWith("EdgeConv.Nano/", StringComparison.Ordinal)
            && code.Difference(each => each == path ? "other" : texts[each])?.Contains($"line 1 of {path} is `other` there", StringComparison.Ordinal) == true)];
        Assert.Superset(new HashSet<string> { "EdgeConv.Nano/LoopConvolution.cs", "EdgeConv.Nano/SlotWeights.cs", "EdgeConv.Nano/SlotHeader.cs" }, readers.ToHashSet());
        CodeFile file = new("Model.cs", SlotCode.Place);
        Assert.NotEqual(new SlotCode([file], [new("Loop.cs", "const int RecordBytes = 4;")]).Identity, new SlotCode([file], [new("Loop.cs", "const int RecordBytes = 8;")]).Identity);
        Assert.Matches("^line [0-9]+ of Model.cs .*is `public const uint Code = 0x00000000u;` there and `public const uint Code = 0x[0-9A-F]{8}u;` for this model$", code.Difference(
            path => texts[path].Replace($"0x{code.Identity:X8}u", "0x00000000u", StringComparison.Ordinal)));
    }

    /// <summary>Additions, depthwise layers and tables too: what a training changes is all in the slot.</summary>
    [Theory]
    [InlineData("resnet8")]
    [InlineData("ds-cnn")]
    public void Every_training_of_a_network_has_the_same_code(string name)
    {
        using Model one = NanoModels.Train(name, 1, side: 12, factor: 0.25), other = NanoModels.Train(name, 2, side: 12, factor: 0.25);
        Assert.NotEqual(one.Output.Scale, other.Output.Scale);
        NanoProject first = NanoExport.Create(one, _goal), project = NanoExport.Create(other, _goal);
        SlotCode code = first.SlotCode!;
        Assert.Null(code.Difference(path => project.Files.SingleOrDefault(file => file.Path == path)?.Text));
        Assert.Equal(code.Identity, project.SlotCode!.Identity);
        using NanoSlotProgram program = new(first);
        program.Start(new MemorySlots(null, project.Image!.Binary, 1 << 20)).Is(other, RandomNetwork.Inputs(other, 1), name);
    }

    [Fact]
    public void Another_network_has_other_code_and_the_layer_that_differs_is_named()
    {
        using Model wider = NanoModels.Train("lenet-nano", 1, factor: 0.5);
        NanoProject project = NanoExport.Create(wider, _goal);
        Assert.NotEqual(trainings.First.SlotCode!.Identity, project.SlotCode!.Identity);
        Assert.Matches("^line [0-9]+ of Model.L0[0-9]_conv1.cs [(]conv1[)] is `.*` there and `.*` for this model$", trainings.First.SlotCode.Difference(
            path => path == "Model.cs" ? trainings.First.Files.Single(file => file.Path == path).Text : project.Files.Single(file => file.Path == path).Text));
        Assert.Equal("Model.cs is not there", trainings.First.SlotCode.Difference(_ => null));
    }

    [Fact]
    public void A_network_with_every_operator_gives_the_reference_bytes_from_a_slot()
    {
        using Model model = RandomNetwork.ForNano(80_000, everyKind: true);
        NanoProject project = NanoExport.Create(model, _goal);
        using NanoSlotProgram program = new(project);
        program.Start(new MemorySlots(project.Image!.Binary, null, 1 << 20)).Is(model, RandomNetwork.Inputs(model, 1), "every operator");
    }

    [Fact]
    public void Random_networks_give_the_reference_bytes_from_a_slot()
    {
        foreach (int seed in Enumerable.Range(81_000, 6))
        {
            using Model model = RandomNetwork.ForNano(seed);
            NanoProject project = NanoExport.Create(model, _goal with { Optimize = (COptimize)(seed % 3) });
            using NanoSlotProgram program = new(project);
            program.Start(new MemorySlots(project.Image!.Binary, null, 1 << 20), inRam: seed % 2 == 0).Is(model, RandomNetwork.Inputs(model, seed), $"network {seed}");
        }
    }

    [Fact]
    public void The_whole_application_compiles_against_nanoFrameworks_mscorlib_and_is_legal_there()
    {
        using MemoryStream assembly = NanoCompiler.ForNano("EdgeConvApp", trainings.First.Files.Where(file => file.Path.EndsWith(".cs", StringComparison.Ordinal))
            .Select(file => file.Text).Append(NanoShapes.Files), MetadataReference.CreateFromFile(NanoCoreLibrary.Need()));
        Assert.Empty(NanoLegality.Problems(assembly));
    }

    [Fact]
    public void Memory_and_flash_count_what_is_read_from_a_slot_and_what_is_no_longer_in_the_program()
    {
        NanoProject inside = NanoExport.Create(trainings.Old, new NanoGoal(COptimize.Size)), apart = NanoExport.Create(trainings.Old, new NanoGoal(COptimize.Size) { SlotVersion = 1 });
        Assert.Null(inside.Image);
        Assert.Equal(0, inside.SlotRamBytes);
        int weights = trainings.Old.Operators.OfType<Conv2DOp>().Sum(op => trainings.Old.Weights(op.Weights).Length)
            + trainings.Old.Operators.OfType<FullyConnectedOp>().Sum(op => trainings.Old.Weights(op.Weights).Length);
        Assert.True(apart.FlashBytes < inside.FlashBytes - weights, $"{apart.FlashBytes} {inside.FlashBytes} {weights}");
        Assert.True(apart.Image!.Binary!.Length > weights);
        Assert.InRange(apart.SlotRamBytes, 4 * trainings.Old.Operators.Count, apart.RamBytes - apart.ArenaBytes);
        int most = apart.RamBytes - 100;
        Assert.Contains($"where --max-ram allows {most}", Assert.Throws<CodeGenException>(
            () => NanoExport.Create(trainings.Old, new NanoGoal(COptimize.Size, MaxRam: most) { SlotVersion = 1 })).Message, StringComparison.Ordinal);
    }

    private static byte[] Changed(byte[] slot, int at, bool isSealed = false)
    {
        byte[] changed = [.. slot];
        changed[at] ^= 1;
        return isSealed ? Sealed(changed) : changed;
    }

    private static byte[] Sealed(byte[] slot)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(slot.AsSpan(8), EdgeConv.Runtime.Format.Crc32C.Compute(slot.AsSpan(12)));
        return slot;
    }

    /// <summary>A network trained twice: other weights, other zero points, other scales. The program of the first serves both.</summary>
    public sealed class Trainings : IDisposable
    {
        public Trainings()
        {
            (First, Second) = (NanoExport.Create(Old, _goal), NanoExport.Create(Retrained, _goal with { SlotVersion = 2 }));
            Program = new NanoSlotProgram(First);
        }

        public Model Old { get; } = NanoModels.Train("lenet-nano", 1);

        public Model Retrained { get; } = NanoModels.Train("lenet-nano", 2);

        public NanoProject First { get; }

        public NanoProject Second { get; }

        internal NanoSlotProgram Program { get; }

        /// <summary>The second image, sealed, with another hash for its first layer.</summary>
        public byte[] WrongGolden()
        {
            byte[] slot = [.. Second.Image!.Binary!];
            int at = slot.AsSpan().IndexOf(BitConverter.GetBytes(Retrained.GoldenVectors[0].LayerHashes[0]));
            Assert.True(at > 32);
            slot[at] ^= 1;
            return Sealed(slot);
        }

        public void Dispose()
        {
            Program.Dispose();
            Old.Dispose();
            Retrained.Dispose();
        }
    }
}
