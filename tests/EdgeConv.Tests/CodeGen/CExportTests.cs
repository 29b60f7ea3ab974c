using System.Text;
using System.Text.RegularExpressions;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Tests;
using EdgeConv.Runtime.Tests.Parity;
using EdgeConv.Tests.Cli;

namespace EdgeConv.Tests.CodeGen;

/// <summary>Generated C gives the bytes of the reference kernels, layer by layer, with the sanitizers watching.</summary>
public sealed class CExportTests(TinyLeNet lenet) : IClassFixture<TinyLeNet>, IDisposable
{
    private const int FirstSeed = 5000;

    private static readonly string[] _strict =
        ["-Wall", "-Wextra", "-Wconversion", "-pedantic", "-Werror", "-fsanitize=undefined,address", "-fno-sanitize-recover=all"];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<int> Codes => [.. GeneratedCases.ByCode.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Codes))]
    public void Every_operator_gives_the_reference_bytes_on_every_awkward_shape(int code)
    {
        CProgram program = new(_folder);
        int seed = FirstSeed, added = 0;
        foreach (var build in GeneratedCases.ByCode[code]())
        {
            CaseValues values = new(seed, seed);
            seed++;
            (TestModel built, int x) = build(values);
            using Model model = built.Build();
            if (model.Tensors.Where(t => t.Storage == TensorStorage.Arena).All(t => t.Shape.Count < 4 || t.Shape[0] == 1))
            {
                program.Add(model, values.Activations(built.ShapeOf(x).Aggregate(1, (a, b) => a * b)));
                added++;
            }
        }

        Assert.True(added > 2, $"{added} cases");
        program.Check("gcc", [.. _strict, "-O0", "-std=c99"]);   // the optimizer would take longer than all of these programs run
    }

    [Theory]
    [InlineData("gcc", "-std=c99")]
    [InlineData("g++", "-std=c++17", "-xc++")]
    public void A_network_compiles_as_C_and_as_CPlusPlus_and_gives_the_same_bytes(string compiler, params string[] options)
    {
        using Model model = Model.Open(lenet.Model);
        CProgram program = new(_folder);
        Random random = new(3);
        program.Add(model, [.. Enumerable.Range(0, 5).Select(_ => Enumerable.Range(0, model.Input.Length).Select(_ => (sbyte)random.Next(-128, 128)).ToArray())]);
        program.Check(compiler, [.. _strict, "-O1", .. options]);
    }

    [Fact]
    public void The_selftest_passes_and_names_the_first_layer_that_is_wrong()
    {
        using Model model = Model.Open(lenet.Model);
        string source = CExport.Write(model).Single(file => file.Path == "src/model.c").Text;
        Assert.Equal("0", SelfTestOf(model, source));
        Assert.Equal("2", SelfTestOf(model, Regex.Replace(source, @"(l02_conv2_step\[16\] = \{\s*\{ )", "$1-")));   // another sign for the first filter's scale
    }

    [Fact]
    public void Weights_of_int4_stay_packed_where_flash_is_short()
    {
        CaseValues values = new(FirstSeed, 0);
        TestModel built = new();
        int image = built.Activation([1, 9, 8, 4], 3), wide = built.Activation([1, 9, 8, 6], -5), deep = built.Activation([1, 9, 8, 6], 0), flat = built.Activation([1, 17], 9);
        Window window = new(3, 3, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1);
        built.Then(new Conv2DOp("conv", image, wide, Weights([6, 3, 3, 4]), Bias(6), Multipliers(6), Shifts(6, 36), window, 1, -128, 127));
        built.Then(new Conv2DOp("depthwise", wide, deep, Weights([6, 3, 3, 1]), Bias(6), Multipliers(6), Shifts(6, 9), window, 6, -100, 127));
        using Model model = built.Then(new FullyConnectedOp("fc", deep, flat, Weights([17, 432]), Bias(17), Multipliers(17), Shifts(17, 432), -128, 127)).Build();
        string small = Source(COptimize.Size), fast = Source(COptimize.Speed);
        Assert.All((string[])["conv_weights[108]", "depthwise_weights[30]", "fc_weights[3888]"], table => Assert.Contains(table, small));
        Assert.Contains("fc_weights[7344]", fast);
        CProgram program = new(_folder);
        program.Add(model, new CGoal(Optimize: COptimize.Size), values.Activations(288));
        program.Check("gcc", [.. _strict, "-std=c99"]);

        string Source(COptimize optimize) => CExport.Write(model, goal: new CGoal("cortex-m3", optimize)).Single(file => file.Path == "src/model.c").Text;
        int Weights(int[] shape) => built.PackedConstant(values.Int4Weights(shape.Aggregate(1, (a, b) => a * b)), shape);
        int Bias(int count) => built.Constant(values.Bias(count));
        int Multipliers(int count) => built.Constant(values.Multipliers(count));
        int Shifts(int count, int taps) => built.Constant(values.Shifts(count, taps, -4));
    }

    [Fact]
    public void The_same_model_gives_the_same_text()
    {
        using Model model = Model.Open(lenet.Model);
        Assert.Equal(CExport.Write(model), CExport.Write(model));
    }

    private string SelfTestOf(Model model, string source)
    {
        foreach (CodeFile file in CExport.Write(model).Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal)))
        {
            _folder.Write(file.Path, Encoding.UTF8.GetBytes(file.Text));
        }

        _folder.Write("src/model.c", Encoding.UTF8.GetBytes(source));
        string main = _folder.Write("src/main.c", """
            #include <stdio.h>
            #include "model.h"
            int main(void) { edgeconv_init(); printf("%d\n", (int)edgeconv_selftest()); return 0; }
            """u8.ToArray());
        string program = _folder.Path("selftest");
        CProgram.Run("gcc", "-std=c99", "-O1", "-o", program, main, _folder.Path("src", "model.c"));
        return CProgram.Run(program).Trim();
    }
}
