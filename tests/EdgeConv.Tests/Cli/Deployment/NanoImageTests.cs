using EdgeConv.Cli;
using EdgeConv.Cli.Deployment.Nano;
using EdgeConv.Tests.Firmware.Legality;
using Microsoft.CodeAnalysis;

namespace EdgeConv.Tests.Cli.Deployment;

/// <summary>The deployment image of a nanoFramework board against one made by hand.</summary>
public sealed class NanoImageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Files_lie_one_after_another_each_filled_up_to_four_bytes()
    {
        string first = _folder.Write("a.pe", [.. "NFMRK1\0\0"u8, 1]), second = _folder.Write("b.pe", [.. "NFMRK1\0\0"u8, 2, 3, 4, 5]);
        string third = _folder.Write("c.pe", [.. "NFMRK1\0\0"u8, 6, 7, 8]);
        byte[] expected =
        [
            0x4E, 0x46, 0x4D, 0x52, 0x4B, 0x31, 0, 0, 1, 0, 0, 0,
            0x4E, 0x46, 0x4D, 0x52, 0x4B, 0x31, 0, 0, 2, 3, 4, 5,
            0x4E, 0x46, 0x4D, 0x52, 0x4B, 0x31, 0, 0, 6, 7, 8, 0,
        ];
        Assert.Equal(expected, NanoImage.Create([first, second, third]));
    }

    [Fact]
    public void Each_file_is_behind_those_that_its_assembly_refers_to()
    {
        MetadataReference zebra = Assembly("Zebra", "public class Z { }");
        MetadataReference yak = Assembly("Yak", "public class Y { public Z z; }", zebra);
        Assembly("App", "public class A { public Y y; }", yak, zebra);
        _folder.Write("bin/Release/mscorlib.pe", []);
        Assert.Equal(["mscorlib", "Zebra", "Yak", "App"], NanoImage.Find(_folder.Root).Select(Path.GetFileNameWithoutExtension));
    }

    [Fact]
    public void A_release_build_goes_before_a_debug_build()
    {
        _folder.Write("app/bin/Debug/App.pe", []);
        Assert.Equal([_folder.Path("app", "bin", "Debug", "App.pe")], NanoImage.Find(_folder.Path("app")));
        _folder.Write("app/bin/Release/App.pe", []);
        Assert.Equal([_folder.Path("app", "bin", "Release", "App.pe")], NanoImage.Find(_folder.Path("app")));
    }

    [Theory]
    [InlineData("NFMRK2\0\0")]
    [InlineData("MZ")]
    [InlineData("")]
    public void A_file_of_another_format_is_refused(string begin)
    {
        string file = _folder.Write("App.pe", System.Text.Encoding.ASCII.GetBytes(begin));
        Assert.Contains("does not begin with NFMRK1", Assert.Throws<FailureException>(() => NanoImage.Create([file])).Message);
    }

    private PortableExecutableReference Assembly(string name, string source, params MetadataReference[] references)
    {
        byte[] bytes = NanoCompiler.ForNano(name, [source], [.. NanoCompiler.DotNet, .. references]).ToArray();
        _folder.Write($"bin/Release/{name}.dll", bytes);
        _folder.Write($"bin/Release/{name}.pe", []);
        return MetadataReference.CreateFromImage(bytes);
    }
}
