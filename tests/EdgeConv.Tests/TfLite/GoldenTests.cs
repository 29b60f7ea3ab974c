using EdgeConv.Converters.Quantization;
using EdgeConv.Converters.TfLite;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Tests.TfLite.Models;

namespace EdgeConv.Tests.TfLite;

/// <summary>
/// Networks made from seeds, against what TFLite's reference kernels computed for them: Golden/layers.txt has the CRC-32C of every
/// operator's output.
/// </summary>
public sealed class GoldenTests
{
    private static readonly Dictionary<string, uint[]> _recorded = File
        .ReadLines(RepositoryFolder.Path("tests", "EdgeConv.Tests", "TfLite", "Golden", "layers.txt"))
        .Where(line => !line.StartsWith('#'))
        .Select(line => line.Split(": "))
        .ToDictionary(part => part[0], part => part[1].Split(' ').Select(crc => Convert.ToUInt32(crc, 16)).ToArray());

    public static TheoryData<string> Kinds => [.. _recorded.Keys.Select(Kind).Distinct()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_layer_has_the_bytes_of_TFLites_reference_kernels_on_every_path(string kind)
    {
        foreach ((string name, uint[] expected) in _recorded.Where(r => Kind(r.Key) == kind))
        {
            GeneratedModel generated = GeneratedModel.Of(kind, int.Parse(name[(kind.Length + 1)..]));
            using Model model = Model.Load(Lowering.Lower(TfLiteReader.Read(generated.File, name), new LoweringOptions()));
            foreach (KernelPath path in KernelPath.All.Where(p => p.IsSupported))
            {
                Dictionary<string, byte[]> layers = LayerRun.Of(model, generated.Input, path);
                Assert.Equal(expected.Length, generated.Outputs.Count);
                for (int i = 0; i < expected.Length; i++)
                {
                    uint found = Crc32C.Compute(layers[generated.Outputs[i]]);
                    Assert.True(found == expected[i], $"{name}, {generated.Outputs[i]}, path {path.Name}: {found:x8}, expected {expected[i]:x8}");
                }
            }
        }
    }

    [Fact]
    public void Every_layer_that_the_generator_makes_was_recorded() =>
        Assert.Empty(GeneratedModel.Layers.Keys.Concat(GeneratedModel.WideLayers.Select(k => $"{k} int16")).Append("network")
            .Append("network int16").Except(_recorded.Keys.Select(Kind)));

    [Fact]
    public void Every_operator_that_can_be_imported_is_in_a_recorded_network()
    {
        HashSet<string> written = [.. _recorded.Keys.SelectMany(name => EdgeConv.Converters.TfLite.Schema.TfLiteModel
            .Read(GeneratedModel.Of(Kind(name), int.Parse(name[(Kind(name).Length + 1)..])).File, name).Operators.Select(o => o.Kind))];

        // TFLite Micro has no int8 kernels for the first row; the second has tests of its own.
        string[] elsewhere = ["EXP", "LOG", "GELU", "RELU_N1_TO_1", "RELU_0_TO_1",
            "DEQUANTIZE", "SQUEEZE", "EXPAND_DIMS", "REDUCE_MAX", "SPLIT_V", "UNPACK"];
        Assert.Equal(TfLiteOperators.Table.Keys.Except(elsewhere).Order(), written.Order());
    }

    private static string Kind(string name) => name[..name.LastIndexOf(' ')];
}
