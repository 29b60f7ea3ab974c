using EdgeConv.Cli.Emulation;

namespace EdgeConv.Tests.Firmware.Clr;

/// <summary>Shell scripts in the place of a nanoCLR and of the metadata processor; what they are called with is in a file.</summary>
internal sealed class FakeTools : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public FakeTools() => Assert.SkipWhen(OperatingSystem.IsWindows(), "the fakes are shell scripts");

    /// <summary>The arguments of all calls, one a line.</summary>
    public string[] Arguments => File.ReadAllLines(_folder.Path("arguments"));

    /// <summary>A folder on nobody's PATH.</summary>
    public string Root => _folder.Root;

    /// <summary>A program that writes its arguments down and then does this.</summary>
    public string Script(string name, string commands) =>
        _folder.Script(name, $"#!/bin/sh\nfor argument in \"$@\"; do echo \"$argument\" >> '{_folder.Path("arguments")}'; done\n{commands}\n");

    /// <summary>A processor that makes a .pe of any assembly: a copy.</summary>
    public string Processor() => Script("processor", """
        while [ $# -gt 0 ]; do
            case $1 in
                -parse) from=$2 ;;
                -compile) cp "$from" "$2" ;;
            esac
            shift
        done
        """);

    /// <summary>A CLR that prints a text and ends so.</summary>
    public NanoTools Clr(string prints, string ends = "exit 0") =>
        new(Script("clr", $"cat <<'END'\n{prints}\nEND\n{ends}"), Processor(), new Dictionary<string, string>());

    public void Dispose() => _folder.Dispose();
}
