using EdgeConv.Runtime.Kernels.Reference;
using EdgeConv.Runtime.Kernels.Vector;
using EdgeConv.Runtime.Threading;

namespace EdgeConv.Runtime.Kernels;

/// <summary>One way to compute every operator. All paths give the same bytes.</summary>
public abstract class KernelPath
{
    /// <summary>Names the path that <see cref="Default"/> takes.</summary>
    public const string EnvironmentVariable = "EDGECONV_PATH";

    /// <summary>All paths, best first. Tests, bench and verify walk this table; the order is written here only.</summary>
    public static IReadOnlyList<KernelPath> All { get; } =
    [
        new VectorPath<NeonDpMicroKernel, NeonWideMicroKernel>(),
        new VectorPath<NeonMicroKernel, NeonWideMicroKernel>(),
        new VectorPath<AvxVnniMicroKernel, Avx2WideMicroKernel>(),
        new VectorPath<Avx512MicroKernel, Avx2WideMicroKernel>(),
        new VectorPath<Avx2MicroKernel, Avx2WideMicroKernel>(),
        new VectorPath<Vector128MicroKernel, Vector128WideMicroKernel>(),
        new ReferencePath(),
    ];

    /// <summary>The one named by the environment variable EDGECONV_PATH, else the first that this processor supports.</summary>
    /// <exception cref="KernelPathException">EDGECONV_PATH names an unknown path, or one that this processor lacks.</exception>
    public static KernelPath Default =>
        Environment.GetEnvironmentVariable(EnvironmentVariable) is { Length: > 0 } name ? Parse(name) : All.First(p => p.IsSupported);

    /// <summary>The plain loops that define the result.</summary>
    public static KernelPath Reference => All[^1];

    /// <summary>As in the table: NeonDp, Neon, AvxVnni, Avx512, Avx2, Vector128, Reference.</summary>
    public abstract string Name { get; }

    /// <summary>Whether this processor can run it.</summary>
    public abstract bool IsSupported { get; }

    /// <summary>A path by name, in any case.</summary>
    /// <exception cref="KernelPathException">Unknown, or not supported by this processor; the message lists the ones that are.</exception>
    public static KernelPath Parse(string name)
    {
        string supported = string.Join(", ", All.Where(p => p.IsSupported));
        KernelPath path = All.FirstOrDefault(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new KernelPathException($"unknown kernel path '{name}'; this processor supports {supported}");
        return path.IsSupported ? path : throw new KernelPathException($"this processor cannot run {path.Name}; it supports {supported}");
    }

    /// <summary>
    /// What <see cref="Interpreter.WorkingMemory"/> is on one thread of a processor that runs this path. Packing weights takes no special instruction, so
    /// every processor can ask, for a board that is not at hand.
    /// </summary>
    public unsafe WorkingMemory WorkingMemory(Model model)
    {
        var context = new KernelContext(model, arena: null, WorkerPool.Alone);   // bound, never run
        long scratch = 0, packed = 0;
        foreach (ModelOperator op in model.Operators)
        {
            using Kernel kernel = Prepare(op, context);
            scratch = Math.Max(scratch, kernel.ScratchBytes);
            packed += kernel.PackedBytes;
        }

        return new WorkingMemory(packed, scratch);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Packs an operator's constants and binds its activations.</summary>
    internal abstract Kernel Prepare(ModelOperator op, KernelContext context);
}

/// <summary>A kernel path was asked for that does not exist or does not run here.</summary>
public sealed class KernelPathException(string message) : Exception(message);
