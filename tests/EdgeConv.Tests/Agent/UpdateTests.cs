using EdgeConv.Agent;
using EdgeConv.Devices.Updating;
using EdgeConv.Tests.Agent.Serving;
using EdgeConv.Tests.Devices.Updating;

namespace EdgeConv.Tests.Agent;

/// <summary>Signed models and updates by the agent's command line and configuration.</summary>
public sealed class UpdateTests : IDisposable
{
    private readonly SigningBench _bench = new();
    private readonly string _config;

    public UpdateTests()
    {
        _bench.File("model.ecm", BrightestPixelModel.Write());
        for (int i = 0; i < 4; i++)
        {
            _bench.File($"frames/{i}.pgm", [.. "P5 2 2 255\n"u8, 255, 0, 0, 0]);
        }

        _config = Config("");
    }

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Update_says_what_became_of_a_package_and_slots_what_is_there()
    {
        string one = _bench.File("1.ecpkg", _bench.Package(1)), two = _bench.File("2.ecpkg", _bench.Package(2)), stranger = _bench.File("3.ecpkg", _bench.Package(3, unsigned: true));
        Assert.StartsWith("state     empty", Run("slots", "--config", _config).Output, StringComparison.Ordinal);
        Assert.Equal((0, "model1 1 passed the gate and is on trial", ""), Run("update", one, "--config", _config));
        Assert.StartsWith("state     on trial\ncurrent   model1 1 ", Run("slots", "confirm", "--config", _config).Output.Replace("confirmed", "on trial", StringComparison.Ordinal), StringComparison.Ordinal);
        (int code, _, string error) = Run("update", stranger, "--config", _config);
        Assert.Equal(3, code);
        Assert.Contains("refused (Unsigned): ", error, StringComparison.Ordinal);
        Assert.Equal(0, Run("update", two, "--config", _config).Code);
        Assert.Contains("went back: taken back by hand\ncurrent   model1 1 ", Run("slots", "back", "--config", _config).Output, StringComparison.Ordinal);
        Assert.Equal(3, Run("update", two, "--config", _config).Code);
        Assert.Equal(0, Run("update", two, "--config", _config, "--allow", "rollback").Code);
        foreach (string[] args in new string[][] { ["update", two], ["slots"], ["slots", "--config", _bench.File("none.toml", "threads = 1"u8.ToArray())] })
        {
            (int none, string output, error) = Run(args);
            Assert.Equal((4, ""), (none, output));
            Assert.StartsWith("edgeconv-agent: no slots; give --slots FOLDER", error, StringComparison.Ordinal);   // deploy reads this of agents that have no code for it
        }

        Assert.Equal(2, Run("update", two, "--config", _config, "--allow", "everything").Code);
    }

    [Fact]
    public void Only_what_changes_slots_makes_their_folder()
    {
        string config = _bench.File("open.toml", "model = \"model.ecm\"\n[update]\nslots = \"board/slots\"\n"u8.ToArray());
        Assert.Equal(0, Run("check", "--config", config).Code);
        Assert.Equal(0, Run("slots", "--config", config).Code);
        Assert.Equal((1, 1), (Run("slots", "confirm", "--config", config).Code, Run("slots", "back", "--config", config).Code));
        Assert.False(Directory.Exists(_bench.Path("board")));
        Assert.Equal(0, Run("update", _bench.File("1.ecpkg", _bench.Package(1)), "--config", config).Code);
        Assert.True(File.Exists(_bench.Path("board/slots/a.ecpkg")));
    }

