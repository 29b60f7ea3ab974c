namespace EdgeConv.Converters.CodeGen;

/// <summary>What generated C is to be best at.</summary>
public enum COptimize
{
    /// <summary>Faster where that costs a quarter more flash and RAM at most, or a few KB.</summary>
    Balanced,

    /// <summary>As fast as it can be, whatever the flash and RAM.</summary>
    Speed,

    /// <summary>As little flash and RAM as it can be.</summary>
    Size,
}

/// <summary>What C is generated for.</summary>
/// <param name="Cpu">cortex-m0 to m85, for which alone it is then made; null: for all, decided when it is compiled.</param>
/// <param name="Optimize">Speed against size.</param>
/// <param name="MaxRam">Bytes of the arena at most, or null.</param>
/// <param name="MaxFlash">Bytes of tables and, estimated, code at most, or null.</param>
public sealed record CGoal(string? Cpu = null, COptimize Optimize = COptimize.Balanced, int? MaxRam = null, int? MaxFlash = null)
{
    /// <summary>
    /// The version of the tables, which then lie in a file of their own for one of two flash slots; null for tables in the program. Only with a <see cref="Cpu"/>.
    /// </summary>
    public uint? SlotVersion { get; init; }

    private static readonly Dictionary<string, Extension> _cpus = new()
    {
        ["cortex-m0"] = Extension.Portable,
        ["cortex-m0plus"] = Extension.Portable,
        ["cortex-m3"] = Extension.Portable,
        ["cortex-m23"] = Extension.Portable,
        ["cortex-m4"] = Extension.Dsp,
        ["cortex-m7"] = Extension.Dsp,
        ["cortex-m33"] = Extension.Dsp,
        ["cortex-m55"] = Extension.Mve,
        ["cortex-m85"] = Extension.Mve,
    };

    /// <summary>Processors that can be named.</summary>
    public static IReadOnlyCollection<string> Cpus => _cpus.Keys;

    /// <summary>The kinds of processors that it is for.</summary>
    internal IReadOnlyList<Extension> Extensions => Cpu is null ? [Extension.Portable, Extension.Dsp, Extension.Mve] : [_cpus[Cpu]];
}
