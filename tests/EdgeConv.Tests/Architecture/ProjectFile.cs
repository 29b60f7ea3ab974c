using System.Xml.Linq;

namespace EdgeConv.Tests.Architecture;

/// <summary>What a .csproj says about its neighbours.</summary>
internal sealed record ProjectFile(string Name, string Path, IReadOnlyList<string> Projects, IReadOnlyList<string> Packages)
{
    /// <summary>Every project of the checkout, in the solution or not.</summary>
    public static IReadOnlyList<ProjectFile> All { get; } =
    [
        .. Directory.EnumerateFiles(RepositoryFolder.Root, "*.csproj", SearchOption.AllDirectories)
            .Where(path => !Relative(path).StartsWith("artifacts/", StringComparison.Ordinal))
            .Select(Read),
    ];

    /// <summary>Path from the root of the checkout, with forward slashes.</summary>
    public static string Relative(string path) => System.IO.Path.GetRelativePath(RepositoryFolder.Root, path).Replace('\\', '/');

    private static ProjectFile Read(string path)
    {
        XDocument xml = XDocument.Load(path);
        return new ProjectFile(System.IO.Path.GetFileNameWithoutExtension(path), Relative(path),
            [.. Includes(xml, "ProjectReference").Select(p => System.IO.Path.GetFileNameWithoutExtension(p.Replace('\\', '/')))],
            [.. Includes(xml, "PackageReference")]);
    }

    private static IEnumerable<string> Includes(XDocument xml, string element) =>
        xml.Descendants(element).Select(e => (string?)e.Attribute("Include")).OfType<string>();
}
