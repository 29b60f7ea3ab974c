using System.Runtime.InteropServices;
using EdgeConv.Fuzz.Mutations;
using EdgeConv.Fuzz.Seeds;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Fuzz.Loaders;

/// <summary>Model files. What loads must run as well, and give the same bytes on every path.</summary>
internal sealed class EcmLoader : Loader
{
    private const int LargestArena = 1 << 20;
    private const long MostWork = 1_000_000;
    private static readonly KernelPath[] _paths = [.. KernelPath.All.Where(p => p.IsSupported)];

    public override string Name => "ecm";

    public override IReadOnlyList<(string Assembly, string[] Types)> Instrumented =>
        [("EdgeConv.Runtime.dll", ["EdgeConv.Runtime.Format.", "EdgeConv.Runtime.Operators."])];

    public override int SpareBytes => 64 * 1024;

    // Load copies the file; Open, which maps it, does not.
    public override long NativeBytes(int fileLength) => fileLength;

    public override IDisposable Load(byte[] file) => Model.Load(file);

    public override string? Use(IDisposable loaded, Random random)
    {
        var model = (Model)loaded;
        if (model.ArenaBytes > LargestArena || model.Operators.Sum(op => Work(model, op)) > MostWork)
        {
            return null;
        }

        var input = new sbyte[model.Input.Length];
        random.NextBytes(MemoryMarshal.AsBytes(input.AsSpan()));
        KernelPath path = _paths[random.Next(_paths.Length)];
        sbyte[] found = Run(model, input, path), expected = Run(model, input, KernelPath.Reference);
        int same = expected.AsSpan().CommonPrefixLength(found);
        return same == expected.Length ? null : $"on {path} output {same} is {found[same]}, on the reference {expected[same]}";
    }

    public override bool IsDocumented(Exception exception) => exception is ModelFormatException;

    public override IEnumerable<byte[]> Seeds() => EcmSeeds.All();

    public override byte[] Mutate(byte[] file, byte[] other, Random random) => new EcmMutator(random).Mutate(file, other);

    private static sbyte[] Run(Model model, sbyte[] input, KernelPath path)
    {
        using var interpreter = new Interpreter(model, path);
        var output = new sbyte[model.Output.Length];
        interpreter.Invoke(input, output);
        return output;
    }

    // Multiplications, about; what a window sees is counted in full.
    private static double Work(Model model, ModelOperator op)
    {
        double output = model.Tensors[op.Output].Length;
        double Taps(int weights) => (double)model.Tensors[weights].Length / model.Tensors[weights].Shape[0];
        double Area(Window window) => (double)window.KernelH * window.KernelW;
        return op switch
        {
            Conv2DOp c => output * c.Pool.Pixels * Taps(c.Weights),
            FullyConnectedOp f => output * Taps(f.Weights),
            TransposeConvOp t => output * Taps(t.Weights),
            MaxPoolOp p => output * Area(p.Window),
            AveragePoolOp p => output * Area(p.Window),
            LrnOp l => output * l.Size,
            _ => output,
        };
    }
}
