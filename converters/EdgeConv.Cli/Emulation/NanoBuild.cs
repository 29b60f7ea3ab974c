using System.Text;
using EdgeConv.Cli.Files;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Converters.CodeGen.Nano;
using EdgeConv.Runtime;

namespace EdgeConv.Cli.Emulation;

/// <summary>C# to nanoFramework's .pe files: the SDK's compiler against nanoFramework's mscorlib, then the metadata processor.</summary>
internal sealed class NanoBuild(NanoTools tools, TemporaryFolder folder, CancellationToken cancel)
{
    private const string ResourceManager = "nanoFramework.ResourceManager";

    private readonly Dictionary<string, string> _built = new(tools.Assemblies);
    private readonly string _compiler = FindCompiler(cancel);

    /// <summary>A model's application.</summary>
    /// <exception cref="FailureException">It has no form for nanoFramework.</exception>
    public static IReadOnlyList<CodeFile> Export(Model model, NanoGoal? goal = null)
    {
        try
        {
            return NanoExport.Create(model, goal).Files;
        }
        catch (CodeGenException exception)
        {
            throw new FailureException(exception.Message, exception);
        }
    }

    /// <summary>Writes a file below the folder and returns its path.</summary>
    public string Write(string name, byte[] bytes)
    {
        string path = folder.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <summary>The same of a text.</summary>
    public string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    /// <summary>Writes an application's sources and resources, and returns their paths: sources in their order, resources by their names in the assembly.</summary>
    /// <param name="files">The application's, or those of them that are wanted; one is its project.</param>
    /// <exception cref="FailureException">What reads a resource is not among the assemblies.</exception>
    public NanoSources Place(IReadOnlyList<CodeFile> files)
    {
        string name = Path.GetFileNameWithoutExtension(files.Single(file => file.Path.EndsWith(".nfproj", StringComparison.Ordinal)).Path);
        Dictionary<string, string> resources = files.Where(file => file.Binary is not null).ToDictionary(file => $"{name}.{file.Path}", file => Write(file.Path, file.Binary!));
        if (resources.Count > 0 && !tools.Assemblies.ContainsKey(ResourceManager))
        {
            throw new FailureException($"this model's weights lie in a resource, and there is no {ResourceManager}.dll with its .pe among the assemblies "
                + $"({string.Join(", ", tools.Assemblies.Keys.Order(StringComparer.Ordinal))}). Put it and what it references into the folder that {NanoTools.AssembliesVariable} names.");
        }

        return new NanoSources(name, [.. files.Where(file => file.Path.EndsWith(".cs", StringComparison.Ordinal)).Select(file => Write(file.Path, file.Text))], resources);
    }

    /// <summary>Compiles an assembly; later ones may use it.</summary>
    /// <param name="name">Its name; the files are called so.</param>
    /// <param name="isProgram">Whether it has a Main.</param>
    /// <param name="sources">Paths of .cs files.</param>
    /// <param name="resources">Paths of .resources files, each by its name in the assembly.</param>
    /// <exception cref="FailureException">The compiler or the metadata processor refuses it; the message has the first complaint.</exception>
    public void Build(string name, bool isProgram, IEnumerable<string> sources, IReadOnlyDictionary<string, string>? resources = null)
    {
        string dll = folder.File(isProgram ? $"{name}.exe" : $"{name}.dll"), pe = folder.File($"{name}.pe");
        ChildResult compiled = ChildProcess.Capture(DotnetHost.Program,
            [
                _compiler, "-nologo", "-noconfig", "-nostdlib+", "-langversion:9", "-optimize+", "-deterministic+", $"-target:{(isProgram ? "exe" : "library")}",
                .. _built.Values.Select(path => $"-reference:{path}"), .. (resources ?? new Dictionary<string, string>()).Select(file => $"-resource:{file.Value},{file.Key}"),
                $"-out:{dll}", .. sources,
            ],
            cancel);
        if (compiled.ExitCode != 0)
        {
            string? first = compiled.Output.Split('\n').FirstOrDefault(line => line.Contains("error", StringComparison.Ordinal));
            throw new FailureException($"the C# compiler refuses {name} for nanoFramework: {first?.Trim() ?? compiled.LastWords}");
        }

        Process(name, dll, pe);
        _built[name] = dll;
    }

    /// <summary>Makes the .pe of an assembly.</summary>
    /// <param name="name">For messages.</param>
    /// <param name="dll">Path of the assembly.</param>
    /// <param name="pe">The file that is written.</param>
    /// <exception cref="FailureException">The metadata processor refuses it.</exception>
    public void Process(string name, string dll, string pe)
    {
        (string program, string[] start) = NanoTools.Start(tools.MetadataProcessor);
        ChildResult processed = ChildProcess.Capture(
            program, [.. start, .. _built.SelectMany(reference => (string[])["-loadHints", reference.Key, reference.Value]), "-parse", dll, "-compile", pe, "false"], cancel);

        // It ends with 0 after some of its errors.
        if (processed.ExitCode != 0 || processed.Errors.Trim().Length > 0 || !File.Exists(pe))
        {
            string[] lines = (processed.Errors + "\n" + processed.Output).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            string? why = lines.FirstOrDefault(line => line.Contains("Exception: ", StringComparison.Ordinal)) ?? lines.FirstOrDefault();
            throw new FailureException($"the metadata processor makes no {name}.pe: {why ?? $"exit code {processed.ExitCode}"}");
        }
    }

    /// <summary>The .pe files that a program made here needs, in the order of loading; its own is the last.</summary>
    /// <param name="program">Name given to <see cref="Build"/>.</param>
    public IReadOnlyList<string> PeFiles(string program)
    {
        NanoTools all = tools with { Assemblies = _built };
        return [.. all.References(_built[program]).Select(name => Path.ChangeExtension(_built[name], ".pe")), folder.File($"{program}.pe")];
    }

    // `dotnet --list-sdks` says '10.0.401 [/usr/share/dotnet/sdk]', the newest last.
    private static string FindCompiler(CancellationToken cancel)
    {
        string? newest = ChildProcess.Capture(DotnetHost.Program, ["--list-sdks"], cancel).Output
            .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).LastOrDefault();
        string[] parts = newest?.Split(" [") ?? [];
        string? found = parts.Length == 2 ? Path.Combine(parts[1].TrimEnd(']'), parts[0], "Roslyn", "bincore", "csc.dll") : null;
        return File.Exists(found) ? found : throw new FailureException("the .NET SDK's C# compiler is needed and `dotnet --list-sdks` names none that is there. Install the SDK.");
    }
}

/// <summary>An application's files on the disk.</summary>
/// <param name="Application">Its name.</param>
/// <param name="Code">Paths of .cs files.</param>
/// <param name="Resources">Paths of .resources files, each by its name in the assembly.</param>
internal sealed record NanoSources(string Application, IReadOnlyList<string> Code, IReadOnlyDictionary<string, string> Resources);
