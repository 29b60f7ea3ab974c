using System.Globalization;
using System.Runtime.InteropServices;
using EdgeConv.Cli.Emulation;
using EdgeConv.Cli.Files;
using EdgeConv.Cli.Models;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Format;

namespace EdgeConv.Cli.Deployment.Nano;

/// <summary>What goes to a nanoFramework board.</summary>
/// <param name="PeFiles">In their order.</param>
/// <param name="Golden">CRC-32C of the answer to the golden vector, as the board should say it; null where it is not known here.</param>
internal sealed record NanoApplication(IReadOnlyList<string> PeFiles, string? Golden)
{
    /// <summary>An application that was exported and built.</summary>
    /// <exception cref="FailureException">It was not built.</exception>
    public static NanoApplication Open(string folder) => new(NanoImage.Find(folder), null);

    /// <summary>A model: exported, compiled and made into .pe files here.</summary>
    /// <param name="file">The model file.</param>
    /// <param name="folder">Gets all of it.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="UsageException">What makes .pe files is not here.</exception>
    /// <exception cref="FailureException">The model has no form for nanoFramework, or does not compile.</exception>
    public static NanoApplication Build(string file, TemporaryFolder folder, CancellationToken cancel)
    {
        NanoBuild build = new(NanoTools.Find(Environment.GetEnvironmentVariable, isToRun: false), folder, cancel);
        using Model model = ModelFile.Open(file);
        NanoSources sources = build.Place(NanoBuild.Export(model));
        build.Build(sources.Application, isProgram: true, sources.Code, sources.Resources);
        return new NanoApplication(build.PeFiles(sources.Application), Answer(model));
    }

    private static string? Answer(Model model) => model.GoldenVectors.Count == 0
        ? null
        : Crc32C.Compute(MemoryMarshal.AsBytes(model.GoldenVectors[0].Output.Span)).ToString("X8", CultureInfo.InvariantCulture);
}
