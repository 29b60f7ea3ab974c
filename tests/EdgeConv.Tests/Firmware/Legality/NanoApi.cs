namespace EdgeConv.Tests.Firmware.Legality;

/// <summary>
/// firmware/nanoframework/api-1.17.txt: what the project's code for nanoFramework may ask of the libraries there. A line is a type, or a member as
/// Type::Name(parameters):result or Type::Field:type; a line in brackets names the assembly of those that follow.
/// </summary>
internal sealed class NanoApi
{
    private readonly HashSet<string> _types = [];
    private readonly HashSet<string> _members = [];

    private NanoApi(IEnumerable<string> lines)
    {
        string assembly = "";
        foreach (string line in lines.Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#'))
        {
            if (line[0] == '[')
            {
                assembly = line.Trim('[', ']');
                continue;
            }

            int end = line.IndexOf("::", StringComparison.Ordinal);
            _types.Add(end < 0 ? line : line[..end]);
            if (end >= 0)
            {
                _members.Add(line);
            }

            Lines.Add((assembly, line));
        }
    }

    /// <summary>The list in the repository.</summary>
    public static NanoApi Project { get; } = new(File.ReadLines(FilePath));

    /// <summary>Where it is.</summary>
    public static string FilePath => RepositoryFolder.Path("firmware", "nanoframework", "api-1.17.txt");

    /// <summary>Each line with its assembly.</summary>
    public List<(string Assembly, string Line)> Lines { get; } = [];

    /// <summary>Whether a type is in the list, by itself or by a member.</summary>
    public bool HasType(string name) => _types.Contains(name);

    /// <summary>Whether a member is.</summary>
    public bool HasMember(string signature) => _members.Contains(signature);
}
