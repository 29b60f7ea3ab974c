namespace EdgeConv.Runtime.Tests.Parity;

/// <summary>A model around one operator, and its input.</summary>
internal sealed record OperatorCase(string What, Model Model, sbyte[] Input) : IDisposable
{
    /// <summary>Runs the case on every path and compares every operator with the plain expectation and with the reference path.</summary>
    /// <param name="threads">They share every layer, however small.</param>
    public void Check(int threads = 1)
    {
        sbyte[][] reference = [];
        foreach (var path in Paths.Supported.Reverse())
        {
            using var run = new GuardedRun(Model, path, Input, What, threads);
            sbyte[][] outputs = new sbyte[Model.Operators.Count][];
            for (int i = 0; i < outputs.Length; i++)
            {
                ModelOperator op = Model.Operators[i];
                bool isFirst = reference.Length == 0;   // later paths are compared with what this one has shown to be right
                Func<int, Expected>? expected = isFirst ? new PlainOperators(Model, run.Elements).Of(op) : null;
                run.Step(i);
                outputs[i] = run.Activation(op.Output);
                if (expected is not null)
                {
                    AssertExpected(op, run.Elements(op.Output), expected, path.Name);
                }
                else
                {
                    AssertReference(op, reference[i], outputs[i], path.Name);
                }
            }

            reference = reference.Length == 0 ? outputs : reference;
        }
    }

    public void Dispose() => Model.Dispose();

    private void AssertExpected(ModelOperator op, int[] found, Func<int, Expected> expected, string path)
    {
        for (int i = 0; i < found.Length; i++)
        {
            Expected e = expected(i);
            Assert.True(Math.Abs(found[i] - e.Value) <= e.Within,
                $"{What}: {op} on {path}, {Shapes(op)}, element {i}, accumulator {e.Accumulator?.ToString() ?? "none"}: {found[i]}, expected {e.Value}");
        }
    }

    private void AssertReference(ModelOperator op, sbyte[] expected, sbyte[] found, string path)
    {
        int at = expected.AsSpan().CommonPrefixLength(found);
        if (at == expected.Length)
        {
            return;
        }

        // Tell the accumulator as well: it is that of the reference, which was right.
        using var run = new GuardedRun(Model, Kernels.KernelPath.Reference, Input);
        int index = Model.Operators.Index().First(o => o.Item == op).Index;
        for (int i = 0; i < index; i++)
        {
            run.Step(i);
        }

        int element = at / (found.Length / Model.Tensors[op.Output].Length);
        Expected e = new PlainOperators(Model, run.Elements).Of(op)(element);
        Assert.Fail($"{What}: {op} on {path}, {Shapes(op)}, element {element}, accumulator {e.Accumulator?.ToString() ?? "none"}: "
            + $"byte {at} is {found[at]}, the reference has {expected[at]}");
    }

    private string Shapes(ModelOperator op) =>
        $"{string.Join(" and ", op.Inputs.Select(t => string.Join('x', Model.Tensors[t].Shape)))} -> {string.Join('x', Model.Tensors[op.Output].Shape)}";
}
