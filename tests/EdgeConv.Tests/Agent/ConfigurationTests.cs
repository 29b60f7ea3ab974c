using System.Runtime.Versioning;
using EdgeConv.Agent;
using EdgeConv.Agent.Configuring;
using EdgeConv.Devices.Acting;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Gpio;
using EdgeConv.Devices.Updating;

namespace EdgeConv.Tests.Agent;

/// <summary>agent.toml: what it says is what is watched, and every mistake in it is named with its place.</summary>
public sealed class ConfigurationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public ConfigurationTests() => _model = _folder.Write("brightest.ecm", BrightestPixelModel.Write());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_example_of_the_samples_is_read()
    {
        File.Copy(RepositoryFolder.Path("hw-samples", "agent.toml"), _folder.Path("agent.toml"));
        _folder.Write("lenet5.ecm", BrightestPixelModel.Write(classes: 10, digits: true));
        AgentSettings settings = AgentSettings.Read(_folder.Path("agent.toml"));
        Assert.Equal((_folder.Path("lenet5.ecm"), "v4l2:/dev/video0?size=640x480", 2), (settings.Model, settings.Camera, settings.Threads));
        Assert.Equal(new DecisionRules(0.6f, 5, 0, TimeSpan.FromMilliseconds(300)), settings.Decide.Rules);
        Assert.Equal((new FrameRegion(0.25, 0.25, 0.5, 0.5, true), 15), (settings.Decide.Region, settings.Decide.MostFramesASecond));
        Assert.Equal(new GpioSettings(null, false, 21), settings.Gpio);
        Assert.Equal(new ServeSettings(":8080", null, _folder.Path("photos")), settings.Serve);
        Assert.Equal(("localhost", 1883, "kitchen/"), (settings.Mqtt!.Host, settings.Mqtt.Port, settings.Mqtt.Prefix));
        Assert.Equal(["lamp", "bell", "nothing there", "report", "photographs of what it is not sure of"], settings.Rules.Select(rule => rule.Name));
        Assert.Equal([new SetRule(new OutputLine(17))], settings.Rules[0].Actions);
        Assert.Equal(TimeSpan.FromMilliseconds(500), settings.Rules[0].For);
        Assert.Equal([new PulseRule(new OutputLine(27), TimeSpan.FromMilliseconds(150)), new PublishRule("digit", "{class}", 1, true)], settings.Rules[1].Actions);
        Assert.Equal(["1", "2", "3"], settings.Rules[1].When.Names);
        Assert.Equal((0.9f, TimeSpan.FromSeconds(2)), (settings.Rules[1].Confidence, settings.Rules[1].AtMostEvery));
        Assert.Equal([new BlinkRule(new OutputLine(22, ActiveLow: true), TimeSpan.FromMilliseconds(400))], settings.Rules[2].Actions);
        PostRule post = Assert.IsType<PostRule>(settings.Rules[3].Actions[0]);
        Assert.Equal(("http://localhost:8000/seen", "Bearer secret", TimeSpan.FromSeconds(5)), (post.Address.ToString(), post.Headers.Single().Value, post.Limit));
        RunRule run = Assert.IsType<RunRule>(settings.Rules[3].Actions[1]);
        Assert.Equal(["logger", "-t", "edgeconv", "saw {class}"], run.Words);
        Assert.Equal(new AppendRule(_folder.Path("seen.jsonl"), 10_000_000, 3), settings.Rules[3].Actions[2]);
        Assert.Equal(new SaveRule(_folder.Path("photos"), "unsorted", 6, 500_000_000), settings.Rules[4].Actions.Single());
    }

    [Fact]
    public void Keys_that_are_none_and_slots_that_are_no_folder_are_mistakes_among_the_others()
    {
        using SigningKey pair = SigningKey.Create(_folder.Path("k.pem"), _folder.Path("k.pub.pem"));
        _folder.Write("note.txt", "no key"u8.ToArray());
        string file = Write("""
            model = "brightest.ecm"
            camra = "folder:x"
            [update]
            key = ["k.pub.pem", "k.pem",
              "note.txt", "gone.pem"]
            slots = "note.txt"
            """);
        foreach (string verb in new[] { "check", "run" })
        {
            (int code, string output, string error) = Run(verb, "--config", file);
            Assert.Equal((2, ""), (code, output));
            string[] lines = error.Split('\n');
            string[] expected = [":2:1: the file has no key 'camra'", $":4:21: key: {_folder.Path("k.pem")}: a private key; a public one belongs here",
                $":5:3: key: {_folder.Path("note.txt")}: expected a public key", ":5:15: key: there is no such file or folder.", $":6:9: slots: {_folder.Path("note.txt")} is a file; expected a folder"];
            Assert.Equal(expected.Length, lines.Count(line => line.StartsWith(file, StringComparison.Ordinal)));
            Assert.All(expected.Zip(lines), line => Assert.StartsWith(file + line.First, line.Second, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void All_mistakes_of_a_file_are_said_at_once_with_their_places()
    {
        string file = Write("""
            model = "brightest.ecm"
            camra = "folder:x"
            threads = "two"
            path = "Cray"

            [decide]
            treshold = 0.5
            votes = 3
            margin = 2
            hold = 300
            region = { x = 0.5, y = 0.0, width = 0.75, height = 1.0 }

            [gpio]
            stop-button = 17

            [[rule]]
            when = ["left", "cup"]
            set = 17

            [[rule]]
            when = "any"
            pulse = { line = 40, ms = 0 }
            publish = "topic"

            [[rule]]
            for = "soon"

            [[rule]]
            when = "right"
            post = "ftp://host"
            save = { class = "a/b" }
            [speed]
            """);
        (int code, string output, string error) = Run("check", "--config", file);
        Assert.Equal((2, ""), (code, output));
        string[] expected =
        [
            "2:1: the file has no key 'camra'; did you mean 'camera'?",
            "3:11: threads: found \"two\", expected a whole number from 1 to 64.",
            "4:8: path: unknown kernel path 'Cray'",
            "7:1: 'decide' has no key 'treshold'; did you mean 'threshold'?",
            "9:10: margin: of 3 votes 2 are a majority; a margin of at most 1 is left.",
            "10:8: hold: found 300, expected a time with its unit",
            "11:10: region: expected a rectangle inside of the picture",
            "17:17: brightest has no class \"cup\"; it has \"unknown\", \"any\", \"left\", \"right\", \"below\".",
            "18:7: line: GPIO line 17 is taken already, at 14:",
            "22:18: line: found 40, expected a whole number from 0 to 27.",
            "22:27: ms: found 0, expected a whole number from 1 to 3600000.",
            "23:11: publish: to whom? Name the broker: [mqtt] broker = \"host:1883\".",
            "25:3: 'rule' lacks 'when'.",
            "25:3: a rule without an action; expected set, pulse",
            "26:7: for: found \"soon\", expected a time with its unit",
            "30:8: url: found \"ftp://host\", expected one such as \"http://host:8080/path\".",
            "31:8: 'save' lacks 'folder'.",
            "31:18: class: \"a/b\" is no name for a folder",
            "32:2: the file has no key 'speed'; expected camera, decide, fleet, gpio",
        ];
        string[] said = error.Split('\n');
        Assert.Equal(expected.Length + 1, said.Length);
        Assert.All(expected.Zip(said), pair => Assert.StartsWith($"{file}:{pair.First}", pair.Second));
        Assert.Equal($"edgeconv-agent: {expected.Length} mistakes in {file}; nothing was started.", said[^1]);
    }

    [Fact]
    public void Of_a_file_that_is_something_else_altogether_fifty_mistakes_are_said_and_the_others_counted()
    {
        string file = Write(string.Concat(Enumerable.Range(0, 300).Select(i => $"key{i} = 1\n")));
        (int code, _, string error) = Run("check", "--config", file);
        string[] said = error.Split('\n');
        Assert.Equal((2, 52), (code, said.Length));
        Assert.Equal([$"{file}: and 250 more", $"edgeconv-agent: 300 mistakes in {file}; nothing was started."], said[^2..]);
    }

    [Fact]
    public void A_mistake_stays_one_line_whatever_the_file_says()
    {
        string file = Write("model = \"\"\"a\nb\"\"\"");
        string[] said = Run("check", "--config", file).Error.Split('\n');
        Assert.Equal(2, said.Length);
        Assert.StartsWith($"{file}:1:9: model: ", said[0]);
    }

    [Theory]
    [InlineData("model = lenet5.ecm\ncamera = v4l2:/dev/video0\nvote = 1", "1:9: TOML: ", "2:10: TOML: ")]
    [InlineData("[decide\nvotes = 3\n[gpio]\nstop-buton = 3", "1:8: TOML: ", "2:")]
    [InlineData("threads = 1\nthreads = 2\nvote = 1", "2:1: TOML: The key `threads` is already defined at (1,1)")]
    public void Of_a_file_that_is_no_TOML_only_that_is_said_once_a_line(string text, params string[] expected)
    {
        string file = Write(text);
        (int code, _, string error) = Run("check", "--config", file);
        string[] said = error.Split('\n');
        Assert.Equal((2, expected.Length + 1), (code, said.Length));
        Assert.All(expected.Zip(said), pair => Assert.StartsWith($"{file}:{pair.First}", pair.Second));
        Assert.EndsWith($"in {file}; nothing was started. What it says is looked at once it is TOML.", said[^1]);
    }

    [Theory]
    [InlineData("threads = ", "1:11: TOML: ")]
    [InlineData("[decide]\nvotes = 1\nvotes = 2", "3:1")]
    [InlineData("[decide]\n[decide]", "2:")]
    [InlineData("rule = 3", "1:8: rule: found 3, expected tables, each of which begins with [[rule]].")]
    [InlineData("decide = 3", "1:10: decide: found 3, expected a table, such as [decide].")]
    [InlineData("model = 1979-05-27", "1:9: model: found a date, expected a text")]
    [InlineData("model = \"nowhere.ecm\"", "1:9: model: ")]
    [InlineData("camera = \"folder:pictures?fps=ten\"", "1:10: camera: fps=ten: expected a number above 0")]
    [InlineData("camera = \"usb:1\"", "1:10: camera: camera 'usb:1' is neither a path nor a URI")]
    [InlineData("[mqtt]\nbroker = \"host:99999\"", "2:10: broker: found \"host:99999\"")]
    [InlineData("[mqtt]\nuser = \"x\"", "1:2: 'mqtt' lacks 'broker'.")]
    [InlineData("[mqtt]\nbroker = \"h\"\ntelemetry = \"2000 h\"", "3:13: telemetry: expected 1 s to 24 h between two reports.")]
    [InlineData("[mqtt]\nbroker = \"h\"\npassword-file = \"none\"", "3:17: password-file: ")]
    [InlineData("[mqtt]\nbroker = \"h\"\n[[rule]]\nwhen = \"any\"\npublish = \"a/#\"", "5:11: topic: + and # stand for other topics")]
    [InlineData("[[rule]]\nwhen = \"any\"\nset = { line = 1, activelow = true }", "3:19: 'set' has no key 'activelow'; did you mean 'active-low'?")]
    [InlineData("[[rule]]\nwhen = \"any\"\nrun = \"ls -l\"", "3:7: command: found \"ls -l\", expected a list such as [\"one\", \"two\"].")]
    [InlineData("[[rule]]\nwhen = \"any\"\npulse = { line = 1 }", "3:9: 'pulse' lacks 'ms'.")]
    [InlineData("[[rule]]\nwhen = []\nset = 1", "2:8: when: found a list, expected a text in quotes, or a list such as [\"one\", \"two\"].")]
    [InlineData("[gpio]\nchip = \"other\"\n[[rule]]\nwhen = \"any\"\nset = 512", "5:7: line: found 512, expected a whole number from 0 to 511.")]
    [InlineData("[update]\nlatency = \"0 ms\"", "2:11: latency: found \"0 ms\", expected a time above 0.")]
    [InlineData("[update]\ntrial = \"0 s\"", "2:9: trial: found \"0 s\", expected a time above 0.")]
    [InlineData("[[rule]]\nwhen = \"any\"\nrun = { command = [\"ls\"], time-limit = \"0 s\" }", "3:40: time-limit: found \"0 s\", expected a time above 0.")]
    [InlineData("[serve]\nadress = \":8080\"", "2:1: 'serve' has no key 'adress'; did you mean 'address'?")]
    public void A_mistake_is_said_with_its_place(string text, string message)
    {
        string file = Write(text);
        (int code, _, string error) = Run("run", "--config", file);
        Assert.Equal(2, code);
        Assert.Contains(error.Split('\n'), line => line.StartsWith($"{file}:{message}", StringComparison.Ordinal));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void A_password_that_others_may_read_is_a_mistake_and_keeps_no_line_on()
    {
        string file = Write("[mqtt]\nbroker = \"h\"\nuser = \"u\"\npassword-file = \"secret\"\n[[rule]]\nwhen = \"any\"\nset = 17\n"), secret = _folder.Write("secret", " se cret \r\n"u8.ToArray());
        foreach ((UnixFileMode mode, string? says) in new[] { (UnixFileMode.OtherRead, "may be read or written by others; chmod 600 it"), (UnixFileMode.GroupWrite, "may be read or written by others"), (UnixFileMode.GroupRead, null) })
        {
            File.SetUnixFileMode(secret, UnixFileMode.UserRead | UnixFileMode.UserWrite | mode);
            (int code, _, string error) = Run("check", "--config", file);
            Assert.Equal(says is null ? 0 : 2, code);
            Assert.StartsWith(says is null ? "" : $"{file}:4:17: password-file: {secret} {says}", error, StringComparison.Ordinal);
            Assert.Equal([new SetRule(new OutputLine(17))], AgentSettings.Read(file, looksAtFiles: false).Rules.Single().Actions);
        }

        Assert.Equal(" se cret ", AgentSettings.Read(file).Mqtt!.Password);
    }

    [Fact]
    public void The_command_line_wins_over_the_file()
    {
        string file = Write("""
            model = "nowhere.ecm"
            camera = "folder:elsewhere?fps=1"
            threads = 2
            [decide]
            votes = 3
            margin = 1
            threshold = 0.9
            """);
        Arguments arguments = Arguments.Parse(["run", _model, "--config", file, "--camera", "folder:here", "--votes", "1"], [.. WatchSettings.Options, "--path", "--threads"]);
        WatchSettings settings = WatchSettings.Read(arguments);
        Assert.Equal((_model, "folder:here", 2), (settings.Source.File, settings.Camera.ToString(), settings.Threads));
        Assert.Equal(new DecisionRules(0.9f, 1), settings.Decide);
    }

    [Fact]
    public void Regions_are_fractions_or_pixels()
    {
        Assert.Equal(new FrameRegion(0, 20, 160, 100, false), Decide("region = { x = 0, y = 20, width = 160, height = 100 }").Region);
        Assert.Equal(new FrameRegion(0, 0.5, 1, 0.5, true), Decide("region = { x = 0, y = 0.5, width = 1, height = 0.5 }").Region);

        DecideSettings Decide(string text) => AgentSettings.Read(Write("[decide]\n" + text)).Decide;
    }

    [Fact]
    public void Dotted_keys_and_inline_tables_say_the_same()
    {
        AgentSettings settings = AgentSettings.Read(Write("""
            decide.votes = 7
            gpio = { active-low = true }
            [[rule]]
            when = 'any'
            blink.line = 4
            blink.ms = 100
            """));
        Assert.Equal(7, settings.Decide.Rules.Votes);
        Assert.Equal([new BlinkRule(new OutputLine(4, true), TimeSpan.FromMilliseconds(100))], settings.Rules.Single().Actions);
    }

    [Fact]
    public void A_good_file_is_checked_and_run()
    {
        _folder.Write("frames/1.pgm", [.. "P5 2 2 255\n"u8, 0, 255, 0, 0]);
        string file = Write($"model = \"brightest.ecm\"\ncamera = \"folder:{_folder.Path("frames")}\"\ndecide.votes = 1");
        Assert.Equal((0, $"{file}: no mistakes, 0 rules", ""), Run("check", "--config", file));
        Assert.Equal((0, "0  right  0.576", ""), Run("run", "--config", file));
    }

    [Theory]
    [InlineData("check needs --config", "check")]
    [InlineData("too much", "check", "a", "b", "--config", "FILE")]
    [InlineData("no model; name its .ecm", "run", "--config", "FILE")]
    [InlineData("no camera; give --camera", "run", "MODEL", "--config", "FILE")]
    public void A_command_line_that_lacks_something_is_said(string message, params string[] args)
    {
        string file = Write("threads = 1");
        (int code, _, string error) = Run([.. args.Select(arg => arg == "FILE" ? file : arg == "MODEL" ? _model : arg)]);
        Assert.Equal(2, code);
        Assert.Contains(message, error);
    }

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        StringWriter output = new() { NewLine = "\n" };
        StringWriter error = new() { NewLine = "\n" };
        int code = AgentProgram.Run(args, output, error);
        return (code, output.ToString().TrimEnd('\n'), error.ToString().TrimEnd('\n'));
    }

    private string Write(string text)
    {
        string path = _folder.Path("agent.toml");
        File.WriteAllText(path, text);
        return path;
    }
}
