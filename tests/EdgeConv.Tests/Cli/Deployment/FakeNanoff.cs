namespace EdgeConv.Tests.Cli.Deployment;

/// <summary>A tool called nanoff in a folder for the PATH: it writes down how it was called, keeps the image, and fails where it is told to.</summary>
internal sealed class FakeNanoff(TemporaryFolder folder)
{
    private const string Script = """
        #!/bin/sh
        here=$(dirname "$0")
        printf '%s\n' "$*" >> "$here/calls"
        while [ $# -gt 0 ]; do
          [ "$1" = --image ] && cp "$2" "$here/image"
          shift
        done
        [ ! -f "$here/fail" ] || { echo 'Error E6001: no response from device'; exit 60; }
        """;

    /// <summary>The calls, each with its arguments.</summary>
    public string[] Calls => File.Exists(folder.Path("bin", "calls")) ? File.ReadAllLines(folder.Path("bin", "calls")) : [];

    /// <summary>The image that it was given.</summary>
    public byte[] Image => File.ReadAllBytes(folder.Path("bin", "image"));

    /// <summary>A metadata processor beside it, whose .pe files are their beginning and no more.</summary>
    public void AddProcessor() => folder.Script("bin/nanoFramework.Tools.MetadataProcessor", """
        #!/bin/sh
        while [ $# -gt 0 ]; do
          [ "$1" = -compile ] && printf 'NFMRK1\0\0made' > "$2"
          shift
        done
        """);

    /// <summary>Makes it fail.</summary>
    public void Fail() => folder.Write("bin/fail", []);

    /// <summary>Runs edgeconv with it on the PATH.</summary>
    public CliRun Run(params string[] args)
    {
        folder.Script("bin/nanoff", Script);
        return CliRun.InChild(("PATH", $"{folder.Path("bin")}:{Environment.GetEnvironmentVariable("PATH")}"), args);
    }
}
