using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Agent;

/// <summary>Runs the golden vectors that the model carries and names the first layer that differs.</summary>
internal static class SelfTestCommand
{
    /// <summary>selftest MODEL [--path P|all].</summary>
    /// <returns>Whether every path gave the expected bytes.</returns>
    public static bool Execute(Arguments arguments, TextWriter output)
    {
        string file = arguments.ExpectWords("MODEL")[0];
        IReadOnlyList<KernelPath> paths = arguments.Paths(() => [KernelPath.Default]);
        using Model model = ModelFile.Open(file, arguments);
        if (model.GoldenVectors.Count == 0)
        {
            throw new FailureException($"{file} carries no golden vectors to compare with; convert it again with one or more.");
        }

        bool same = true;
        foreach (KernelPath path in paths)
        {
            Divergence? divergence = SelfTest.Run(model, path);
            output.WriteLine(divergence is null
                ? $"{path.Name}: same bytes, {model.GoldenVectors.Count} golden vectors, {model.Operators.Count} layers"
                : $"{path.Name}: DIFFERS, golden vector {divergence.GoldenVector}, first at layer {divergence.Operator}, {divergence.OperatorName}");
            same &= divergence is null;
        }

        return same;
    }
}
