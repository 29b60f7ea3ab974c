using EdgeConv.Cli;
using EdgeConv.Cli.Emulation;

namespace EdgeConv.Tests.Firmware.Clr;

/// <summary>Where a nanoCLR and what it needs are looked for, and what is said where they are not.</summary>
public sealed class NanoToolsTests
{
    [Fact]
    public void What_is_missing_is_named_with_what_to_set()
    {
        using TemporaryFolder nothing = new();
        UsageException thrown = Assert.Throws<UsageException>(() => Find(("PATH", nothing.Root), ("NUGET_PACKAGES", nothing.Root)));
        Assert.All(
            (string[])["no nanoclr on the PATH", "EDGECONV_NANOCLR", "dotnet tool install", "EDGECONV_NANOCLR_MDP", "EDGECONV_NANOCLR_ASSEMBLIES", "mscorlib.pe"],
            words => Assert.Contains(words, thrown.Message));
    }

    [Fact]
    public void A_variable_that_names_nothing_is_said()
    {
        using TemporaryFolder nothing = new();
        UsageException thrown = Assert.Throws<UsageException>(() => Find(
            ("EDGECONV_NANOCLR", nothing.Path("clr")), ("EDGECONV_NANOCLR_MDP", nothing.Path("mdp")), ("EDGECONV_NANOCLR_ASSEMBLIES", nothing.Root)));
        Assert.Contains($"EDGECONV_NANOCLR names '{nothing.Path("clr")}', which is not there", thrown.Message);
        Assert.Contains($"EDGECONV_NANOCLR_MDP names '{nothing.Path("mdp")}', which is not there", thrown.Message);
        Assert.Contains($"EDGECONV_NANOCLR_ASSEMBLIES names '{nothing.Root}', which has no mscorlib.dll and mscorlib.pe", thrown.Message);
    }

    [Fact]
    public void Tools_on_the_PATH_and_packages_of_NuGet_are_found()
    {
        using TemporaryFolder folder = new();
        string clr = folder.Write("bin/nanoclr", []), processor = folder.Write("bin/nanoFramework.Tools.MetadataProcessor", []);
        foreach (string file in (string[])["1.9.2/lib/mscorlib", "1.17.11/lib/mscorlib", "2.0.1/lib/mscorlib"])
        {
            folder.Write($"packages/nanoframework.corelibrary/{file}.dll", []);
            folder.Write($"packages/nanoframework.corelibrary/{file}.pe", []);
        }

        Assert.SkipWhen(OperatingSystem.IsWindows(), "there the programs end in .exe");
        NanoTools tools = Find(("PATH", $"/nowhere:{folder.Path("bin")}"), ("NUGET_PACKAGES", folder.Path("packages")));
        Assert.Equal(clr, tools.Clr);
        Assert.Equal(processor, tools.MetadataProcessor);
        Assert.Equal(folder.Path("packages", "nanoframework.corelibrary", "1.17.11", "lib", "mscorlib.dll"), tools.Assemblies["mscorlib"]);
    }

    [Fact]
    public void The_tool_is_told_to_run_assemblies_and_another_host_gets_them_alone()
    {
        NanoTools tools = new("/tools/nanoclr", "", new Dictionary<string, string>());
        Assert.Equal(["run", "--assemblies", "mscorlib.pe", "app.pe"], tools.Run(["mscorlib.pe", "app.pe"]).Arguments);
        Assert.Equal(["mscorlib.pe", "app.pe"], (tools with { Clr = "/tools/host" }).Run(["mscorlib.pe", "app.pe"]).Arguments);
    }

    [Fact]
    public void A_dll_is_started_by_dotnet()
    {
        Assert.Equal(["/tools/mdp.dll"], NanoTools.Start("/tools/mdp.dll").First);
        Assert.Contains("dotnet", NanoTools.Start("/tools/mdp.dll").Program);
        Assert.Equal(("/tools/mdp", []), NanoTools.Start("/tools/mdp"));
    }

    private static NanoTools Find(params (string Name, string Value)[] variables) =>
        NanoTools.Find(name => Array.Find(variables, variable => variable.Name == name).Value);
}
