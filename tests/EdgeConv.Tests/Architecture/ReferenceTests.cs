namespace EdgeConv.Tests.Architecture;

/// <summary>Who may reference whom. Arrows point one way: boards never see the converter, converters never see libtorch.</summary>
public sealed class ReferenceTests
{
    private static readonly Dictionary<string, string[]> _allowed = new()
    {
        ["EdgeConv.Generators"] = [],
        ["EdgeConv.Runtime"] = ["EdgeConv.Generators"],   // at build only: the compiler loads it, no program contains it
        ["EdgeConv.Devices"] = ["EdgeConv.Runtime"],
        ["EdgeConv.Agent"] = ["EdgeConv.Runtime", "EdgeConv.Devices"],
        ["EdgeConv.Converters"] = ["EdgeConv.Runtime"],
        ["EdgeConv.Cli"] = ["EdgeConv.Runtime", "EdgeConv.Converters", "EdgeConv.Devices"],
        ["EdgeConv.Build"] = [],
        ["EdgeConv.Templates"] = [],
        ["EdgeConv.Trainer"] = ["EdgeConv.Runtime", "EdgeConv.Converters"],
    };

    private static readonly string[] _deviceFolders = ["edge-runtime/", "hw-samples/", "firmware/"];

    private static readonly string[] _torch = ["TorchSharp", "libtorch"];

    public static TheoryData<string> Projects => [.. ProjectFile.All.Select(p => p.Path)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_shipped_project_references_only_what_the_design_allows(string path)
    {
        ProjectFile project = Get(path);
        if (IsTest(project))
        {
            return;
        }

        string[] allowed = IsDevice(project) && !_allowed.ContainsKey(project.Name)
            ? ["EdgeConv.Runtime", "EdgeConv.Devices"]
            : _allowed.GetValueOrDefault(project.Name) ?? Unknown(project);
        Assert.Empty(project.Projects.Except(allowed));
    }

    [Fact]
    public void Every_project_of_the_design_exists_once()
    {
        foreach (string name in _allowed.Keys)
        {
            Assert.True(ProjectFile.All.Count(p => p.Name == name) <= 1, $"{name} exists twice");
        }

        Assert.Contains(ProjectFile.All, p => p.Name == "EdgeConv.Runtime");
    }

    [Fact]
    public void The_runtime_has_no_package() => Assert.Empty(Get("edge-runtime/EdgeConv.Runtime/EdgeConv.Runtime.csproj").Packages);

    [Fact]
    public void The_runtime_tests_reference_only_the_runtime() =>
        Assert.Equal(["EdgeConv.Runtime"], Get("tests/EdgeConv.Runtime.Tests/EdgeConv.Runtime.Tests.csproj").Projects);

    [Theory]
    [MemberData(nameof(Projects))]
    public void Only_the_trainer_has_libtorch(string path)
    {
        ProjectFile project = Get(path);
        if (project.Name != "EdgeConv.Trainer")
        {
            Assert.DoesNotContain(project.Packages, p => _torch.Any(t => p.StartsWith(t, StringComparison.OrdinalIgnoreCase)));
        }
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Device_code_never_reaches_the_converter(string path)
    {
        ProjectFile project = Get(path);
        if (IsDevice(project))
        {
            Assert.DoesNotContain(Reachable(project), p => !IsDevice(p));
        }
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_folders_are_never_nested(string path)
    {
        string folder = Path.GetDirectoryName(path)!.Replace('\\', '/') + "/";
        Assert.DoesNotContain(ProjectFile.All, p => p.Path != path && p.Path.StartsWith(folder, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Package_versions_are_central(string path)
    {
        string text = File.ReadAllText(RepositoryFolder.Path(path));
        Assert.DoesNotMatch("<PackageReference [^>]*\\bVersion=", text);
    }

    private static ProjectFile Get(string path) => ProjectFile.All.Single(p => p.Path == path);

    private static bool IsTest(ProjectFile project) => project.Path.StartsWith("tests/", StringComparison.Ordinal);

    private static bool IsDevice(ProjectFile project) =>
        _deviceFolders.Any(folder => project.Path.StartsWith(folder, StringComparison.Ordinal));

    private static IEnumerable<ProjectFile> Reachable(ProjectFile project) =>
        project.Projects.Select(name => ProjectFile.All.Single(p => p.Name == name))
            .SelectMany(next => Reachable(next).Prepend(next));

    private static string[] Unknown(ProjectFile project)
    {
        Assert.Fail($"{project.Path} is not in the table of who may reference whom; add it there with its arrows.");
        return [];
    }
}
