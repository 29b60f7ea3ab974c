namespace EdgeConv.Converters.Onnx;

/// <summary>Where paths lead when every link on the way is followed.</summary>
internal static class RealPath
{
    private const int MostLinks = 40;

    /// <summary>Follows a path that need not exist.</summary>
    /// <exception cref="IOException">Its links lead in a circle.</exception>
    public static string Of(string path)
    {
        string full = Path.GetFullPath(path), at = Path.GetPathRoot(full)!;
        var rest = new Stack<string>(Parts(full[at.Length..]).Reverse());
        for (int links = 0; rest.TryPop(out string? part);)
        {
            if (part == "..")
            {
                at = Path.GetDirectoryName(at) ?? at;
                continue;
            }

            string next = Path.Combine(at, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                at = next;
                continue;
            }

            if (++links > MostLinks)
            {
                throw new IOException($"'{path}' leads over more than {MostLinks} links");
            }

            // A '..' behind a link is the folder above the one that it leads to.
            string root = Path.IsPathRooted(target) ? Path.GetPathRoot(target)! : "";
            at = root.Length > 0 ? Path.GetFullPath(root) : at;
            foreach (string followed in Parts(target[root.Length..]).Reverse())
            {
                rest.Push(followed);
            }
        }

        return at;
    }

    /// <summary>Whether a path, without links, is inside a folder, without links.</summary>
    public static bool IsInside(string path, string folder) =>
        path.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static string[] Parts(string path) =>
        [.. path.Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".")];
}