    [Fact]
    public void An_agent_that_has_a_key_runs_no_model_that_it_did_not_sign()
    {
        string model = _bench.Path("model.ecm"), key = _bench.Path("k.pub.pem"), picture = _bench.Path("frames", "0.pgm");
        string[][] verbs = [["run", model, picture], ["selftest", model], ["bench", model], ["run", model, "--camera", picture]];
        foreach (string[] verb in verbs)
        {
            (int code, string output, string error) = Run([.. verb, "--key", key]);
            Assert.Equal((1, ""), (code, output));
            Assert.Contains("nobody signed it: there is no model.ecm.sig beside it", error, StringComparison.Ordinal);
        }

        byte[] bytes = File.ReadAllBytes(model);
        _bench.File("model.ecm.sig", PackageWriter.Head(PackageWriter.Describe(bytes, new SigningOptions(1)), _bench.Key));
        Assert.All(verbs, verb => Assert.Equal(0, Run([.. verb, "--key", key]).Code));
        Assert.Equal(0, Run("selftest", _bench.File("p.ecpkg", _bench.Package(1))).Code);
        bytes[^20] ^= 1;
        _bench.File("model.ecm", bytes);
        Assert.All(verbs, verb => Assert.Contains("not the model that model.ecm.sig was made for", Run([.. verb, "--key", key]).Error, StringComparison.Ordinal));
    }

