using EdgeConv.Cli;
using EdgeConv.Cli.Deployment;
using EdgeConv.Tests.Agent;

namespace EdgeConv.Tests.Cli.Deployment;

/// <summary>What deploy makes of its command line before it speaks with anybody.</summary>
public sealed class DeployTargetTests
{
    [Theory]
    [InlineData("pi@raspberrypi.local", "pi@raspberrypi.local", null)]
    [InlineData("board", "board", null)]
    [InlineData("pi@10.0.0.7:2222", "pi@10.0.0.7", 2222)]
    [InlineData("pi@fe80::1", "pi@fe80::1", null)]
    [InlineData("pi@[fe80::1]:22", "pi@fe80::1", 22)]
    public void A_board_is_named_as_ssh_names_it(string text, string host, int? port)
    {
        DeployTarget target = DeployTarget.Parse(text);
        Assert.Equal((host, port), (target.Host, target.Port));
    }

    [Theory]
    [InlineData("")]
    [InlineData("pi@")]
    [InlineData("@host")]
    [InlineData("-oProxyCommand=reboot")]
    [InlineData("pi@-oProxyCommand=reboot")]
    [InlineData("pi@host:0")]
    [InlineData("pi@host:x")]
    [InlineData("a host")]
    public void What_ssh_might_take_for_something_else_is_refused(string text) =>
        Assert.Contains("expected user@host", Assert.Throws<UsageException>(() => DeployTarget.Parse(text)).Message);

    [Fact]
    public void What_cannot_be_deployed_is_said_before_anybody_is_called()
    {
        using TemporaryFolder folder = new();
        string bare = folder.Write("bare.ecm", BrightestPixelModel.Write(golden: false)), raw = folder.Write("raw.ecm", BrightestPixelModel.Write(pictures: false));
        CliRun.Of("deploy", bare, "--to", "nobody@invalid.invalid").Failed(ExitCode.Failed, "no golden vectors");
        CliRun.Of("deploy", raw, "--to", "nobody@invalid.invalid").Failed(ExitCode.Failed, "does not say how a picture becomes its input");
        CliRun.Of("deploy", "gone.ecm", "--to", "nobody@invalid.invalid").Failed(ExitCode.Failed, "there is no model file 'gone.ecm'");
        string other = folder.Write("other.ecm", [1, 2, 3]);
        CliRun.Of("deploy", other, "--to", "nobody@invalid.invalid").Failed(ExitCode.Failed, $"'{other}' is not a model that this version runs");
        CliRun.Of("deploy", "--to", "nobody@invalid.invalid").Failed(ExitCode.Usage, "name the model file, or --rollback");
        CliRun.Of("deploy", bare, "--rollback", "--to", "nobody@invalid.invalid").Failed(ExitCode.Usage, "it takes no model");
        CliRun.Of("deploy", bare, "--user-service", "--no-service", "--to", "x").Failed(ExitCode.Usage, "exclude each other");
        CliRun.Of("deploy", bare, "--folder", "here", "--to", "x").Failed(ExitCode.Usage, "begins with '/'");
        CliRun.Of("deploy", bare, "--agent", "missing", "--to", "x").Failed(ExitCode.Failed, "missing: no such file");
    }
}
