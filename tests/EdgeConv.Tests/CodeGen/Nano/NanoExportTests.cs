using EdgeConv.Converters.Boards;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Converters.CodeGen.Nano;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Runtime.Tests;
using EdgeConv.Runtime.Tests.Parity;
using EdgeConv.Tests.Firmware.Legality;
using Microsoft.CodeAnalysis;

namespace EdgeConv.Tests.CodeGen.Nano;

/// <summary>Known networks for nanoFramework: bytes, operations, memory, and what is refused.</summary>
public sealed class NanoExportTests(NanoModels models) : IClassFixture<NanoModels>
{
    private const int AllDigits = 10_000, SomeDigits = 300, Taps = 64;

    [Theory]
    [InlineData(COptimize.Speed, AllDigits)]
    [InlineData(COptimize.Balanced, SomeDigits)]
    [InlineData(COptimize.Size, SomeDigits)]
    public void LeNet5_gives_the_reference_bytes_on_the_test_pictures_of_MNIST(COptimize optimize, int count)
    {
        Model model = models["lenet5"];
        NanoProject project = NanoExport.Create(model, new NanoGoal(optimize));
        sbyte[][] digits = NanoModels.Digits(model, count);
        int wrong = 0;
        Parallel.For(0, 2, half =>
        {
            using NanoProgram program = new(project);
            // The path of this machine, which the runtime's tests hold to the reference, byte for byte; a hundred are the reference's own.
            using Interpreter expected = new(model), reference = new(model, KernelPath.Reference);
            sbyte[] found = new sbyte[model.Output.Length], right = new sbyte[found.Length];
            for (int i = half; i < count; i += 2)
            {
                (i < 100 ? reference : expected).Invoke(digits[i], right);
                program.Run(digits[i], found);
                Interlocked.Add(ref wrong, right.AsSpan().SequenceEqual(found) ? 0 : 1);
            }
        });
        Assert.Equal(0, wrong);
    }

    [Theory]
    [InlineData("lenet5", 2_200_000, 8 * 1024)]
    [InlineData("lenet-nano", 300_000, 4 * 1024)]
    [InlineData("lenet5-1998", 2_200_000, 13_500)]
    public void As_many_operations_are_run_as_were_said_and_no_more_than_allowed(string name, int allowed, int ram)
    {
        Model model = models[name];
        NanoProject project = NanoExport.Create(model, new NanoGoal(COptimize.Speed));
        using NanoProgram program = new(project);
        Assert.Empty(program.Problems());
        IlMachine machine = new(program.Image);
        object instance = machine.Create(program.Weights);
        sbyte[] input = NanoModels.Digits(models["lenet5"], 1)[0], found = new sbyte[model.Output.Length], expected = new sbyte[found.Length];
        input = [.. input, .. new sbyte[model.Input.Length - input.Length]];
        long before = machine.Operations;
        machine.Run(instance, input, found);
        program.Run(input, expected);
        Assert.Equal(expected, found);
        long operations = machine.Operations - before;
        Assert.True(operations <= allowed, $"{operations} operations");
        Assert.InRange(operations, project.Operations * 0.85, project.Operations * 1.15);
        Assert.True(project.RamBytes <= ram, $"{project.RamBytes} bytes of RAM");
    }

    [Fact]
    public void A_limit_of_RAM_below_what_the_smallest_flash_takes_finds_the_forms_that_take_less()
    {
        int ram = NanoExport.Create(models["lenet5"], new NanoGoal(COptimize.Size)).RamBytes - 500;
        NanoProject project = NanoExport.Create(models["lenet5"], new NanoGoal(COptimize.Size, MaxRam: ram));
        Assert.True(project.RamBytes <= ram, $"{project.RamBytes} bytes of RAM where {ram} are allowed");
    }

    [Theory]
    [InlineData("lenet-nano")]
    [InlineData("lenet5-1998")]
    [InlineData("ds-cnn")]
    [InlineData("resnet8")]
    public void A_known_network_gives_the_reference_bytes_and_its_selftest_passes(string name)
    {
        Model model = models[name];
        foreach (COptimize optimize in Enum.GetValues<COptimize>())
        {
            using NanoProgram program = new(NanoExport.Create(model, new NanoGoal(optimize)));
            Assert.Empty(program.Problems());
            Assert.Equal(0, program.SelfTest(new sbyte[model.Output.Length]));
            program.Check(model, RandomNetwork.Inputs(model, 1), $"{name} for {optimize}");
        }
    }

    [Fact]
    public void The_selftest_names_the_first_layer_that_is_wrong()
    {
        Model model = models["lenet-nano"];
        NanoProject project = NanoExport.Create(model, new NanoGoal(COptimize.Speed));
        CodeFile second = project.Files.Single(file => file.Path.StartsWith("Model.L02", StringComparison.Ordinal));
        string wrong = second.Text.Replace("+ x3 * ", "- x3 * ", StringComparison.Ordinal);
        Assert.NotEqual(second.Text, wrong);
        using NanoProgram program = new(project, [.. project.Files.Select(file => file == second ? file with { Text = wrong } : file)]);
        Assert.Equal(2, program.SelfTest(new sbyte[model.Output.Length]));
    }

