namespace EdgeConv.Runtime.Kernels;

/// <summary>One way to compute every operator. All paths give the same bytes.</summary>
public abstract class KernelPath
{
    /// <summary>All paths, best first. Tests, bench and verify walk this table; the order is written here only.</summary>
    public static IReadOnlyList<KernelPath> All => throw new NotImplementedException();

    /// <summary>The one named by the environment variable EDGECONV_PATH, else the first that this processor supports.</summary>
    /// <exception cref="KernelPathException">EDGECONV_PATH names an unknown path, or one that this processor lacks.</exception>
    public static KernelPath Default => throw new NotImplementedException();

    /// <summary>A path by name, in any case.</summary>
    /// <exception cref="KernelPathException">Unknown, or not supported by this processor; the message lists the ones that are.</exception>
    public static KernelPath Parse(string name) => throw new NotImplementedException();

    /// <summary>As in the table: NeonDp, Neon, AvxVnni, Avx2, Vector128, Reference.</summary>
    public abstract string Name { get; }

    /// <summary>Whether this processor can run it.</summary>
    public abstract bool IsSupported { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>A kernel path was asked for that does not exist or does not run here.</summary>
public sealed class KernelPathException(string message) : Exception(message);
