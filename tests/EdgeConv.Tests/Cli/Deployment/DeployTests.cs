using System.Text;
using EdgeConv.Cli;
using EdgeConv.Cli.Deployment;
using EdgeConv.Cli.Screen;
using EdgeConv.Devices.Updating;
using EdgeConv.Tests.Agent;

namespace EdgeConv.Tests.Cli.Deployment;

/// <summary>deploy over a real ssh, with the real agent at the other end.</summary>
public sealed class DeployTests(SshBoard board) : IClassFixture<SshBoard>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Place => _folder.Path("run");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_is_copied_tested_there_and_switched_to_and_the_one_before_comes_back()
    {
        board.Need();
        CliRun first = Deploy(Model());
        Assert.True(first.Code == 0, first.Errors);
        Assert.Contains(": same bytes, 1 golden vectors, 1 layers", first.Output);
        Assert.Contains("there is no version before it", first.Output);
        string one = Current();
        Assert.Equal(["agent.toml", "edgeconv-agent", "model.ecm"], Directory.GetFiles(Path.Combine(Place, one)).Select(Path.GetFileName).Order());
        Assert.Equal(BrightestPixelModel.Write(), File.ReadAllBytes(Path.Combine(Place, "current", "model.ecm")));
        Assert.Contains("camera = \"v4l2:/dev/video0\"", File.ReadAllText(Path.Combine(Place, "current", "agent.toml")));

        string config = _folder.Write("mine.toml", "camera = \"folder:/tmp?fps=1\"\n[decide]\nvotes = 3\n"u8.ToArray());
        Assert.Equal(0, Deploy(Model(), "--config", config).Code);
        string two = Current();
        Assert.NotEqual(one, two);
        CliRun third = Deploy(Model());
        Assert.Equal(0, third.Code);
        Assert.Equal(File.ReadAllText(config), File.ReadAllText(Path.Combine(Place, "current", "agent.toml")));
        Assert.Equal(new[] { two, Current() }.Order(), Directory.GetDirectories(Path.Combine(Place, "versions")).Select(folder => "versions/" + Path.GetFileName(folder)).Order());

        string three = Current();
        CliRun back = Run("deploy", "--rollback", "--no-service", "--folder", Place);
        Assert.True(back.Code == 0, back.Errors);
        Assert.Equal(two, Current());
        Assert.Equal(0, Run("deploy", "--rollback", "--no-service", "--folder", Place).Code);
        Assert.Equal(three, Current());
        Assert.Empty(Directory.GetFileSystemEntries(board.At("home"), ".edgeconv-*"));
    }

    [Fact]
    public void A_model_whose_selftest_fails_there_never_becomes_the_one_that_runs()
    {
        board.Need();
        Assert.Equal(0, Deploy(Model()).Code);
        string before = Current();
        Deploy(_folder.Write("bad.ecm", BrightestPixelModel.Write(spoiled: true)))
            .Failed(ExitCode.Failed, "the selftest failed there", "DIFFERS, golden vector 0, first at layer 0, pick", "The version before goes on");
        Assert.Equal(before, Current());
        Assert.Single(Directory.GetDirectories(Path.Combine(Place, "versions")));
    }

    [Fact]
    public void A_configuration_with_a_mistake_is_said_with_its_line()
    {
        board.Need();
        string config = _folder.Write("mine.toml", "camera = \"v4l2:/dev/video0\"\nvotse = 3\n"u8.ToArray());
        Deploy(Model(), "--config", config).Failed(ExitCode.Failed, "the configuration has mistakes", "agent.toml:2:1");
        Assert.False(Directory.Exists(Path.Combine(Place, "current")));
    }

    [Fact]
    public void A_signed_model_goes_through_the_gate_there_and_a_new_one_comes_without_anything_else()
    {
        board.Need();
        Assert.Equal(0, CliRun.Of("keygen", "-o", _folder.Path("k.pem")).Code);
        string config = _folder.Write("mine.toml", Encoding.UTF8.GetBytes(
            $"camera = \"folder:/tmp?fps=1\"\n[update]\nslots = \"{_folder.Path("slots")}\"\nkey = \"{_folder.Path("k.pub.pem")}\"\n"));
        Deploy(Model(), "--config", config).Failed(ExitCode.Failed, "the configuration has mistakes", "nobody signed it", "The version before goes on");
        CliRun signed = Deploy(Model(), "--config", config, "--key", _folder.Path("k.pem"), "--model-version", "7");
        Assert.True(signed.Code == 0, signed.Errors);
        Assert.Contains("passed the gate and is on trial", signed.Output, StringComparison.Ordinal);
        Assert.Equal(["agent.toml", "edgeconv-agent", "model.ecm", "model.ecm.sig"], Directory.GetFiles(Path.Combine(Place, "current")).Select(Path.GetFileName).Order());
        ModelSlots slots = new(_folder.Path("slots"));
        Assert.Equal(7, slots.Status().Current!.Version);
        Assert.True(slots.Confirm(slots.Status().Current!.ModelHash));

        string before = Current(), next = _folder.Write("next.ecm", BrightestPixelModel.Write(name: "next"));
        string[] only = ["--no-service", "--folder", Place, "--model-only"];
        Run(["deploy", next, .. only]).Failed(ExitCode.Failed, "refused (Unsigned)");
        Run(["deploy", next, "--key", _folder.Path("k.pem"), "--model-version", "7", .. only]).Failed(ExitCode.Failed, "refused (Rollback)", "version 7, as another model");
        string package = _folder.Path("next.ecpkg");
        Assert.Equal(0, CliRun.Of("sign", next, "--key", _folder.Path("k.pem"), "--package", package, "--model-version", "8").Code);
        Run(["deploy", package, "--model-version", "9", .. only]).Failed(ExitCode.Failed, "is of version 8, and --model-version is 9");
        CliRun update = Run(["deploy", package, "--model-version", "8", .. only]);
        Assert.True(update.Code == 0, update.Errors);
        Assert.Contains("passed the gate and is on trial", update.Output, StringComparison.Ordinal);
        Assert.Equal(("next", before), (slots.Status().Current!.Name, Current()));
        Run(["deploy", next, "--no-service", "--folder", _folder.Path("nowhere"), "--model-only"]).Failed(ExitCode.Failed, "nothing was deployed there");
        File.WriteAllText(_folder.Path("slots", "state"), "edgeconv-slots 1");
        Deploy(Model(), "--key", _folder.Path("k.pem")).Failed(ExitCode.Failed, "the gate there does not take the model", "state is damaged. Take it away", "The version before goes on");
        Assert.Equal(before, Current());
        Assert.Empty(Directory.GetFileSystemEntries(board.At("home"), ".edgeconv-*"));
    }

    [Theory]
    [InlineData("foldr:x", "camera 'foldr:x' is neither a path nor a URI that is known")]
    [InlineData("v4l2:/dev/video0?fps=ten", "fps=ten: expected a number above 0")]
    public void A_camera_with_a_mistake_is_said_before_the_board_is_asked_anything(string uri, string message) =>
        CliRun.Of("deploy", Model(), "--to", "nobody@127.0.0.1:1", "--camera", uri).Failed(ExitCode.Usage, message);

    [Fact]
    public void A_version_that_cannot_be_meant_and_a_package_where_a_model_is_are_said_before_the_board_is_asked_anything()
    {
        string model = Model(), key = _folder.Path("k.pem"), package = _folder.Path("p.ecpkg");
        string[] to = ["--to", "nobody@127.0.0.1:1"];
        Assert.Equal(0, CliRun.Of("keygen", "-o", key).Code);
        Assert.Equal(0, CliRun.Of("sign", model, "--key", key, "--model-version", "3").Code);
        Assert.Equal(0, CliRun.Of("sign", model, "--key", key, "--model-version", "3", "--package", package).Code);
        CliRun.Of(["deploy", model, "--model-version", "-1", .. to]).Failed(ExitCode.Usage, "--model-version is -1; a whole number from 0 to 2^53");
        CliRun.Of(["deploy", model, "--model-version", "4", .. to]).Failed(ExitCode.Failed, "model.ecm.sig is of version 3, and --model-version is 4", "sign the model anew");
        CliRun.Of(["deploy", model, "--model-version", "3", .. to]).Failed(ExitCode.Failed, "cannot be reached");
        CliRun.Of(["deploy", "--rollback", "--model-version", "3", .. to]).Failed(ExitCode.Usage, "--rollback brings back what is there");
        CliRun.Of(["deploy", package, .. to]).Failed(ExitCode.Failed, "p.ecpkg is a package", "--model-only");
        CliRun.Of(["deploy", model + ".sig", "--model-only", .. to]).Failed(ExitCode.Failed, "it is a signature alone; name the model");
        CliRun.Of(["deploy", package, "--model-only", "--key", key, .. to]).Failed(ExitCode.Usage, "--key goes with a model");
        _folder.Write("model.ecm", BrightestPixelModel.Write(name: "brightesT"));
        CliRun.Of(["deploy", model, .. to]).Failed(ExitCode.Failed, "not the model that model.ecm.sig was made for");
    }

    [Fact]
    public void The_service_is_written_enabled_and_started_and_a_start_that_fails_brings_the_version_before_back()
    {
        board.Need();
        string unit = board.At("home", ".config", "systemd", "user", "edgeconv-agent.service");
        CliRun first = Service();
        Assert.True(first.Code == 0, first.Errors);
        Assert.Contains($"ExecStart={Place}/current/edgeconv-agent run {Place}/current/model.ecm --config {Place}/current/agent.toml", File.ReadAllText(unit));
        Assert.Equal(["--user daemon-reload", "--user enable edgeconv-agent.service", "--user restart edgeconv-agent.service", "--user is-active edgeconv-agent.service"],
            board.Systemctl.Where(line => line != "").TakeLast(4));
        string before = Current();
        board.LetServicesStart(false);
        try
        {
            Service().Failed(ExitCode.Failed, "the service does not start", "The version before is current again");
            Assert.Equal(before, Current());
            Assert.Equal("--user restart edgeconv-agent.service", board.Systemctl[^1]);
        }
        finally
        {
            board.LetServicesStart(true);
        }

        board.LetServicesStart(false);
        try
        {
            Run("deploy", Model(), "--user-service", "--folder", _folder.Path("new"), "--agent", board.Agent).Failed(ExitCode.Failed, "There was no version before; nothing runs");
            Assert.False(Path.Exists(_folder.Path("new", "current")));
            Assert.Equal("--user disable --now edgeconv-agent.service", board.Systemctl[^1]);
        }
        finally
        {
            board.LetServicesStart(true);
        }

        CliRun Service() => Run("deploy", Model(), "--user-service", "--folder", Place, "--agent", board.Agent);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    [InlineData(250)]
    public void Ctrl_C_leaves_the_version_before(int milliseconds)
    {
        board.Need();
        Assert.Equal(0, Deploy(Model()).Code);
        string before = Current();
        using CancellationTokenSource stop = new();
        StringWriter output = new();
        int code = App.Run(["deploy", Model(), "--no-service", "--folder", Place, "--agent", board.Agent, "--to", board.Address, "--ssh-config", board.SshConfig],
            new Terminal(output, new Trigger(("copying", () => Stop(stop, milliseconds)), ("switching", stop.Cancel))), stop.Token);   // before the switch, however slow the clock
        Assert.Equal((ExitCode.Interrupted, ""), (code, output.ToString()));
        Assert.Equal(before, Current());
        Assert.Empty(Directory.GetFileSystemEntries(board.At("home"), ".edgeconv-*"));
        Assert.Equal(0, Deploy(Model()).Code);

        static void Stop(CancellationTokenSource source, int after)
        {
            if (after == 0)
            {
                source.Cancel();
            }
            else
            {
                source.CancelAfter(after);
            }
        }
    }

    [Fact]
    public void Ctrl_C_while_the_board_makes_the_folder_of_the_copy_leaves_none()
    {
        board.Need();
        board.MakeFoldersSlowly();
        try
        {
            using CancellationTokenSource stop = new();
            Thread press = new(() =>
            {
                if (SpinWait.SpinUntil(() => File.Exists(board.At("making")), TimeSpan.FromSeconds(60)))
                {
                    stop.Cancel();
                }
            });
            press.Start();
            CliRun run = CliRun.Of(stop.Token, "deploy", Model(), "--no-service", "--folder", Place, "--agent", board.Agent, "--to", board.Address, "--ssh-config", board.SshConfig);
            press.Join();
            Assert.Equal(ExitCode.Interrupted, run.Code);
            Assert.True(SpinWait.SpinUntil(() => File.Exists(board.At("made")), TimeSpan.FromSeconds(60)));
            Assert.Empty(Directory.GetFileSystemEntries(board.At("home"), ".edgeconv-*"));
        }
        finally
        {
            board.MakeFolders();
        }
    }

    [Fact]
    public void Who_is_not_let_in_or_does_not_know_the_host_is_told_what_to_do()
    {
        board.Need();
        string stranger = board.Config("stranger_config", "known", "stranger"), unknown = board.Config("unknown_config", "nobody", "user");
        To(board.Address, stranger).Failed(ExitCode.Failed, "does not let you in", $"ssh-copy-id -p {board.Port}");
        To(board.Address, unknown).Failed(ExitCode.Failed, "its host key is not known yet", $"ssh -p {board.Port}");
        To($"{Environment.UserName}@127.0.0.1:1", board.SshConfig).Failed(ExitCode.Failed, "cannot be reached", "Connection refused");
        File.WriteAllText(board.At("changed"), $"[127.0.0.1]:{board.Port} {File.ReadAllText(board.At("user.pub"))}");
        To(board.Address, board.Config("changed_config", "changed", "user")).Failed(ExitCode.Failed, "host key is another one than before", "ssh-keygen -R");

        CliRun To(string address, string config) =>
            CliRun.Of("deploy", Model(), "--no-service", "--folder", Place, "--agent", board.Agent, "--to", address, "--ssh-config", config);
    }

    [Fact]
    public void An_agent_for_another_processor_is_refused()
    {
        board.Need();
        byte[] head = File.ReadAllBytes(board.Agent)[..64];
        head[18] = (byte)(head[18] == 62 ? 183 : 62);
        CliRun other = Run("deploy", Model(), "--no-service", "--folder", Place, "--agent", _folder.Write("other", head));
        other.Failed(ExitCode.Failed, $"is for {(head[18] == 62 ? "x86_64" : "aarch64")}, and ");
        Run("deploy", Model(), "--no-service", "--folder", Place, "--agent", _folder.Write("text", Encoding.ASCII.GetBytes("#!/bin/sh\n")))
            .Failed(ExitCode.Failed, "is no program for 64-bit Linux");
    }

    [Fact]
    public void A_rollback_without_anything_before_is_said()
    {
        board.Need();
        Run("deploy", "--rollback", "--no-service", "--folder", Place).Failed(ExitCode.Failed, "nothing was deployed there");
        Assert.Equal(0, Deploy(Model()).Code);
        Run("deploy", "--rollback", "--no-service", "--folder", Place).Failed(ExitCode.Failed, "there is no version before this one");
    }

    [Fact]
    public void A_folder_with_blanks_and_quotes_is_one_folder()
    {
        board.Need();
        string place = _folder.Path("it's a \"folder\" $HOME");
        CliRun run = Run("deploy", Model(), "--no-service", "--folder", place, "--agent", board.Agent);
        Assert.True(run.Code == 0, run.Errors);
        Assert.True(File.Exists(Path.Combine(place, "current", "model.ecm")));
    }

    private string Model() => _folder.Write("model.ecm", BrightestPixelModel.Write());

    private string Current() => new FileInfo(Path.Combine(Place, "current")).LinkTarget!;

    private CliRun Deploy(string model, params string[] more) =>
        Run(["deploy", model, "--no-service", "--folder", Place, "--agent", board.Agent, .. more]);

    private CliRun Run(params string[] args) => CliRun.Of([.. args, "--to", board.Address, "--ssh-config", board.SshConfig]);

    /// <summary>Does something when a word is written.</summary>
    private sealed class Trigger(params (string Word, Action Act)[] words) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            foreach ((string word, Action act) in words)
            {
                if (value?.Contains(word, StringComparison.Ordinal) == true)
                {
                    act();
                }
            }
        }
    }
}
