using EdgeConv.Converters.CodeGen;
using EdgeConv.Converters.CodeGen.Nano;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Tests;
using EdgeConv.Runtime.Tests.Parity;

namespace EdgeConv.Tests.CodeGen.Nano;

/// <summary>Code for nanoFramework, compiled for .NET: the reference's bytes, whatever it is to be best at.</summary>
public sealed class NanoNetworkTests
{
    private const int FirstSeed = 6000, FirstNetwork = 80_000, Networks = 48, Batch = 12, MostCases = 16;

    public static TheoryData<int> Batches => [.. Enumerable.Range(0, Networks / Batch)];

    /// <summary>The operators that it takes, by their code in a file.</summary>
    public static TheoryData<int> Codes => [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15, 18, 19, 23];

    [Theory]
    [MemberData(nameof(Codes))]
    public void Every_operator_gives_the_reference_bytes_on_every_awkward_shape_in_every_form(int code)
    {
        var cases = GeneratedCases.ByCode[code]().ToArray();
        int seed = FirstSeed, checkedCases = 0, every = (cases.Length + MostCases - 1) / MostCases;
        foreach (var build in cases.Where((_, i) => i % every == 0))
        {
            CaseValues values = new(seed, seed);
            seed++;
            (TestModel built, int x) = build(values);
            using Model model = built.Build();
            if (model.Tensors.All(t => t.Storage == TensorStorage.Constant || (t.Type == ElementType.Int8 && (t.Shape.Count < 4 || t.Shape[0] == 1))))
            {
                sbyte[] input = values.Activations(built.ShapeOf(x).Aggregate(1, (a, b) => a * b));
                checkedCases += EveryWay(model, [input], $"case {seed - FirstSeed} of operator {code}");
            }
        }

        Assert.True(checkedCases > 2, $"{checkedCases} cases");
    }

    [Theory]
    [MemberData(nameof(Batches))]
    public void Random_networks_give_the_reference_bytes(int batch)
    {
        foreach (int seed in Enumerable.Range(FirstNetwork + batch * Batch, Batch))
        {
            using Model model = RandomNetwork.ForNano(seed);
            foreach (COptimize optimize in Enum.GetValues<COptimize>())
            {
                using NanoProgram program = new(NanoExport.Create(model, new NanoGoal(optimize)));
                Assert.Empty(program.Problems());
                program.Check(model, RandomNetwork.Inputs(model, seed), $"network {seed} for {optimize}");
            }
        }
    }

    [Fact]
    public void A_network_with_every_operator_that_it_takes_gives_the_reference_bytes()
    {
        using Model model = RandomNetwork.ForNano(FirstNetwork, everyKind: true);
        Assert.True(model.Operators.Select(op => op.GetType()).Distinct().Count() >= 13, string.Join(' ', model.Operators.Select(op => op.GetType().Name).Distinct()));
        EveryWay(model, RandomNetwork.Inputs(model, 1), "all operators");
    }

    /// <summary>Each form of its layers, of which some have fewer than others.</summary>
    private static int EveryWay(Model model, sbyte[][] inputs, string what)
    {
        HashSet<string> seen = [];
        for (int way = 0; way < 4; way++)
        {
            NanoProject project = NanoExport.Create(model, new NanoGoal { Way = way });
            if (seen.Add(string.Join(';', project.Layers.Select(layer => layer.Algorithm))))
            {
                using NanoProgram program = new(project);
                Assert.DoesNotContain(program.Problems(), problem => !problem.StartsWith("the assembly:", StringComparison.Ordinal));   // what a plan keeps in bounds
                program.Check(model, inputs, $"{what}, {string.Join(", ", project.Layers.Select(layer => layer.Algorithm).Distinct())}");
            }
        }

        return seen.Count;
    }
}