    [Theory]
    [InlineData(COptimize.Speed)]
    [InlineData(COptimize.Size)]
    public void The_whole_application_compiles_against_nanoFrameworks_mscorlib_and_is_legal_there(COptimize optimize)
    {
        NanoProject project = NanoExport.Create(models["lenet5"], new NanoGoal(optimize));
        Assert.Contains(project.Files, file => file.Path == "ResourceWeights.cs");
        using MemoryStream assembly = NanoCompiler.ForNano("EdgeConvApp", project.Files.Where(file => file.Path.EndsWith(".cs", StringComparison.Ordinal))
            .Select(file => file.Text).Append(NanoShapes.Resources), MetadataReference.CreateFromFile(NanoCoreLibrary.Need()));
        Assert.Empty(NanoLegality.Problems(assembly));
    }

    [Fact]
    public void A_resource_has_the_number_that_the_metadata_processor_gives_it()
    {
        // Two that Visual Studio's generator wrote.
        Assert.Equal((-10741, 12314), (NanoProjectFiles.ResourceId("StringNegativeId"), NanoProjectFiles.ResourceId("StringPositiveId")));
    }

    [Fact]
    public void The_same_model_gives_the_same_files()
    {
        foreach (COptimize optimize in Enum.GetValues<COptimize>())
        {
            CodeFile[][] twice = [.. Enumerable.Range(0, 2).Select(_ => NanoExport.Create(models["lenet5"], new NanoGoal(optimize)).Files.ToArray())];
            Assert.Equal(twice[0].Select(file => (file.Path, file.Text)), twice[1].Select(file => (file.Path, file.Text)));
            Assert.Equal(twice[0].SelectMany(file => file.Binary ?? []), twice[1].SelectMany(file => file.Binary ?? []));
        }
    }

