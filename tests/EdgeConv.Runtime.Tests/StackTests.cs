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
            int deepest = 0;
            var thread = new Thread(() => deepest = Deepest(path, pooled), 1024 * 1024);
            thread.Start();
            thread.Join();
            Assert.InRange(deepest, 100, Interpreter.StackBytes);
        }
    }

    // The smallest of several runs: the just-in-time compiler borrows the thread's stack until it has done with the kernels.
    private static int Deepest(string path, bool pooled)
    {
        using Model model = TestNetworks.LeNet5(pooled: pooled).Build();
        using var net = new Interpreter(model, KernelPath.Parse(path));
        sbyte[] input = new sbyte[784], output = new sbyte[10];
        int deepest = int.MaxValue;
        for (int i = 0; i < 60; i++)
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
