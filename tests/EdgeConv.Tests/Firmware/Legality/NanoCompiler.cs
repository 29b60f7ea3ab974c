using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace EdgeConv.Tests.Firmware.Legality;

/// <summary>Compiles C# 9 in memory: against .NET, or against the libraries of nanoFramework.</summary>
internal static class NanoCompiler
{
    private static readonly CSharpParseOptions _language = new(LanguageVersion.CSharp9);

    /// <summary>.NET's own assemblies, as far as the snippets and the library need them.</summary>
    public static IReadOnlyList<MetadataReference> DotNet { get; } = [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
        .Where(file => Path.GetFileName(file) is "System.Private.CoreLib.dll" or "System.Runtime.dll" or "System.Collections.dll" or "System.Linq.dll")
        .Select(file => MetadataReference.CreateFromFile(file))];

    /// <summary>Against .NET, as the tests build the library.</summary>
    /// <param name="sources">C#.</param>
    /// <exception cref="InvalidOperationException">It does not compile; the message has the compiler's.</exception>
    public static MemoryStream ForDotNet(params IEnumerable<string> sources) => Compile("Snippet", sources, DotNet);

    /// <summary>Against nothing but the given assemblies, as a nanoFramework project is built.</summary>
    /// <param name="name">Of the assembly.</param>
    /// <param name="sources">C#.</param>
    /// <param name="references">mscorlib of nanoFramework, and what else the sources need.</param>
    /// <exception cref="InvalidOperationException">It does not compile; the message has the compiler's.</exception>
    public static MemoryStream ForNano(string name, IEnumerable<string> sources, params IEnumerable<MetadataReference> references) =>
        Compile(name, sources, references);

    /// <summary>The texts of a folder's C# files.</summary>
    public static IEnumerable<string> Sources(string folder) => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal).Select(File.ReadAllText);

    private static MemoryStream Compile(string name, IEnumerable<string> sources, IEnumerable<MetadataReference> references)
    {
        CSharpCompilation compilation = CSharpCompilation.Create(
            name,
            sources.Select(source => CSharpSyntaxTree.ParseText(source, _language)),
            references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, allowUnsafe: true));
        MemoryStream assembly = new();
        string[] errors = [.. compilation.Emit(assembly).Diagnostics.Where(found => found.Severity == DiagnosticSeverity.Error).Select(found => found.ToString())];
        if (errors.Length > 0)
        {
            throw new InvalidOperationException(string.Join('\n', errors.Take(20)));
        }

        assembly.Position = 0;
        return assembly;
    }
}
