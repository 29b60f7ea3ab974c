using System.Device.Gpio;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using EdgeConv.Agent;
using EdgeConv.Agent.Operating;
using EdgeConv.Tests.Devices;

namespace EdgeConv.Tests.Agent.Operating;

/// <summary>install and uninstall, into the folder of an image.</summary>
public sealed class InstallTests : IDisposable
{
    private readonly TemporaryFolder _root = new();
    private readonly string _unit;

    public InstallTests()
    {
        _unit = _root.Path("etc", "systemd", "system", "edgeconv-agent.service");
        _root.Write("etc/edgeconv/agent.toml", "camera = \"v4l2:/dev/video0\"\n"u8.ToArray());
        string agent = _root.Write("opt/edgeconv/edgeconv-agent", "#!/bin/sh\n"u8.ToArray());
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(agent, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
    }

    public void Dispose() => _root.Dispose();

    [Fact]
    public void The_unit_is_written_said_and_taken_away_again()
    {
        _root.Write("etc/group", "root:x:0:\nvideo:x:44:\n"u8.ToArray());
        (int code, string output, string error) = Install();
        Assert.True(code == 0, error);
        Assert.Contains($"wrote {_unit}", output);
        Assert.Contains($"next: systemctl --root={_root.Root} enable edgeconv-agent", output);
        string text = File.ReadAllText(_unit);
        Assert.Contains("ExecStart=/opt/edgeconv/edgeconv-agent run --config /etc/edgeconv/agent.toml\n", text);
        Assert.Contains("ExecStopPost=-/opt/edgeconv/edgeconv-agent safe --config /etc/edgeconv/agent.toml\n", text);
        Assert.Contains("DynamicUser=yes\nSupplementaryGroups=video\n", text);
        Assert.Equal(0, Run("uninstall", "--root", _root.Root).Code);
        Assert.False(File.Exists(_unit));
        (code, _, error) = Run("uninstall", "--root", _root.Root);
        Assert.Equal(1, code);
        Assert.Contains("nothing to take away", error);
    }

    [Fact]
    public void Systemd_finds_nothing_wrong_with_the_unit_and_sees_it_fenced_in()
    {
        Assert.SkipWhen(!File.Exists("/usr/bin/systemd-analyze"), "no systemd-analyze here");
        Assert.Equal(0, Install().Code);
        // It looks for the programs of the unit on this machine.
        string unit = _root.Write("edgeconv-agent.service", System.Text.Encoding.UTF8.GetBytes(
            File.ReadAllText(_unit).Replace("/opt/edgeconv/", $"{_root.Path("opt", "edgeconv")}/", StringComparison.Ordinal)));
        Assert.Equal("", Analyze("verify", unit));
        Match level = Regex.Match(Analyze("security", "--offline=true", unit), "Overall exposure level for [^:]+: ([0-9.]+)");
        Assert.True(double.Parse(level.Groups[1].Value, CultureInfo.InvariantCulture) <= 2.0, level.Value);
    }

    [Fact]
    public void Systemd_finds_nothing_wrong_with_the_unit_of_an_account_or_of_a_user()
    {
        Assert.SkipWhen(!File.Exists("/usr/bin/systemd-analyze"), "no systemd-analyze here");
        string agent = _root.Path("opt", "edgeconv", "edgeconv-agent");
        ServiceUnit account = new(agent, "/etc/a b/50%/agent.toml") { User = "root", Groups = ["root"], Writes = ["/srv/my photos"] };
        Assert.Equal("", Analyze("verify", _root.Write("one/edgeconv-agent.service", System.Text.Encoding.UTF8.GetBytes(account.Text()))));
        Assert.Contains("--config \"/etc/a b/50%%/agent.toml\"", account.Text());
        Assert.Contains("ReadWritePaths=-\"/srv/my photos\"", account.Text());
        ServiceUnit own = new(agent, "/etc/agent.toml") { IsUsersOwn = true, Model = "/m.ecm" };
        Assert.Equal("", Analyze("verify", _root.Write("two/edgeconv-agent.service", System.Text.Encoding.UTF8.GetBytes(own.Text()))));
        Assert.Contains("run /m.ecm --config /etc/agent.toml", own.Text());
        Assert.Contains("WantedBy=default.target", own.Text());
        Assert.DoesNotContain("DynamicUser", own.Text());
    }

    [Theory]
    [InlineData(1, "other.toml: no such file. The agent.toml that comes with the agent", "--config", "/etc/edgeconv/other.toml")]
    [InlineData(1, "/opt/other: no such file. Name the program that the service starts: --agent FILE.", "--agent", "/opt/other")]
    [InlineData(1, "/opt/other.ecm: no such file. The model must be in the image.", "/opt/other.ecm")]
    [InlineData(2, "--scope all", "--scope", "all")]
    [InlineData(2, "without --user and --root", "--scope", "user")]
    public void A_mistake_is_said(int expected, string message, params string[] more)
    {
        string[] agent = more[0] == "--agent" ? [] : ["--agent", "/opt/edgeconv/edgeconv-agent"];
        (int code, _, string error) = Run(["install", "--root", _root.Root, .. agent, .. more]);
        Assert.Equal(expected, code);
        Assert.Contains(message, error);
        Assert.False(File.Exists(_unit));
    }

    [Fact]
    public void A_home_is_no_place_for_what_the_services_own_account_must_read()
    {
        _root.Write("home/pi/agent.toml", "camera = \"v4l2:/dev/video0\"\n"u8.ToArray());
        (int code, _, string error) = Install("--config", "/home/pi/agent.toml");
        Assert.Equal(1, code);
        Assert.Contains("may not look into a home", error);
        Assert.Equal(0, Install("--config", "/home/pi/agent.toml", "--user", "pi").Code);
        Assert.Contains("User=pi\n", File.ReadAllText(_unit));
        Assert.Contains("ProtectHome=read-only\n", File.ReadAllText(_unit));
    }

    [Fact]
    public void After_a_crash_the_lines_of_all_rules_are_switched_off_even_without_the_model()
    {
        string config = _root.Write("agent.toml", """
            model = "gone.ecm"
            camera = "v4l2:/dev/video0"
            [[rule]]
            when = "any"
            set = 17
            [[rule]]
            when = "unknown"
            blink = { line = 22, ms = 400, active-low = true }
            """u8.ToArray());
        SimulatedGpioDriver chip = new();
        chip.Set(17, PinValue.High);
        chip.Set(22, PinValue.Low);
        chip.Set(23, PinValue.High);
        StringWriter output = new();
        SafeCommand.Execute(Arguments.Parse(["safe", "--config", config], "--config"), output, _ => new GpioController(chip));
        Assert.Equal([22, 23], chip.High);
        Assert.Empty(chip.Open);
        Assert.StartsWith("off: 17, 22", output.ToString());

        SimulatedGpioDriver busy = new() { Busy = 17 };
        Assert.Contains("lines 17, 22: line 17 is busy", Assert.Throws<FailureException>(() => SafeCommand.Execute(
            Arguments.Parse(["safe", "--config", config], "--config"), output, _ => new GpioController(busy))).Message);
        Assert.Equal(2, Run("safe").Code);
    }

    private static string Analyze(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("/usr/bin/systemd-analyze", [.. arguments, "--no-pager"])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output + errors.Result;
    }

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        int code = AgentProgram.Run(args, output, error);
        return (code, output.ToString(), error.ToString());
    }

    private (int Code, string Output, string Error) Install(params string[] more) =>
        Run(["install", "--root", _root.Root, "--agent", "/opt/edgeconv/edgeconv-agent", .. more]);
}
