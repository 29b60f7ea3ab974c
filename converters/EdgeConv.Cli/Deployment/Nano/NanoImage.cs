using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using EdgeConv.Cli.Files;

namespace EdgeConv.Cli.Deployment.Nano;

/// <summary>
/// What a nanoFramework board has in its deployment region: .pe files one after another, each filled up to four bytes, each behind those that it
/// refers to.
/// </summary>
internal static class NanoImage
{
    private const string Pattern = "*.pe", CoreLibrary = "mscorlib";
    private const int Alignment = 4;

    // v1 of nanoFramework's format; its version 2 runs on another CLR
    private static readonly byte[] _marker = "NFMRK1\0\0"u8.ToArray();

    private static readonly string[] _places = [Path.Combine("bin", "Release"), Path.Combine("bin", "Debug"), "bin", ""];

    /// <summary>The .pe files of an application that was built, in the order in which they go into the image.</summary>
    /// <param name="folder">The project's folder, or that of the files.</param>
    /// <exception cref="FailureException">There are none.</exception>
    public static IReadOnlyList<string> Find(string folder)
    {
        string? place = _places.Select(part => Path.Combine(folder, part)).FirstOrDefault(path => Directory.Exists(path) && Directory.EnumerateFiles(path, Pattern).Any());
        return place is not null ? Sort([.. Directory.GetFiles(place, Pattern)]) : throw new FailureException(
            $"{folder} has no .pe files, nor have its bin/Release and bin/Debug: build the project first, with the nanoFramework extension of Visual Studio or "
            + "`msbuild -p:Configuration=Release`.");
    }

    /// <summary>The image.</summary>
    /// <param name="peFiles">In their order.</param>
    /// <exception cref="FailureException">One is no .pe file for nanoFramework 1.</exception>
    public static byte[] Create(IEnumerable<string> peFiles)
    {
        MemoryStream image = new();
        foreach (string file in peFiles)
        {
            byte[] bytes = File.ReadAllBytes(file);
            if (!bytes.AsSpan().StartsWith(_marker))
            {
                throw new FailureException($"{file} is no .pe file of nanoFramework 1: it does not begin with NFMRK1. Build with CoreLibrary 1.17.");
            }

            image.Write(bytes);
            image.Write(new byte[(Alignment - bytes.Length % Alignment) % Alignment]);
        }

        return image.ToArray();
    }

    /// <summary>By what the .dll or .exe beside each refers to; by name alone where there is none.</summary>
    private static List<string> Sort(string[] files)
    {
        Dictionary<string, string> byName = files.ToDictionary(file => Path.GetFileNameWithoutExtension(file)!);
        Dictionary<string, string[]> needs = byName.ToDictionary(pair => pair.Key, pair => References(pair.Value));
        List<string> sorted = [];
        HashSet<string> seen = [];
        foreach (string name in byName.Keys.OrderBy(name => name != CoreLibrary).ThenBy(name => needs[name].Length).ThenBy(name => name, StringComparer.Ordinal))
        {
            Visit(name);
        }

        return sorted;

        void Visit(string name)
        {
            if (!byName.TryGetValue(name, out string? file) || !seen.Add(name))
            {
                return;
            }

            foreach (string needed in needs[name])
            {
                Visit(needed);
            }

            sorted.Add(file);
        }
    }

    private static string[] References(string pe)
    {
        string? assembly = new[] { ".exe", ".dll" }.Select(extension => Path.ChangeExtension(pe, extension)).FirstOrDefault(File.Exists);
        if (assembly is null)
        {
            return [];
        }

        try
        {
            using PEReader file = new(File.OpenRead(assembly));
            MetadataReader reader = file.GetMetadataReader();
            return [.. reader.AssemblyReferences.Select(handle => reader.GetString(reader.GetAssemblyReference(handle).Name))];
        }
        catch (Exception exception) when (exception is BadImageFormatException or InvalidOperationException)
        {
            throw new FailureException($"{assembly} is no .NET assembly; it lies beside {Path.GetFileName(pe)}. Build the project again.", exception);
        }
    }
}
