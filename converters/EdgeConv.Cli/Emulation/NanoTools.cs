using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using EdgeConv.Cli.Files;

namespace EdgeConv.Cli.Emulation;

/// <summary>
/// What runs nanoFramework's programs on a PC: a nanoCLR, the metadata processor that makes its .pe files, the assemblies it comes with, and
/// the C# compiler of the .NET SDK. None of it comes with EdgeConv.
/// </summary>
/// <param name="Clr">The tool `nanoclr`, or a program whose arguments are .pe files.</param>
/// <param name="MetadataProcessor">nanoFramework.Tools.MetadataProcessor.</param>
/// <param name="Assemblies">Path of each assembly's .dll by its name; the .pe lies beside it.</param>
internal sealed record NanoTools(string Clr, string MetadataProcessor, IReadOnlyDictionary<string, string> Assemblies)
{
    /// <summary>Path of the nanoCLR.</summary>
    public const string ClrVariable = "EDGECONV_NANOCLR";

    /// <summary>Path of the metadata processor.</summary>
    public const string ProcessorVariable = "EDGECONV_NANOCLR_MDP";

    /// <summary>Folder of mscorlib.dll and mscorlib.pe, and of the other assemblies that a program may use.</summary>
    public const string AssembliesVariable = "EDGECONV_NANOCLR_ASSEMBLIES";

    private const string ClrTool = "nanoclr", ProcessorTool = "nanoFramework.Tools.MetadataProcessor", CoreLibrary = "mscorlib";

    /// <summary>Looks in the environment, on the PATH and, for the assemblies, among NuGet's packages.</summary>
    /// <param name="variable">An environment variable's value, null where it is not set.</param>
    /// <param name="isToRun">Whether a nanoCLR is needed too, not only what makes .pe files.</param>
    /// <exception cref="UsageException">Something is missing; the message says what was looked for and what to set.</exception>
    public static NanoTools Find(Func<string, string?> variable, bool isToRun = true)
    {
        List<string> missing = [];
        string? clr = isToRun
            ? Program(variable, ClrVariable, ClrTool, "a nanoCLR", "a program that runs .pe files (`dotnet tool install -g nanoclr` installs one)", missing)
            : "";
        string? processor = Program(variable, ProcessorVariable, ProcessorTool, "the metadata processor", "its .exe or .dll, which comes with the nanoFramework extension of Visual Studio", missing);
        Dictionary<string, string> assemblies = FindAssemblies(variable, missing);
        return missing.Count == 0
            ? new NanoTools(clr!, processor!, assemblies)
            : throw new UsageException($"nothing {(isToRun ? "runs" : "compiles")} nanoFramework's programs here. {string.Join(' ', missing)}");
    }

    /// <summary>How a program is started: a .dll by dotnet, an .exe outside Windows by mono, all else by itself.</summary>
    public static (string Program, string[] First) Start(string path) =>
        path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) ? (DotnetHost.Program, [path])
        : path.EndsWith(".exe", StringComparison.OrdinalIgnoreCase) && !OperatingSystem.IsWindows() ? ("mono", [path])
        : (path, []);

    /// <summary>The arguments with which the CLR runs a program, references first.</summary>
    public (string Program, string[] Arguments) Run(IEnumerable<string> peFiles)
    {
        (string program, string[] first) = Start(Clr);
        string[] verb = Path.GetFileNameWithoutExtension(Clr).Equals(ClrTool, StringComparison.OrdinalIgnoreCase) ? ["run", "--assemblies"] : [];
        return (program, [.. first, .. verb, .. peFiles]);
    }

    /// <summary>The assemblies of the folder that a compiled one needs, directly or through others, each behind its own needs.</summary>
    /// <param name="assembly">Path of a .dll or .exe.</param>
    public IReadOnlyList<string> References(string assembly)
    {
        List<string> found = [];
        Visit(assembly);
        return found;

        void Visit(string path)
        {
            foreach (string name in ReferencedNames(path).Where(name => Assemblies.ContainsKey(name) && !found.Contains(name)).ToArray())
            {
                Visit(Assemblies[name]);
                if (!found.Contains(name))
                {
                    found.Add(name);
                }
            }
        }
    }

    private static List<string> ReferencedNames(string path)
    {
        using PEReader file = new(File.OpenRead(path));
        MetadataReader reader = file.GetMetadataReader();
        return [.. reader.AssemblyReferences.Select(handle => reader.GetString(reader.GetAssemblyReference(handle).Name))];
    }

    private static string? Program(Func<string, string?> variable, string name, string tool, string what, string advice, List<string> missing)
    {
        if (variable(name) is { Length: > 0 } named)
        {
            if (!File.Exists(named))
            {
                missing.Add($"{name} names '{named}', which is not there.");
            }

            return named;
        }

        string? found = SearchPath.Find(tool, variable("PATH"));
        if (found is null)
        {
            missing.Add($"There is no {tool} on the PATH, and {name} is not set: set it to the path of {what}, {advice}.");
        }

        return found;
    }

    private static Dictionary<string, string> FindAssemblies(Func<string, string?> variable, List<string> missing)
    {
        string? folder = variable(AssembliesVariable) is { Length: > 0 } named ? named : null;
        Dictionary<string, string> found = [];
        foreach (string pe in folder is null ? InPackages(variable) : PeFiles(folder, SearchOption.TopDirectoryOnly))
        {
            string dll = Path.ChangeExtension(pe, ".dll");
            if (File.Exists(dll))
            {
                found.TryAdd(Path.GetFileNameWithoutExtension(pe), dll);
            }
        }

        if (!found.ContainsKey(CoreLibrary))
        {
            missing.Add(folder is null
                ? $"NuGet's packages have no nanoFramework.CoreLibrary 1.x, and {AssembliesVariable} is not set: set it to a folder of mscorlib.dll and mscorlib.pe."
                : $"{AssembliesVariable} names '{folder}', which has no mscorlib.dll and mscorlib.pe.");
        }

        return found;
    }

    // A newer version comes first, and the first of a name is taken.
    private static IEnumerable<string> InPackages(Func<string, string?> variable)
    {
        string packages = variable("NUGET_PACKAGES") is { Length: > 0 } named
            ? named
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        return Folders(packages, "nanoframework.*")
            .SelectMany(package => Folders(package, "1.*").OrderByDescending(version => Version.TryParse(Path.GetFileName(version), out Version? number) ? number : null))
            .SelectMany(version => PeFiles(Path.Combine(version, "lib"), SearchOption.AllDirectories));
    }

    private static string[] Folders(string folder, string pattern) => Directory.Exists(folder) ? Directory.GetDirectories(folder, pattern) : [];

    private static string[] PeFiles(string folder, SearchOption depth) => Directory.Exists(folder) ? [.. Directory.GetFiles(folder, "*.pe", depth).Order(StringComparer.Ordinal)] : [];
}
