using System.IO.Compression;
using System.Text;
using EdgeConv.Devices.Updating;
using EdgeConv.Tests.Agent;

namespace EdgeConv.Tests.Devices.Updating;

/// <summary>What may run on a board: every attack that SECURITY.md lists is one of these tests, and leaves the board as it was.</summary>
public sealed class GateTests : IDisposable
{
    private readonly SigningBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void A_good_package_goes_to_the_idle_slot_and_runs_on_trial()
    {
        UpdateResult first = _bench.Bring(_bench.Package(1));
        Assert.Equal((UpdateOutcome.Accepted, UpdateReason.None), (first.Outcome, first.Reason));
        Assert.Equal((TrialState.OnTrial, 1L, null), (_bench.Slots.Status().State, _bench.Slots.Status().Current?.Version, _bench.Slots.Status().Previous));
        Assert.True(_bench.Slots.Confirm(first.Manifest!.ModelHash));
        string slot = _bench.Slots.CurrentFile!;
        Assert.Equal(UpdateOutcome.Accepted, _bench.Bring(_bench.Package(2)).Outcome);
        Assert.NotEqual(slot, _bench.Slots.CurrentFile);
        Assert.True(File.Exists(slot), "the one before is still there");
        Assert.Equal((2L, 1L), (_bench.Slots.Status().Current?.Version, _bench.Slots.Status().Previous?.Version));
        Assert.Equal("model2", SignedModel.Read(_bench.Slots.CurrentFile!, _bench.Trust).Manifest!.Name);
    }

    [Fact]
    public void The_same_package_again_is_there_already()
    {
        byte[] package = Confirmed(3);
        Assert.Equal((UpdateOutcome.AlreadyThere, "model3 3 is here already"), (_bench.Bring(package).Outcome, _bench.Bring(package).Message));
        Assert.Equal("model3 4 is here already, as version 3", _bench.Bring(_bench.Package(4, model: SigningBench.Model(3))).Message);
    }

    [Fact]
    public void An_unsigned_package_is_refused_where_a_key_is_asked_for_and_taken_where_none_is()
    {
        Refused(UpdateReason.Unsigned, "nobody signed it", _bench.Package(1, unsigned: true));
        Assert.Equal(UpdateOutcome.Accepted, _bench.Bring(_bench.Package(1, unsigned: true), _bench.Gate(with => with with { Trust = Trust.Everybody })).Outcome);
    }

    [Fact]
    public void A_package_that_somebody_else_signed_is_refused()
    {
        using SigningKey foreign = SigningKey.Create(_bench.Path("f.pem"), _bench.Path("f.pub.pem"));
        Refused(UpdateReason.WrongSignature, "signed by the key", _bench.Package(1, key: foreign));
    }

    [Fact]
    public void A_forgery_under_the_name_of_the_right_key_is_refused()
    {
        using SigningKey foreign = SigningKey.Create(_bench.Path("f.pem"), _bench.Path("f.pub.pem"));
        string text = Encoding.Latin1.GetString(_bench.Package(1, key: foreign));
        byte[] forged = Encoding.Latin1.GetBytes(text.Replace(foreign.Fingerprint, _bench.Key.Fingerprint, StringComparison.Ordinal));
        Refused(UpdateReason.WrongSignature, "changed after it was signed, or is a forgery", forged);
        string zeros = Encoding.Latin1.GetString(_bench.Package(1, unsigned: true))
            .Replace("key -\n", $"key {_bench.Key.Fingerprint}\n", StringComparison.Ordinal)
            .Replace("signature -\n", $"signature {Convert.ToBase64String(new byte[64])}\n", StringComparison.Ordinal);
        Refused(UpdateReason.WrongSignature, "forgery", Encoding.Latin1.GetBytes(zeros));
    }

