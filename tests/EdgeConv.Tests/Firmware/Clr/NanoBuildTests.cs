using EdgeConv.Cli;
using EdgeConv.Cli.Emulation;
using EdgeConv.Tests.Firmware.Legality;

namespace EdgeConv.Tests.Firmware.Clr;

/// <summary>From C# to a .pe: the compiler is the real one, against nanoFramework's own mscorlib, the metadata processor is a fake.</summary>
public sealed class NanoBuildTests
{
    [Fact]
    public void A_program_is_compiled_behind_its_library_and_both_are_processed_with_their_references()
    {
        using FakeTools fake = new();
        using EdgeConv.Cli.Files.TemporaryFolder folder = new();
        string mscorlib = CoreLibrary(fake), library = folder.File("Library.cs"), program = folder.File("Program.cs");
        File.WriteAllText(library, "public static class Library { public static sbyte[] Bytes() { return new sbyte[] { 1, -2, 3 }; } }");
        File.WriteAllText(program, "public static class Program { public static void Main() { System.Console.WriteLine(Library.Bytes()[1].ToString()); } }");
        NanoBuild build = new(Tools(fake, mscorlib), folder, TestContext.Current.CancellationToken);
        build.Build("Digits", isProgram: false, [library]);
        build.Build("App", isProgram: true, [program]);
        Assert.Equal([Path.ChangeExtension(mscorlib, ".pe"), folder.File("Digits.pe"), folder.File("App.pe")], build.PeFiles("App"));
        Assert.All(build.PeFiles("App").Skip(1), pe => Assert.True(File.Exists(pe), pe));
        Assert.Equal(
            [
                "-loadHints", "mscorlib", mscorlib, "-parse", folder.File("Digits.dll"), "-compile", folder.File("Digits.pe"), "false",
                "-loadHints", "mscorlib", mscorlib, "-loadHints", "Digits", folder.File("Digits.dll"), "-parse", folder.File("App.exe"), "-compile", folder.File("App.pe"), "false",
            ],
            fake.Arguments);
    }

    [Fact]
    public void What_nanoFramework_has_not_is_the_compilers_complaint()
    {
        using FakeTools fake = new();
        using EdgeConv.Cli.Files.TemporaryFolder folder = new();
        string program = folder.File("Program.cs");
        File.WriteAllText(program, "class P { static void Main() { var list = new System.Collections.Generic.List<int>(); } }");
        NanoBuild build = new(Tools(fake, CoreLibrary(fake)), folder, TestContext.Current.CancellationToken);
        FailureException thrown = Assert.Throws<FailureException>(() => build.Build("App", isProgram: true, [program]));
        Assert.Contains("the C# compiler refuses App for nanoFramework", thrown.Message);
        Assert.Contains("error CS0234", thrown.Message);
    }

    [Theory]
    [InlineData("echo 'Exception minimizing assembly.' >&2; echo 'Unhandled exception. System.InvalidOperationException: Byte code table overflow' >&2; exit 134", "Byte code table overflow")]
    [InlineData("echo 'Unable to parse input' >&2", "Unable to parse input")]
    [InlineData("exit 0", "exit code 0")]
    public void A_metadata_processor_that_fails_is_heard_although_it_may_end_with_0(string commands, string words)
    {
        using FakeTools fake = new();
        using EdgeConv.Cli.Files.TemporaryFolder folder = new();
        NanoTools tools = Tools(fake, "mscorlib.dll") with { MetadataProcessor = fake.Script("broken", commands) };
        NanoBuild build = new(tools, folder, TestContext.Current.CancellationToken);
        FailureException thrown = Assert.Throws<FailureException>(() => build.Process("App", folder.File("App.exe"), folder.File("App.pe")));
        Assert.Contains("the metadata processor makes no App.pe", thrown.Message);
        Assert.Contains(words, thrown.Message);
    }

    private static NanoTools Tools(FakeTools fake, string mscorlib) =>
        new("/no/clr", fake.Processor(), new Dictionary<string, string> { ["mscorlib"] = mscorlib });

    // With a .pe beside it, as the package has it.
    private static string CoreLibrary(FakeTools fake)
    {
        string mscorlib = Path.Combine(fake.Root, "mscorlib.dll");
        File.Copy(NanoCoreLibrary.Need(), mscorlib);
        File.WriteAllBytes(Path.ChangeExtension(mscorlib, ".pe"), []);
        return mscorlib;
    }
}