    [Fact]
    public void A_configuration_with_a_key_and_an_unsigned_model_is_a_mistake()
    {
        (int code, _, string error) = Run("check", "--config", _config);
        Assert.Equal(2, code);
        Assert.Contains("agent.toml:1:9: model: ", error, StringComparison.Ordinal);
        Assert.Contains("nobody signed it", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Mistakes_in_the_table_are_said_with_their_place()
    {
        string file = _bench.File("wrong.toml", "[update]\nkey = \"nothing.pem\"\nframes = \"nowhere\"\nleast-accuracy = 2\ntrialx = \"1 s\"\n"u8.ToArray());
        (int code, _, string error) = Run("check", "--config", file);
        Assert.Equal(2, code);
        foreach (string line in new[] { "wrong.toml:2:7: key: there is no such file", "wrong.toml:3:10: frames: there is no such file", "wrong.toml:4:18: least-accuracy", "did you mean 'trial'?" })
        {
            Assert.Contains(line, error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_package_takes_over_in_a_running_watcher_and_is_confirmed_and_a_damaged_slot_gives_way()
    {
        File.Delete(_bench.Path("model.ecm"));
        string config = Config("trial = \"200 ms\"", model: false);
        Assert.Equal(0, Run("update", _bench.File("1.ecpkg", _bench.Package(1)), "--config", config).Code);
        using (AgentProcess agent = new("run", "--config", config, "--camera", Camera))
        {
            WatchedPage.Until(() => _bench.Slots.Status().State == TrialState.Confirmed, "the first is confirmed");
            Assert.Equal(0, Run("update", _bench.File("2.ecpkg", _bench.Package(2)), "--config", config).Code);
            WatchedPage.Until(() => _bench.Slots.Status() is { State: TrialState.Confirmed, Current.Version: 2 }, "the second is confirmed");
            Assert.Equal(0, agent.Stop());
            Assert.Contains("model: model2 takes over, its selftest passed", agent.Said.ToString(), StringComparison.Ordinal);
        }

        byte[] slot = File.ReadAllBytes(_bench.Slots.CurrentFile!);
        slot[^40] ^= 1;
        File.WriteAllBytes(_bench.Slots.CurrentFile!, slot);
        string log = Watch(config, frames: 3);
        Assert.Contains("update: model2 2 does not open, the one before takes its place", log, StringComparison.Ordinal);
        Assert.Equal(1, _bench.Slots.Status().Current?.Version);
    }

    [Fact]
    public void A_trial_that_crashes_goes_back_at_the_next_start()
    {
        string config = Config("trial = \"1 h\"", model: false);
        Assert.Equal(0, Run("update", _bench.File("1.ecpkg", _bench.Package(1)), "--config", config).Code);
        Assert.Equal(0, Run("slots", "confirm", "--config", config).Code);
        Assert.Equal(0, Run("update", _bench.File("2.ecpkg", _bench.Package(2)), "--config", config).Code);
        for (int crash = 0; crash < ModelSlots.MostStarts; crash++)
        {
            // What is left of a process that began and was killed.
            Assert.Null(_bench.Slots.BeginStart(() => false));
        }

        string log = Watch(config, frames: 3);
        Assert.Contains("update: the new model goes back: it was started 2 times", log, StringComparison.Ordinal);
        Assert.Equal((TrialState.WentBack, 1L), (_bench.Slots.Status().State, _bench.Slots.Status().Current?.Version));
    }

    [Fact]
    public void The_only_model_that_crashes_in_its_trial_runs_on_is_reported_and_gives_way_to_the_next()
    {
        string config = Config("trial = \"1 h\"", model: false), one = _bench.File("1.ecpkg", _bench.Package(1));
        Assert.Equal(0, Run("update", one, "--config", config).Code);
        for (int crash = 0; crash < ModelSlots.MostStarts; crash++)
        {
            Assert.Null(_bench.Slots.BeginStart(() => false));
        }

        string log = Watch(config, frames: 8);
        Assert.Contains("update: the new model failed its trial, and runs on, since there is none before it: it was started 2 times", log, StringComparison.Ordinal);
        Assert.Contains("  left  ", log, StringComparison.Ordinal);
        Assert.StartsWith("state     failed its trial, and runs on, since there is none before it: it was started 2 times", Run("slots", "--config", config).Output, StringComparison.Ordinal);
        (int code, _, string error) = Run("update", one, "--config", config);
        Assert.Equal(3, code);
        Assert.Contains("refused (FailedBefore): ", error, StringComparison.Ordinal);
        Assert.Equal(1, Run("slots", "back", "--config", config).Code);

        Assert.Equal(0, Run("update", one, "--config", config, "--allow", "rollback").Code);
        Assert.Equal((TrialState.OnTrial, 1L), (_bench.Slots.Status().State, _bench.Slots.Status().Current?.Version));
        SlotStatus trial = _bench.Slots.Status();
        Assert.True(_bench.Slots.GoBack(trial.Current!.ModelHash, "again", () => false));
        Assert.Equal(new SlotStatus(TrialState.NoWayBack, trial.Current, null, trial.Current, "again"), _bench.Slots.Status());
        Assert.Equal(0, Run("update", _bench.File("2.ecpkg", _bench.Package(2)), "--config", config).Code);
        Assert.Equal((TrialState.OnTrial, 2L, 1L), (_bench.Slots.Status().State, _bench.Slots.Status().Current?.Version, _bench.Slots.Status().Previous?.Version));

        // The next one fails too: what failed before runs again, and stays one that failed.
        Assert.True(_bench.Slots.GoBack(_bench.Slots.Status().Current!.ModelHash, "no light", () => false));
        Assert.Equal((TrialState.NoWayBack, 1L, 2L), (_bench.Slots.Status().State, _bench.Slots.Status().Current?.Version, _bench.Slots.Status().Failed?.Version));
        Assert.StartsWith("state     went back to a model that failed its own trial: no light", Run("slots", "--config", config).Output, StringComparison.Ordinal);
        string again = Run("update", one, "--config", config).Error;
        Assert.Contains("refused (FailedBefore): ", again, StringComparison.Ordinal);
        Assert.DoesNotContain("no light", again, StringComparison.Ordinal);   // which is why the other one failed
    }

    [Fact]
    public void The_only_model_that_failed_is_kept_by_hand()
    {
        string hash = _bench.Bring(_bench.Package(1)).Manifest!.ModelHash;
        Assert.True(_bench.Slots.GoBack(hash, "no light", () => false));
        Assert.Equal(0, Run("slots", "confirm", "--config", Config("", model: false)).Code);
        Assert.Equal(new SlotStatus(TrialState.Confirmed, _bench.Slots.Status().Current, null, null, ""), _bench.Slots.Status());
        Assert.Equal(hash, _bench.Slots.Status().Current?.ModelHash);
    }

    private string Camera => $"folder:{_bench.Path("frames")}?fps=100&loop=1";

    private string Watch(string config, int frames) => Run("run", "--config", config, "--camera", Camera, "--frames", $"{frames}").Output;

    private string Config(string more, bool model = true) => _bench.File("agent.toml", System.Text.Encoding.UTF8.GetBytes(
        (model ? "model = \"model.ecm\"\n" : "") + "[update]\nslots = \"slots\"\nkey = \"k.pub.pem\"\n" + more + "\n"));

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        SharedLog output = new(), error = new();
        int code = AgentProgram.Run(args, output, error);
        return (code, output.ToString().TrimEnd(), error.ToString().TrimEnd());
    }
}
