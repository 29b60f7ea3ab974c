using EdgeConv.Runtime.Format;
using Builder = System.Func<EdgeConv.Runtime.Tests.Parity.CaseValues, (EdgeConv.Runtime.Tests.TestModel Model, int Input)>;

namespace EdgeConv.Runtime.Tests.Parity;

/// <summary>
/// Every operator of the format, on every awkward shape, filled with extremes and with rubbish around it, on every path: against the plain
/// expectation and against the reference path. The seeds are the case's number; a failure prints it.
/// </summary>
public sealed class GeneratedParityTests
{
    private const int FirstSeed = 1000;

    [Theory]
    [MemberData(nameof(GeneratedCases.Codes), MemberType = typeof(GeneratedCases))]
    public void Every_path_gives_what_the_page_says_on_every_awkward_shape(int code)
    {
        Assert.True(GeneratedCases.ByCode.ContainsKey(code), $"operator code {code} has no generated cases");
        int seed = FirstSeed;
        foreach (Builder build in GeneratedCases.ByCode[code]())
        {
            for (int fill = 0; fill < CaseValues.Fills; fill++)
            {
                var values = new CaseValues(seed, seed);
                (TestModel model, int x) = build(values);
                using var generated = new OperatorCase($"seed {seed}", model.Build(), values.Activations(model.ShapeOf(x).Aggregate(1, (a, b) => a * b)));
                Assert.Contains(generated.Model.Operators, op => OperatorCodec.Encode(op).Code == code);
                generated.Check();
                seed++;
            }
        }
    }

    [Theory]
    [MemberData(nameof(GeneratedCases.Codes), MemberType = typeof(GeneratedCases))]
    public void However_many_threads_share_an_operator_the_bytes_are_the_same(int code)
    {
        int seed = FirstSeed;
        foreach (Builder build in GeneratedCases.ByCode[code]())
        {
            int threads = 2 + seed % 3;
            var values = new CaseValues(seed, seed);
            (TestModel model, int x) = build(values);
            using var generated = new OperatorCase(
                $"seed {seed}, {threads} threads", model.Build(), values.Activations(model.ShapeOf(x).Aggregate(1, (a, b) => a * b)));
            generated.Check(threads);
            seed++;
        }
    }
}
