using System.Diagnostics;
using EdgeConv.Tests.Cli;

namespace EdgeConv.Tests.Boards;

/// <summary>EdgeConv.Build.targets in a user's project: it builds when the models fit, and only then.</summary>
public sealed class BuildTargetTests(TinyLeNet lenet) : IClassFixture<TinyLeNet>
{
    private const string Check = "-t:CheckEdgeConvModels";

    [Fact]
    public void A_project_builds_when_its_model_fits_and_not_when_it_does_not()
    {
        using TemporaryFolder folder = Project("""<EdgeConvModel Include="models/lenet5.ecm" Board="esp32" />""");
        string model = folder.Write("models/lenet5.ecm", File.ReadAllBytes(lenet.Model));
        (int code, string output) = Dotnet(folder, "build", "-nologo");
        Assert.True(code == 0, output);
        Assert.Contains("models/lenet5.ecm fits esp32", output);
        string answer = folder.Path("obj", "Debug", "net10.0", "edgeconv", "lenet5.esp32.json");
        Assert.Contains("\"arenaBytes\": 1968", File.ReadAllText(answer));
        string program = folder.Path("bin", "Debug", "net10.0", "Lamp.dll");
        File.Delete(program);

        File.WriteAllBytes(model, new BoardModels(1, 2048).Full("heavy", 1024).Write());
        (code, output) = Dotnet(folder, "build", "-nologo", "--no-restore");
        Assert.NotEqual(0, code);
        Assert.Contains("models/lenet5.ecm : error EDGECONV003: ", output);
        Assert.Contains("does not fit esp32", output);
        Assert.Contains("'heavy'", output);
        Assert.False(File.Exists(program));
        Assert.False(File.Exists(answer));
    }

    [Fact]
    public void Several_models_and_boards_are_checked_one_by_one()
    {
        using TemporaryFolder folder = Project("""
            <EdgeConvModel Include="small.ecm" Board="esp32" />
            <EdgeConvModel Include="small.ecm" Board="rpi5" />
            <EdgeConvModel Include="large.ecm" Board="rpi5" />
            """);
        folder.Write("small.ecm", File.ReadAllBytes(lenet.Model));
        folder.Write("large.ecm", new BoardModels(1, 2048).Full("heavy", 1024).Write());
        (int code, string output) = Dotnet(folder, "msbuild", Check, "-nologo");
        Assert.True(code == 0, output);
        Assert.Contains("small.ecm fits esp32", output);
        Assert.Contains("small.ecm fits rpi5", output);
        Assert.Contains("large.ecm fits rpi5", output);

        // nothing changed, so nothing is checked again
        (code, output) = Dotnet(folder, "msbuild", Check, "-nologo");
        Assert.True(code == 0, output);
        Assert.DoesNotContain(" fits ", output);
    }

    [Theory]
    [InlineData("""<EdgeConvModel Include="lenet5.ecm" />""", "EDGECONV001", "names no board")]
    [InlineData("""<EdgeConvModel Include="gone.ecm" Board="esp32" />""", "EDGECONV002", "'gone.ecm'")]
    [InlineData("""<EdgeConvModel Include="lenet5.ecm" Board="esp8266" />""", "lenet5.ecm : error EDGECONV003", "unknown board 'esp8266'")]
    [InlineData("""<EdgeConvModel Include="Lamp.csproj" Board="esp32" />""", "Lamp.csproj : error EDGECONV003", "not a model")]
    public void A_mistake_is_one_error(string item, string error, string words)
    {
        using TemporaryFolder folder = Project(item);
        folder.Write("lenet5.ecm", File.ReadAllBytes(lenet.Model));
        (int code, string output) = Dotnet(folder, "msbuild", Check, "-nologo");
        Assert.NotEqual(0, code);
        Assert.Contains(error, output);
        Assert.Contains(words, output);
        Assert.Equal(2, output.Split("error EDGECONV").Length);
    }

    private static TemporaryFolder Project(string items)
    {
        TemporaryFolder folder = new();
        string command = Path.Combine(AppContext.BaseDirectory, "edgeconv.dll");
        folder.Write("Lamp.csproj", System.Text.Encoding.UTF8.GetBytes($"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <OutputType>Exe</OutputType>
                <EdgeConvCommand>dotnet "{command}"</EdgeConvCommand>
              </PropertyGroup>
              <ItemGroup>
                {items}
              </ItemGroup>
              <Import Project="{RepositoryFolder.Path("converters", "EdgeConv.Build", "build", "EdgeConv.Build.targets")}" />
            </Project>
            """));
        folder.Write("Program.cs", "System.Console.WriteLine(\"on\");"u8.ToArray());
        return folder;
    }

    private static (int Code, string Output) Dotnet(TemporaryFolder folder, params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", arguments)
        {
            WorkingDirectory = folder.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}
