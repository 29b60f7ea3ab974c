using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Planning;
using EdgeConv.Converters.Quantization;

namespace EdgeConv.Tests.Converters;

public class MemoryPlannerTests
{
    [Fact]
    public void NothingOverlapsWhileBothAreNeeded()
    {
        for (int seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            Lifetime[] lifetimes = [.. Enumerable.Range(0, random.Next(1, 30)).Select(_ =>
            {
                int first = random.Next(0, 20);
                return new Lifetime(random.Next(1, 3000), first, first + random.Next(0, 8));
            })];
            MemoryPlan plan = MemoryPlanner.Plan(lifetimes);
            int needed = Enumerable.Range(0, 28).Max(step => lifetimes.Where(t => t.First <= step && step <= t.Last).Sum(t => t.Bytes));
            Assert.True(plan.ArenaBytes >= needed, $"seed {seed}: an arena of {plan.ArenaBytes} for {needed} bytes");
            for (int a = 0; a < lifetimes.Length; a++)
            {
                Assert.True(plan.Offsets[a] >= 0 && plan.Offsets[a] % MemoryPlanner.Alignment == 0
                    && plan.Offsets[a] + lifetimes[a].Bytes <= plan.ArenaBytes, $"seed {seed}: {lifetimes[a]} at {plan.Offsets[a]}");
                for (int b = 0; b < a; b++)
                {
                    bool apart = plan.Offsets[a] >= plan.Offsets[b] + lifetimes[b].Bytes
                        || plan.Offsets[b] >= plan.Offsets[a] + lifetimes[a].Bytes;
                    Assert.True(apart || !lifetimes[a].Meets(lifetimes[b]),
                        $"seed {seed}: {lifetimes[a]} at {plan.Offsets[a]} overlaps {lifetimes[b]} at {plan.Offsets[b]}");
                }
            }
        }
    }

    [Theory]
    [InlineData("slice")]
    [InlineData("split")]
    [InlineData("resize")]
    [InlineData("concat of many")]
    [InlineData("encoder and decoder")]
    [InlineData("transposed conv")]
    [InlineData("channel shuffle")]
    [InlineData("inception")]
    [InlineData("squeeze and excite")]
    public void EveryValueIsWholeWhenItIsRead(string family)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            Graph fused = Fusion.Apply(new SweepNetworks(random, 13, [1, random.Next(1, 6), random.Next(3, 12), random.Next(3, 12)]).Build(family).Import());
            QuantizedGraph graph = Quantizer.Quantize(fused, Calibrator.Run(fused, [Tensors.Random(random, fused.Input.Length)]));
            AssertWhole(graph, MemoryPlanner.Plan(graph), $"{family}, seed {seed}");
        }
    }

    // Plays the plan through: every byte knows the value that wrote it last.
    private static void AssertWhole(QuantizedGraph graph, MemoryPlan plan, string what)
    {
        QuantizedValue[] values = [graph.Input, .. graph.Nodes.Select(n => n.Output)];
        Dictionary<string, int> index = values.Index().ToDictionary(v => v.Item.Name, v => v.Index);
        int[] writer = new int[plan.ArenaBytes];
        Span<int> Bytes(int value) => writer.AsSpan(plan.Offsets[value], values[value].ByteLength);
        void AssertOwn(int value, string step) => Assert.True(
            Bytes(value).IndexOfAnyExcept(value) < 0, $"{what}: {values[value].Name} is overwritten before {step} reads it");
        for (int i = 0; i < graph.Nodes.Count; i++)
        {
            QuantizedNode node = graph.Nodes[i];
            int[] inputs = [.. node.Inputs.Select(name => index[name])];
            Array.ForEach(inputs, input => AssertOwn(input, node.Name));
            Bytes(i + 1).Fill(i + 1);
            if (node.Operation is not (QuantizedReshape or QuantizedTable))
            {
                Array.ForEach(inputs, input => AssertOwn(input, $"{node.Name}, which does not work in place, is done; it"));
            }
        }

        AssertOwn(index[graph.Output], "the caller");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void LeNetFitsSixKilobytes(bool tanh)
    {
        Graph fused = Fusion.Apply(TestNetworks.LeNet5(1, tanh));
        Ranges ranges = Calibrator.Run(fused, [Tensors.Random(new Random(1), fused.Input.Length)]);
        MemoryPlan plan = MemoryPlanner.Plan(Quantizer.Quantize(fused, ranges));
        Assert.InRange(plan.ArenaBytes, 784 + 4704, 6144);
    }

    [Fact]
    public void FlattenAndTablesWorkInPlace()
    {
        Graph fused = Fusion.Apply(TestNetworks.LeNet5(1, tanh: true));
        Ranges ranges = Calibrator.Run(fused, [Tensors.Random(new Random(1), fused.Input.Length)]);
        MemoryPlan plan = MemoryPlanner.Plan(Quantizer.Quantize(fused, ranges));
        for (int i = 0; i < fused.Nodes.Count; i++)
        {
            if (fused.Nodes[i].Operation is Reshape or Activate)
            {
                Assert.Equal(plan.Offsets[i], plan.Offsets[i + 1]);
            }
        }
    }
}
