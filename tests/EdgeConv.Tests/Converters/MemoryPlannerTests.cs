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