    [Fact]
    public void A_signed_head_before_another_model_is_refused()
    {
        byte[] one = SigningBench.Model(1), other = SigningBench.Model(2);
        Assert.Equal(one.Length, other.Length);
        byte[] head = PackageWriter.Head(PackageWriter.Describe(one, new SigningOptions(1)), _bench.Key);
        Refused(UpdateReason.WrongContent, "its model was changed or exchanged", [.. head, .. other]);
    }

    [Fact]
    public void A_truncated_package_and_one_with_more_behind_it_are_refused()
    {
        byte[] package = _bench.Package(1);
        Refused(UpdateReason.Malformed, "it is cut short", package[..^1]);
        Refused(UpdateReason.Malformed, "its head has no end", package[..100]);
        Refused(UpdateReason.Malformed, "1 bytes follow its end", [.. package, 0]);
        Refused(UpdateReason.Malformed, "does not begin as a package does", []);
        Refused(UpdateReason.Malformed, "its line ends were changed on the way", Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(package).Replace("\n", "\r\n", StringComparison.Ordinal)));
        Refused(UpdateReason.Malformed, "it is a signature alone", PackageWriter.Head(PackageWriter.Describe(SigningBench.Model(1), new SigningOptions(1)), _bench.Key));
    }

    [Fact]
    public void An_older_package_is_refused_unless_that_is_allowed()
    {
        byte[] old = Confirmed(1);
        Confirmed(2);
        Refused(UpdateReason.Rollback, "version 1, and 2 was confirmed here", old);
        UpdateResult allowed = _bench.Bring(old, _bench.Gate(with => with with { AllowsRollback = true }));
        Assert.Equal(UpdateOutcome.Accepted, allowed.Outcome);
        Assert.Equal(1, _bench.Slots.Status().Current?.Version);
    }

    [Fact]
    public void Another_model_under_a_number_that_was_confirmed_is_refused()
    {
        Confirmed(5);
        Refused(UpdateReason.Rollback, "as another model that was confirmed here", _bench.Package(5, model: SigningBench.Model(6)));
    }

    [Fact]
    public void A_replayed_package_that_failed_its_trial_is_refused()
    {
        Confirmed(1);
        byte[] bad = _bench.Package(2);
        UpdateResult result = _bench.Bring(bad);
        Assert.True(_bench.Slots.GoBack(result.Manifest!.ModelHash, "no frame was answered", () => false));
        Refused(UpdateReason.FailedBefore, "failed its trial here: no frame was answered", bad);
        Assert.Equal((TrialState.WentBack, 1L, 2L), (_bench.Slots.Status().State, _bench.Slots.Status().Current?.Version, _bench.Slots.Status().Failed?.Version));
    }

    [Fact]
    public void A_package_while_another_is_on_trial_waits()
    {
        _bench.Bring(_bench.Package(1));
        Refused(UpdateReason.Busy, "is on trial", _bench.Package(2));
    }

    [Fact]
    public void A_package_for_a_newer_agent_is_refused() =>
        Refused(UpdateReason.AgentTooOld, "needs an agent of version 9.0.0", _bench.Package(1, new SigningOptions(1) { MinimumAgent = new Version(9, 0, 0) }));

    [Fact]
    public void A_link_a_folder_a_pipe_and_a_device_are_no_packages()
    {
        string real = _bench.File("real.ecpkg", _bench.Package(1)), link = _bench.Path("link.ecpkg"), pipe = _bench.Path("pipe");
        File.CreateSymbolicLink(link, real);
        Refused(UpdateReason.Unreadable, "it is a link", link);
        Refused(UpdateReason.Unreadable, "cannot be read", _bench.Path("."));
        Refused(UpdateReason.Unreadable, "cannot be read", _bench.Path("nothing"));
        Refused(UpdateReason.Malformed, "does not begin as a package does", "/dev/zero");
        System.Diagnostics.Process.Start("mkfifo", pipe).WaitForExit();
        Refused(UpdateReason.Unreadable, "it is no regular file", pipe);
    }

    [Fact]
    public void Archives_with_paths_that_lead_out_links_and_bombs_are_no_packages()
    {
        using MemoryStream zip = new();
        using (ZipArchive archive = new(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream bomb = archive.CreateEntry("../../../../tmp/owned").Open();
            bomb.Write(new byte[1 << 20]);
        }

        Refused(UpdateReason.Malformed, "does not begin as a package does", zip.ToArray());
        using MemoryStream tar = new();
        using (System.Formats.Tar.TarWriter writer = new(tar, leaveOpen: true))
        {
            writer.WriteEntry(new System.Formats.Tar.PaxTarEntry(System.Formats.Tar.TarEntryType.SymbolicLink, "slots") { LinkName = "/etc" });
        }

        Refused(UpdateReason.Malformed, "does not begin as a package does", tar.ToArray());
    }

    [Fact]
    public void Lengths_that_lie_reserve_nothing()
    {
        string text = Encoding.Latin1.GetString(_bench.Package(1, unsigned: true));
        string lie = System.Text.RegularExpressions.Regex.Replace(text, "model-bytes \\d+", "model-bytes 2147483647");
        long before = GC.GetAllocatedBytesForCurrentThread();   // other threads run other tests
        Refused(UpdateReason.Malformed, "its head announces", Encoding.Latin1.GetBytes(lie));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 4 << 20, "memory was taken for what is not there");
        Refused(UpdateReason.Malformed, "its head has no end", [.. "edgeconv-package 1\nname "u8, .. new byte[3 << 20]]);
    }

    [Fact]
    public void A_link_in_the_place_of_a_slot_leads_nowhere()
    {
        Directory.CreateDirectory(_bench.Path("slots"));
        string victim = _bench.File("victim", "as it was"u8.ToArray());
        _ = _bench.Slots;
        File.CreateSymbolicLink(_bench.Path("slots/incoming"), victim);
        IOException error = Assert.Throws<IOException>(() => _bench.Bring(_bench.Package(1)));
        Assert.Contains("is a link", error.Message, StringComparison.Ordinal);
        Assert.Equal("as it was", File.ReadAllText(victim));
    }

    [Fact]
    public void Names_and_labels_that_look_like_paths_stay_names()
    {
        byte[] model = BrightestPixelModel.Write(name: "../../etc/passwd");
        Assert.Equal(UpdateOutcome.Accepted, _bench.Bring(_bench.Package(1, model: model)).Outcome);
        Assert.Equal(["a.ecpkg", "gate.lock", "lock", "state"], Directory.EnumerateFileSystemEntries(_bench.Path("slots")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_package_without_model_or_with_a_broken_one_is_refused_though_it_is_signed()
    {
        byte[] model = SigningBench.Model(1);
        PackageManifest manifest = PackageWriter.Describe(model, new SigningOptions(1));
        byte[] broken = [.. model[..^4], 1, 2, 3, 4];
        manifest = manifest with { ModelHash = SignedModel.HashOf(broken) };
        Refused(UpdateReason.BadModel, "crc", PackageWriter.Write(manifest, _bench.Key, broken, []));
        manifest = manifest with { ModelHash = SignedModel.HashOf([]), ModelBytes = 0 };
        Refused(UpdateReason.BadModel, "", PackageWriter.Write(manifest, _bench.Key, [], []));
    }

    [Fact]
    public void A_manifest_that_says_another_thing_than_the_model_is_refused_though_it_is_signed()
    {
        byte[] model = SigningBench.Model(1);
        PackageManifest manifest = PackageWriter.Describe(model, new SigningOptions(1));
        (PackageManifest Other, string Says)[] lies =
        [
            (manifest with { Name = "another" }, "the name"), (manifest with { Operators = ["Conv2D"] }, "the operators"),
            (manifest with { Labels = ["left", "right"] }, "the labels"), (manifest with { RoundingRule = 2 }, "rounding rule 2"),
        ];
        foreach ((PackageManifest other, string says) in lies)
        {
            Refused(UpdateReason.BadModel, says, PackageWriter.Write(other, _bench.Key, model, []));
        }
    }

    [Fact]
    public void A_model_that_gives_other_bytes_here_is_refused()
    {
        byte[] good = BrightestPixelModel.Write(), spoiled = BrightestPixelModel.Write(spoiled: true);
        PackageManifest manifest = PackageWriter.Describe(good, new SigningOptions(1)) with { ModelHash = SignedModel.HashOf(spoiled) };
        Refused(UpdateReason.SelfTest, "golden vector 0 differs first at layer 0, pick", PackageWriter.Write(manifest, _bench.Key, spoiled, []));
    }

    [Fact]
    public void A_model_that_takes_too_long_here_is_refused()
    {
        byte[] package = _bench.Package(1, new SigningOptions(1) { Latency = TimeSpan.FromSeconds(1) });
        Refused(UpdateReason.TooSlow, "and 0 ms are allowed", package, with => with with { Latency = TimeSpan.Zero });
        Assert.Equal(UpdateOutcome.Accepted, _bench.Bring(package).Outcome);
    }

    [Fact]
    public void A_model_that_knows_too_few_of_the_labelled_frames_is_refused()
    {
        // Two by two: the class is the brightest of the first three.
        LabelledFrame[] frames = [new(0, Picture(200, 0, 0)), new(1, Picture(0, 200, 0)), new(2, Picture(0, 200, 0))];
        SigningOptions options = new(1) { Frames = frames, LeastAccuracy = 0.9 };
        Refused(UpdateReason.Inaccurate, "it knows 2 of the package's 3 labelled frames, and 90.0 % of them are asked for", _bench.Package(1, options));
        Assert.Equal(UpdateOutcome.Accepted, _bench.Bring(_bench.Package(1, options with { LeastAccuracy = 0.66 })).Outcome);
    }

    [Fact]
    public void A_board_has_frames_of_its_own()
    {
        foreach (string label in new[] { "left", "right" })
        {
            Directory.CreateDirectory(_bench.Path($"frames/{label}"));
            _bench.File($"frames/{label}/1.pgm", Picture(0, 200, 0));
        }

        UpdateGate gate = _bench.Gate(with => with with { Frames = _bench.Path("frames"), LeastAccuracy = 0.75 });
        UpdateResult result = _bench.Bring(_bench.Package(1), gate);
        Assert.Equal(UpdateReason.Inaccurate, result.Reason);
        Assert.Contains("it knows 1 of this board's 2 labelled frames", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Labelled_frames_that_lie_about_their_lengths_are_refused()
    {
        byte[] model = SigningBench.Model(1);
        byte[][] lies = [[0, 0, 0, 0, 255, 255, 255, 127], [9, 0, 0, 0, 1, 0, 0, 0, 1], [0, 0, 0, 0, 0, 0, 0, 0], [1, 2, 3], [255, 255, 255, 255, 1, 0, 0, 0, 1]];
        foreach (byte[] lie in lies)
        {
            PackageManifest manifest = PackageWriter.Describe(model, new SigningOptions(1)) with { FramesBytes = lie.Length, FramesHash = SignedModel.HashOf(lie) };
            Refused(UpdateReason.Malformed, "its labelled frame 0", [.. PackageWriter.Head(manifest, _bench.Key), .. model, .. lie]);
        }
    }

    [Fact]
    public void A_picture_that_would_grow_beyond_measure_is_refused()
    {
        byte[] model = SigningBench.Model(1), frames = LabelledFrames.Write([new LabelledFrame(0, "P5 60000 60000 255\n0"u8.ToArray())]);
        PackageManifest manifest = PackageWriter.Describe(model, new SigningOptions(1)) with { FramesBytes = frames.Length, FramesHash = SignedModel.HashOf(frames) };
        Refused(UpdateReason.BadModel, "labelled frame 0", [.. PackageWriter.Head(manifest, _bench.Key), .. model, .. frames]);
    }

    [Fact]
    public void A_model_whose_classes_the_rules_cannot_do_with_is_refused() =>
        Refused(UpdateReason.Unsuitable, "it has no class \"cup\"", _bench.Package(1), with => with with { Objection = _ => "it has no class \"cup\"" });

    [Fact]
    public void A_trial_that_is_started_too_often_without_an_end_goes_back()
    {
        Confirmed(1);
        _bench.Bring(_bench.Package(2));
        Assert.Null(_bench.Slots.BeginStart(() => false));
        Assert.Null(_bench.Slots.BeginStart(() => false));
        Assert.Contains("started 2 times", _bench.Slots.BeginStart(() => false), StringComparison.Ordinal);
        Assert.Equal((TrialState.WentBack, 1L), (_bench.Slots.Status().State, _bench.Slots.Status().Current?.Version));
        Assert.Null(_bench.Slots.BeginStart(() => false));
    }

    [Fact]
    public void Good_ends_do_not_count_against_a_trial()
    {
        UpdateResult result = _bench.Bring(_bench.Package(2));
        for (int i = 0; i < 5; i++)
        {
            Assert.Null(_bench.Slots.BeginStart(() => false));
            _bench.Slots.EndStart();
        }

        Assert.True(_bench.Slots.Confirm(result.Manifest!.ModelHash));
        Assert.False(_bench.Slots.GoBack(result.Manifest.ModelHash, "late", () => false), "what was confirmed does not go back");
    }

    [Fact]
    public void The_first_package_that_fails_leaves_the_model_of_the_configuration()
    {
        UpdateResult result = _bench.Bring(_bench.Package(1));
        Assert.True(_bench.Slots.GoBack(result.Manifest!.ModelHash, "too slow", () => true));
        Assert.Null(_bench.Slots.CurrentFile);
    }

    [Fact]
    public void A_damaged_state_is_said_and_not_guessed_at()
    {
        Confirmed(1);
        byte[] state = File.ReadAllBytes(_bench.Path("slots/state"));
        for (int i = 0; i < state.Length; i++)
        {
            byte[] cut = state[..i];
            Assert.Null(SlotState.Parse(cut));
        }

        _bench.File("slots/state", state[..^3]);
        Assert.Contains("is damaged", Assert.Throws<IOException>(() => _bench.Slots.Status()).Message, StringComparison.Ordinal);
    }

    private byte[] Confirmed(long version)
    {
        byte[] package = _bench.Package(version);
        UpdateResult result = _bench.Bring(package);
        Assert.Equal(UpdateOutcome.Accepted, result.Outcome);
        Assert.True(_bench.Slots.Confirm(result.Manifest!.ModelHash));
        return package;
    }

    private void Refused(UpdateReason reason, string says, byte[] package, Func<GateOptions, GateOptions>? with = null) =>
        Refused(reason, says, _bench.File("in.ecpkg", package), with);

    private void Refused(UpdateReason reason, string says, string file, Func<GateOptions, GateOptions>? with = null)
    {
        SlotStatus before = _bench.Slots.Status();
        UpdateResult result = _bench.Gate(with).Accept(file);
        Assert.Contains(says, result.Message, StringComparison.Ordinal);
        Assert.Equal((UpdateOutcome.Refused, reason), (result.Outcome, result.Reason));
        Assert.DoesNotContain('\n', result.Message);
        Assert.Equal(before, _bench.Slots.Status());
        Assert.False(File.Exists(_bench.Path("slots/incoming")), "what was refused stayed behind");
    }

    private static byte[] Picture(byte first, byte second, byte third) => [.. "P5 2 2 255\n"u8, first, second, third, 0];
}
