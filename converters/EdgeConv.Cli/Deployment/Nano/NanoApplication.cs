using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using EdgeConv.Cli.Emulation;
using EdgeConv.Cli.Files;
using EdgeConv.Cli.Models;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Converters.CodeGen.Nano;
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
        IReadOnlyList<CodeFile> files = Export(model);
        foreach (CodeFile part in files)
        {
            string path = folder.File(part.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, part.Binary ?? Encoding.UTF8.GetBytes(part.Text));
        }

        string name = Path.GetFileNameWithoutExtension(files.Single(part => part.Path.EndsWith(".nfproj", StringComparison.Ordinal)).Path);
        build.Build(
            name,
            isProgram: true,
            files.Where(part => part.Path.EndsWith(".cs", StringComparison.Ordinal)).Select(part => folder.File(part.Path)),
            files.Where(part => part.Binary is not null).ToDictionary(part => $"{name}.{part.Path}", part => folder.File(part.Path)));
        return new NanoApplication(build.PeFiles(name), Answer(model));
    }

    private static IReadOnlyList<CodeFile> Export(Model model)
    {
        try
        {
            return NanoExport.Create(model).Files;
        }
        catch (CodeGenException exception)
        {
            throw new FailureException(exception.Message, exception);
        }
    }

    private static string? Answer(Model model) => model.GoldenVectors.Count == 0
        ? null
        : Crc32C.Compute(MemoryMarshal.AsBytes(model.GoldenVectors[0].Output.Span)).ToString("X8", CultureInfo.InvariantCulture);
}
