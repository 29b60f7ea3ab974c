using System.Runtime.InteropServices;
using EdgeConv.Cli.Emulation;
using EdgeConv.Cli.Files;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Cli.Microcontrollers;

/// <summary>A layer in the other library.</summary>
/// <param name="Instructions">Counted as ours are.</param>
/// <param name="SameBytes">Whether the bytes out are those of the reference.</param>
internal sealed record CmsisNnLayer(long Instructions, bool SameBytes);

/// <summary>A checkout of Arm's CMSIS-NN that the user named, whose functions run on the same layers with the same bytes.</summary>
internal sealed class CmsisNn
{
    // Functions of other types and layers, which would only take time to compile.
    private static readonly string[] _notNeeded = ["f32", "flt", "f16", "lstm", "svdf", "transpose_conv", "batch_matmul"];
    private static readonly string[] _otherTypes = ["s16", "s4", "s64"];

    private readonly string _folder;

    private CmsisNn(string folder) => _folder = folder;

    /// <summary>Looks whether it is one.</summary>
    /// <exception cref="FailureException">It is not.</exception>
    public static CmsisNn Open(string folder)
    {
        string header = Path.Combine("Include", "arm_nnfunctions.h");
        return !Directory.Exists(folder) ? throw new FailureException($"there is no folder '{folder}'. --cmsis-nn takes a checkout of CMSIS-NN (git clone of ARM-software/CMSIS-NN).")
            : File.Exists(Path.Combine(folder, header)) && Directory.Exists(Path.Combine(folder, "Source", "NNSupportFunctions")) ? new CmsisNn(Path.GetFullPath(folder))
            : throw new FailureException($"'{folder}' is no checkout of CMSIS-NN: {header} and Source were expected in it. Name the folder that `git clone` of ARM-software/CMSIS-NN made.");
    }

    /// <summary>Counts each layer that it has functions for.</summary>
    /// <param name="mcu">The processor.</param>
    /// <param name="model">The model.</param>
    /// <param name="input">What the network gets.</param>
    /// <param name="cancel">Ends compiler and emulator.</param>
    /// <returns>A layer of the model each; null where the library has none for it. A pooling that is fused with ours counts with its convolution.</returns>
    public IReadOnlyList<CmsisNnLayer?> Measure(EmulatedMcu mcu, Model model, ReadOnlySpan<sbyte> input, CancellationToken cancel)
    {
        using TemporaryFolder folder = new();
        using Model apart = model.LayerByLayer();
        CmsisNnCall?[] calls = [.. apart.Operators.Select((op, index) => CmsisNnCall.Of(apart, op, index))];
        List<sbyte[]> expected = WriteInputs(folder.File("inputs.bin"), apart, calls, input);
        CmsisNnLayer[] results = [];
        if (expected.Count > 0)
        {
            File.WriteAllText(folder.File("layers.c"), CmsisNnHarness.Write([.. calls.OfType<CmsisNnCall>()]));
            string program = folder.File("program.elf");
            Build(mcu, folder, program, cancel);
            mcu.Emulate(program, ["-icount", "shift=0"], cancel);
            results = Read(File.ReadAllBytes(folder.File("outputs.bin")), expected, mcu.InstructionsATick);
        }

        Queue<CmsisNnLayer?> each = new();
        int next = 0;
        foreach (CmsisNnCall? call in calls)
        {
            each.Enqueue(call is null ? null : results[next++]);
        }

        return [.. model.Operators.Select(op => op is Conv2DOp { IsPooled: true } ? Both(each.Dequeue(), each.Dequeue()) : each.Dequeue())];
    }

    private static CmsisNnLayer? Both(CmsisNnLayer? first, CmsisNnLayer? second) =>
        first is null || second is null ? null : new CmsisNnLayer(first.Instructions + second.Instructions, first.SameBytes && second.SameBytes);

    private void Build(EmulatedMcu mcu, TemporaryFolder folder, string program, CancellationToken cancel)
    {
        IEnumerable<string> sources = Directory.EnumerateFiles(Path.Combine(_folder, "Source"), "*.c", SearchOption.AllDirectories)
            .Where(IsNeeded).Order(StringComparer.Ordinal);
        try
        {
            mcu.Link(
                [folder.File("layers.c"), .. sources, "-std=gnu11", "-O3", "-w", "-nostdlib", "-DSTARTUP_WITH_LIBRARY", $"-I{Path.Combine(_folder, "Include")}", "-lc"],
                program, cancel);
        }
        catch (FailureException exception) when (exception.Message.Contains("string.h", StringComparison.Ordinal) || exception.Message.Contains("-lc", StringComparison.Ordinal))
        {
            throw new FailureException("CMSIS-NN needs a C library for the processor: apt-get install libnewlib-arm-none-eabi.", exception);
        }
    }

    // What goes from int8 to int16 has both in its name.
    private static bool IsNeeded(string file)
    {
        string name = Path.GetFileName(file);
        return !_notNeeded.Any(Has) && (Has("s8") || !_otherTypes.Any(Has));

        bool Has(string word) => name.Contains(word, StringComparison.Ordinal);
    }

    /// <summary>The inputs of each call as the reference has them, to a file.</summary>
    /// <returns>Its outputs.</returns>
    private static List<sbyte[]> WriteInputs(string file, Model model, CmsisNnCall?[] calls, ReadOnlySpan<sbyte> input)
    {
        List<sbyte[]> expected = [];
        using FileStream stream = File.Create(file);
        using Interpreter interpreter = new(model, KernelPath.Reference);
        interpreter.SetInput(input);
        foreach ((int index, ModelOperator op) in model.Operators.Index())
        {
            bool called = calls[index] is not null;
            foreach (int tensor in called ? op.Inputs : [])
            {
                stream.Write(MemoryMarshal.AsBytes(interpreter.Activation(tensor)));
            }

            interpreter.RunOperator(index);
            if (called)
            {
                expected.Add(interpreter.Activation(op.Output).ToArray());
            }
        }

        return expected;
    }

    private static CmsisNnLayer[] Read(byte[] bytes, List<sbyte[]> expected, double instructionsATick)
    {
        int at = 0;
        return [.. expected.Select(output =>
        {
            ReadOnlySpan<byte> found = bytes.AsSpan(at, output.Length);
            uint ticks = MemoryMarshal.Read<uint>(bytes.AsSpan(at + output.Length));
            at += output.Length + sizeof(uint);
            return new CmsisNnLayer((long)Math.Round(ticks * instructionsATick), found.SequenceEqual(MemoryMarshal.AsBytes(output.AsSpan())));
        })];
    }
}
