using EdgeConv.BenchNetworks;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;

namespace EdgeConv.Tests.CodeGen;

/// <summary>Shapes that random networks are too small for, where assembly with vectors takes other instructions.</summary>
public sealed class VectorAssemblyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Long_rows_many_channels_and_many_filters_give_the_reference_bytes_on_an_emulated_M55()
    {
        McuEmulators.Need();
        CProgram program = new(_folder);
        Random random = new(55);
        foreach (BenchNetwork layer in (BenchNetwork[])
        [
            BenchNetwork.Layer("rows", "rows further apart than an instruction adds", 34, 128, 6, 3),
            BenchNetwork.Layer("parts", "rows of more vectors than are written one after the other, places further apart than a load reaches", 6, 144, 5, 3),
            BenchNetwork.Layer("filters", "outputs further apart than a store reaches", 5, 17, 150, 1),
            BenchNetwork.Layer("channels", "depthwise, columns and weights further apart than a load reaches", 7, 150, 150, 5, groups: 150),
        ])
        {
            using Model model = Model.Load(Lowering.Lower(BenchNetwork.Quantize(layer.Build()), new LoweringOptions()));
            sbyte[] input = new sbyte[model.Input.Length];
            for (int i = 0; i < input.Length; i++)
            {
                input[i] = (sbyte)random.Next(sbyte.MinValue, sbyte.MaxValue + 1);
            }

            program.Add(model, new CGoal(Optimize: COptimize.Speed), input);
        }

        program.CheckOn("cortex-m55");
    }
}