    /// <summary>255 * 127 * 64 is a little less than 2^21: three such sums fit 63 bits, three of one tap more do not.</summary>
    [Theory]
    [InlineData(Taps, 3)]
    [InlineData(Taps + 1, 2)]
    public void Filters_share_a_product_as_long_as_their_sums_are_proven_to_fit(int taps, int lanes)
    {
        TestModel built = new();
        int x = built.Activation([1, taps], 0), y = built.Activation([1, 3], 0);
        sbyte[] weights = [.. Enumerable.Range(0, 3 * taps).Select(i => (sbyte)(i / taps == 2 || (i / taps == 1 && i % 2 == 0) ? -127 : 127))];
        using Model model = built.Then(new FullyConnectedOp("fc", x, y, built.Constant(weights, [3, taps]), built.Constant([0, 0, 0]),
            built.Constant([.. Enumerable.Repeat(1 << 30, 3)]), built.Constant([-12, -12, -12]), -128, 127)).Build();
        NanoProject project = NanoExport.Create(model, new NanoGoal(COptimize.Speed));
        Assert.Equal($"straight code, {lanes} filters a product", project.Layers[0].Algorithm);
        sbyte[] Ends(Func<int, bool> isHigh) => [.. Enumerable.Range(0, taps).Select(i => isHigh(i) ? sbyte.MaxValue : sbyte.MinValue)];
        using NanoProgram program = new(project);
        program.Check(model, [Ends(_ => true), Ends(_ => false), Ends(i => i % 2 == 0), Ends(i => i % 2 != 0)], $"{taps} taps");
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_the_layer_that_is_in_the_way()
    {
        Model model = models["lenet5"];
        Assert.Matches("the smallest program takes [0-9]+ bytes of RAM where --max-ram allows 1000; layer fc1 has the largest share: [0-9]+ bytes of input and output, 0 of rows, "
            + "960 of sums, 0 of tables, 1920 of weights at a time, 240 of variables; the program's own input and output take 818. Use fewer outputs there, or fewer values before it.",
            Refusal(model, new NanoGoal(MaxRam: 1000)));
        Assert.Matches("the smallest program takes [0-9]+ bytes of flash where --max-flash allows 20000; most of it is layer fc1 with [0-9]+ bytes",
            Refusal(model, new NanoGoal(MaxFlash: 20_000)));
        Assert.Contains("does not run nanoFramework. Name one of esp32, ", Refusal(model, new NanoGoal(Board: KnownBoards.Find("rpi4"))));
        NanoProject fast = NanoExport.Create(model, new NanoGoal(COptimize.Speed));
        NanoProject tight = NanoExport.Create(model, new NanoGoal(COptimize.Speed, MaxFlash: fast.FlashBytes - 1));
        Assert.True(tight.FlashBytes < fast.FlashBytes && tight.Operations > fast.Operations, $"{tight.FlashBytes} {tight.Operations}");
    }

    /// <summary>A sum for each place of a pooling's window is a variable of a method, beside those of its values.</summary>
    [Theory]
    [InlineData(5, 24)]
    [InlineData(2, 13)]
    [InlineData(13, 8)]
    public void A_pooling_of_many_places_leaves_methods_that_have_room_for_their_variables(int kernel, int pool)
    {
        using Model model = Pooled([1, kernel + pool - 1, kernel + pool - 1, 1], new(kernel, kernel), new(pool, pool, 1, 1)).Build();
        foreach (NanoGoal goal in Enumerable.Range(0, 3).Select(way => new NanoGoal { Way = way }).Prepend(new NanoGoal(COptimize.Speed)))
        {
            using NanoProgram program = new(NanoExport.Create(model, goal));
            Assert.Empty(program.Problems());
            program.Check(model, RandomNetwork.Inputs(model, 1), $"a kernel of {kernel} and a pooling of {pool}, {goal}");
        }
    }

    [Fact]
    public void A_golden_vector_that_an_assembly_has_no_room_for_is_refused()
    {
        TestModel built = Pooled([1, 160, 160, 3], new(1, 1, 8, 8), Pooling.None);
        using Model bare = built.Build();
        ModelSpec spec = built.Spec() with { GoldenVectors = [SelfTest.Record(bare, new sbyte[bare.Input.Length])] };
        using Model model = Model.Load(ModelWriter.Write(spec));
        Assert.Equal("the tables take 76800 bytes, an assembly of nanoFramework has room for 60000; most of it is the input t0 of the golden vector with 76800 bytes. "
            + "Use a smaller picture.", Refusal(model, new NanoGoal()));
        Assert.NotEmpty(NanoExport.Create(bare).Files);
    }

    /// <summary>A larger input of the same layers needs its bytes twice: in the arena and in the program's hands.</summary>
    [Fact]
    public void Memory_counts_what_the_program_hands_in_and_gets_back()
    {
        NanoProject Of(int size)
        {
            using Model model = Pooled([1, size, size, 1], new(1, 1, size / 2, size / 2), Pooling.None).Build();
            return NanoExport.Create(model, new NanoGoal(COptimize.Size));
        }

        (NanoProject small, NanoProject large) = (Of(10), Of(20));
        Assert.Equal(large.ArenaBytes - small.ArenaBytes + 20 * 20 - 10 * 10, large.RamBytes - small.RamBytes);
    }

    [Fact]
    public void A_layer_without_a_form_is_named()
    {
        TestModel built = new();
        int x = built.Activation([1, 4, 4, 2], 3), y = built.Activation([1, 8, 8, 2], 3);
        using Model model = built.Then(new ResizeOp("bigger", x, y, ResizeMode.Nearest, ResizeCoordinates.HalfPixel)).Build();
        Assert.Equal("no code for nanoFramework is generated yet for layer bigger (Resize).", Refusal(model, new NanoGoal()));
        TestModel wide = new();
        int a = wide.WideActivation([1, 4]), b = wide.WideActivation([1, 4]);
        using Model int16 = wide.Then(new ReshapeOp("flat", a, b)).Build();
        Assert.StartsWith("layer flat has int16 activations", Refusal(int16, new NanoGoal()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(COptimize.Size)]
    [InlineData(COptimize.Balanced)]
    public void A_smaller_program_has_more_operations(COptimize optimize)
    {
        NanoProject slow = NanoExport.Create(models["lenet5"], new NanoGoal(optimize)), fast = NanoExport.Create(models["lenet5"], new NanoGoal(COptimize.Speed));
        Assert.True(slow.FlashBytes < fast.FlashBytes && slow.Operations > fast.Operations, $"{slow.FlashBytes} {fast.FlashBytes} {slow.Operations} {fast.Operations}");
    }

    /// <summary>A convolution of two filters with a pooling.</summary>
    private static TestModel Pooled(int[] shape, Window window, Pooling pool)
    {
        CaseValues values = new(1, 1);
        int taps = window.KernelH * window.KernelW * shape[3];
        TestModel built = new();
        int x = built.Activation(shape, 3), y = built.Activation([1, pool.OutputH(window.OutputH(shape[1])), pool.OutputW(window.OutputW(shape[2])), 2], -5);
        return built.Then(new Conv2DOp("conv", x, y, built.Constant(values.Weights(2 * taps), [2, window.KernelH, window.KernelW, shape[3]]), built.Constant(values.Bias(2)),
            built.Constant(values.Multipliers(2)), built.Constant(values.Shifts(2, taps)), window, 1, -128, 127)
        { Pool = pool });
    }

    private static string Refusal(Model model, NanoGoal goal) => Assert.Throws<CodeGenException>(() => NanoExport.Create(model, goal)).Message;
}
