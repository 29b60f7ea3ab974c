using System.Diagnostics;
using System.Runtime.Versioning;
using EdgeConv.Cli.Deployment;

namespace EdgeConv.Tests.Cli.Deployment;

/// <summary>What deploy makes of an agent's word about its slots, in a real shell: a board without any goes on, and every other failure is one.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class BoardScriptsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0, "state     empty", 0, "to the gate")]
    [InlineData(4, "edgeconv-agent: no slots; give --slots FOLDER, or in the configuration", 0, "")]
    [InlineData(2, "edgeconv-agent: no slots; give --slots FOLDER, or in the configuration", 0, "")]
    [InlineData(2, "edgeconv-agent: 'slots' is no verb; expected run, selftest, bench or paths.", 0, "")]
    [InlineData(2, "agent.toml:3:1: 'decide' has no key 'votse'; did you mean 'votes'?", 2, "agent.toml:3:1: 'decide' has no key 'votse'; did you mean 'votes'?")]
    [InlineData(1, "edgeconv-agent: slots/state is damaged.", 1, "edgeconv-agent: slots/state is damaged.")]
    [InlineData(134, "", 134, "")]
    public void Only_an_agent_that_says_that_there_are_no_slots_is_left_without_a_gate(int code, string says, int expected, string said)
    {
        _folder.Write("versions/v/model.ecm", "model"u8.ToArray());
        _folder.Write($"versions/v/{BoardScripts.UnsignedHead}", "head "u8.ToArray());
        _folder.Script("versions/v/edgeconv-agent", $"""
            #!/bin/sh
            if [ "$1" = update ]; then
              [ "$(cat "$2")" = "head model" ] && echo "to the gate"
            else
              [ -z {SshConnection.Quote(says)} ] || echo {SshConnection.Quote(says)} >&2
              exit {code}
            fi

            """);
        using Process shell = Process.Start(new ProcessStartInfo("sh", ["-c", new BoardScripts(_folder.Path("."), DeployService.None).Package("v")]) { RedirectStandardOutput = true })!;
        string output = shell.StandardOutput.ReadToEnd().Trim();
        shell.WaitForExit();
        Assert.Equal((expected, said), (shell.ExitCode, output));
        Assert.Equal(["edgeconv-agent", "model.ecm"], Directory.GetFiles(_folder.Path("versions/v")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }
}
