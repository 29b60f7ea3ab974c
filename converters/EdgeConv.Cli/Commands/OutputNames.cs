namespace EdgeConv.Cli.Commands;

/// <summary>Refuses names for results that can only be a slip, before any work and before a user's own file is written over.</summary>
internal static class OutputNames
{
    private static readonly string[] _others = [".onnx", ".tflite", ".html", ".json"];

    /// <summary>A name for a model file.</summary>
    /// <exception cref="UsageException">It is that of another kind of file, such as the source's.</exception>
    public static string Model(string path) => _others.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase)
        ? throw new UsageException($"--output is '{path}', but what is written is a model file; give it a name that ends in .ecm.")
        : path;

    /// <summary>A name for a report, or none.</summary>
    /// <exception cref="UsageException">Its form cannot be told.</exception>
    public static string? Report(string? path) => path is null || Path.GetExtension(path).ToLowerInvariant() is ".html" or ".json"
        ? path
        : throw new UsageException($"--report is '{path}'; a report is a page or JSON, so give it a name that ends in .html or .json.");

    /// <summary>A name for a model's card, or none.</summary>
    /// <exception cref="UsageException">Its form cannot be told.</exception>
    public static string? Card(string? path) => path is null || Path.GetExtension(path).ToLowerInvariant() is ".html" or ".md"
        ? path
        : throw new UsageException($"--output is '{path}'; a card is Markdown or a page, so give it a name that ends in .md or .html.");

    /// <summary>Makes sure that the source stays.</summary>
    /// <exception cref="UsageException">The result would take its place.</exception>
    public static void Keep(string source, string output)
    {
        if (Path.GetFullPath(source) == Path.GetFullPath(output))
        {
            throw new UsageException($"--output is '{output}', which is the source and would be written over; name another file.");
        }
    }
}
