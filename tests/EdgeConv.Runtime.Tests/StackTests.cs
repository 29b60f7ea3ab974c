using System.Runtime.CompilerServices;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Runtime.Tests;

/// <summary>What the fit check promises of the stack holds on the paths of this processor.</summary>
public sealed unsafe class StackTests
{
    private const int Painted = 64 * 1024;
    private const byte Paint = 0xA7;

    [Theory]
    [MemberData(nameof(Paths.Names), MemberType = typeof(Paths))]
    public void Invoke_stays_within_its_stack(string path)
    {
        foreach (bool pooled in new[] { false, true })
        {
            using Model model = TestNetworks.LeNet5(pooled: pooled).Build();
            Assert.InRange(Deepest(model, path, runs: 60), 100, Interpreter.StackBytes);
        }
    }

    [Theory]
    [MemberData(nameof(Paths.Names), MemberType = typeof(Paths))]
    public void So_does_a_layer_whose_accumulators_are_kept_to_be_scaled_by_the_rule(string path)
    {
        // shifted left; and with a bias that makes Winograd's algorithm take its input channels in parts
        foreach ((int shift, int bias) in new[] { (2, 0), (-19, 1 << 26) })
        {
            const int Inputs = 32, Outputs = 32;
            int[] multipliers = [.. Enumerable.Repeat(1 << 30, Outputs)], shifts = [.. Enumerable.Repeat(shift, Outputs)], biases = [.. Enumerable.Repeat(bias, Outputs)];
            var conv = new ConvCase([1, 8, 8, Inputs], 3, new sbyte[Outputs * 9 * Inputs], [Outputs, 3, 3, Inputs], biases, multipliers, shifts,
                new Window(3, 3, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1), 1, 0, -128, 127);
            using Model model = conv.Build();
            Assert.InRange(Deepest(model, path, runs: 10), 100, Interpreter.StackBytes);
        }
    }

    private static int Deepest(Model model, string path, int runs)
    {
        int deepest = 0;
        var thread = new Thread(() => deepest = DeepestHere(model, path, runs), 1024 * 1024);
        thread.Start();
        thread.Join();
        return deepest;
    }

    // The smallest of several runs: the just-in-time compiler borrows the thread's stack until it has done with the kernels.
    private static int DeepestHere(Model model, string path, int runs)
    {
        using var net = new Interpreter(model, KernelPath.Parse(path));
        sbyte[] input = new sbyte[model.Input.ByteLength], output = new sbyte[model.Output.ByteLength];
        int deepest = int.MaxValue;
        for (int i = 0; i < runs; i++)
        {
            PaintStack();
            net.Invoke(input, output);
            deepest = Math.Min(deepest, Touched());
        }

        return deepest;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void PaintStack()
    {
        byte* below = stackalloc byte[Painted];
        new Span<byte>(below, Painted).Fill(Paint);
    }

    // The same place again, not cleared: the project skips the initialisation of locals.
    [MethodImpl(MethodImplOptions.NoInlining)]
    [SkipLocalsInit]
    private static int Touched()
    {
        byte* below = stackalloc byte[Painted];
        return Painted - new ReadOnlySpan<byte>(below, Painted).IndexOfAnyExcept(Paint);
    }
}
