using EdgeConv.Converters.CodeGen;
using EdgeConv.Runtime;

namespace EdgeConv.Tests.CodeGen;

/// <summary>
/// Networks from a seed, as C: the bytes of the reference after every layer, on this machine with the sanitizers watching, portable and with
/// the DSP extension's instructions in plain C; and on emulated processors that have them.
/// </summary>
public sealed class RandomNetworkTests
{
    private const int Networks = 300, AProgram = 25, FirstSeed = 70_000;

    private static readonly string[] _warnings = ["-O0", "-Wall", "-Wextra", "-Wconversion", "-pedantic", "-Werror", "-fno-sanitize-recover=all"];
    private static readonly string[] _strict = [.. _warnings, "-fsanitize=undefined,address"];

    // Traps need no library of the sanitizer's, which not every clang has beside it.
    private static readonly string[] _clang = [.. _warnings, "-fsanitize=undefined", "-fsanitize-trap=undefined"];

    public static TheoryData<int> Programs => [.. Enumerable.Range(0, Networks / AProgram)];

    [Theory]
    [MemberData(nameof(Programs))]
    public void Random_networks_give_the_reference_bytes_at_every_layer(int number)
    {
        using TemporaryFolder folder = new();
        CProgram program = new(folder);
        foreach (int seed in Enumerable.Range(FirstSeed + number * AProgram, AProgram))
        {
            using Model model = RandomNetwork.Build(seed);
            program.Add(model, new CGoal(Optimize: (COptimize)(seed % 3)), RandomNetwork.Inputs(model, seed));
        }

        switch (number % 6)
        {
            case 0: program.Check("g++", [.. _strict, "-std=c++17", "-xc++"]); break;
            case 1 when CProgram.IsInstalled("clang"): program.Check("clang", [.. _clang, "-std=c99"]); break;
            default: program.Check("gcc", [.. _strict, "-std=c99"]); break;
        }

        if (McuEmulators.AreHere)
        {
            program.CheckOn("cortex-m4");
            program.CheckOn("cortex-m55");
        }
    }

    [Fact]
    public void They_have_every_operator_in_every_type_that_it_takes()
    {
        Dictionary<string, int> found = [];
        foreach (int seed in Enumerable.Range(FirstSeed, Networks))
        {
            using Model model = RandomNetwork.Build(seed);
            foreach (ModelOperator op in model.Operators)
            {
                string kind = $"{op.GetType().Name} {model.Tensors[op.Input].Type}";
                found[kind] = found.GetValueOrDefault(kind) + 1;
            }
        }

        string[] byteOnly = [nameof(SoftmaxOp), nameof(LogSoftmaxOp), nameof(LrnOp), nameof(ResizeOp)], wideOnly = [nameof(WideSigmoidOp), nameof(WideSoftmaxOp)];
        string[] operators = [.. typeof(ModelOperator).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(ModelOperator))).Select(type => type.Name)];
        Assert.Equal(22, operators.Length);
        foreach (string op in operators)
        {
            Assert.True(wideOnly.Contains(op) || found.GetValueOrDefault($"{op} Int8") > 9, $"{op} of int8: {found.GetValueOrDefault($"{op} Int8")}");
            Assert.True(byteOnly.Contains(op) || found.GetValueOrDefault($"{op} Int16") > 9, $"{op} of int16: {found.GetValueOrDefault($"{op} Int16")}");
        }
    }
}
