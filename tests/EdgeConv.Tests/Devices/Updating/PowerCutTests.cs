using EdgeConv.Devices.Updating;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Tests.Devices.Updating;

/// <summary>The power goes at every instant of two updates, one that stays and one that goes back, and each time a whole model is found again.</summary>
public sealed class PowerCutTests : IDisposable
{
    private readonly SigningBench _bench = new();
    private readonly string[] _files;
    private readonly string[] _hashes;
    private string?[] _mayRun = [];

    public PowerCutTests()
    {
        _files = [.. Enumerable.Range(1, 3).Select(version => _bench.File($"{version}.ecpkg", _bench.Package(version)))];
        _hashes = [.. _files.Select(file => SignedModel.Read(file, _bench.Trust).Manifest!.ModelHash)];
    }

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Power_lost_at_any_instant_leaves_the_model_before_or_the_model_after()
    {
        int instants = Play(new ForgetfulDisk()), cuts = 0;
        for (int cut = 0; cut < instants; cut++)
        {
            for (int fate = 0; fate < ForgetfulDisk.Fates; fate++, cuts++)
            {
                Assert.Null(Loss(cut, fate, isLazy: false));
            }
        }

        Assert.True(cuts > 500, $"only {cuts} cuts");
        TestContext.Current.TestOutputHelper!.WriteLine($"{cuts} cuts, at {instants} instants");
    }

    [Fact]
    public void Power_lost_while_the_only_model_fails_its_trial_leaves_that_model()
    {
        int instants = PlayAlone(new ForgetfulDisk());
        for (int cut = 0; cut < instants; cut++)
        {
            for (int fate = 0; fate < ForgetfulDisk.Fates; fate++)
            {
                Assert.Null(Loss(cut, fate, isLazy: false, PlayAlone));
            }
        }
    }

    [Fact]
    public void What_a_power_cut_left_of_a_package_takes_no_room_from_the_next()
    {
        long length = new FileInfo(_files[0]).Length;
        ForgetfulDisk disk = new() { Size = length + (1 << 20) };
        disk.Write("incoming", stream => stream.WriteByte(1));
        Assert.True(disk.Free < disk.Size);
        UpdateResult result = Gate(disk).Accept(_files[0]);
        Assert.True(result.Outcome == UpdateOutcome.Accepted, result.Message);
        Assert.Equal(UpdateReason.NoSpace, Gate(new ForgetfulDisk { Size = length }).Accept(_files[0]).Reason);
    }

    [Fact]
    public void A_disk_that_does_not_sync_what_it_writes_loses_models_so_that_the_test_above_can_fail()
    {
        int losses = 0, instants = Play(new ForgetfulDisk());
        for (int cut = 0; cut < instants; cut++)
        {
            losses += Loss(cut, fate: 1, isLazy: true) is null ? 0 : 1;
        }

        Assert.True(losses > 5, $"{losses} losses");
    }

    /// <summary>Cuts the power and looks what is there; null where a whole model is, and the next update works.</summary>
    private string? Loss(int cut, int fate, bool isLazy, Func<ForgetfulDisk, int>? play = null)
    {
        ForgetfulDisk disk = new(cut, fate) { IsLazy = isLazy };
        try
        {
            (play ?? Play)(disk);
        }
        catch (PowerCut)
        {
        }

        ForgetfulDisk found = disk.Survivors();
        string where = $"cut {cut}, fate {fate}: ";
        try
        {
            SlotState state = Slots(found).Load();
            string? runs = state.Current?.Package.ModelHash;
            if (!_mayRun.Contains(runs))
            {
                return $"{where}{runs ?? "nothing"} runs, and {string.Join(" or ", _mayRun.Select(hash => hash ?? "nothing"))} was expected";
            }

            foreach (Slot slot in new[] { state.Current, state.Previous }.OfType<Slot>())
            {
                SignedModel read = SignedModel.Read(found.Read(slot.File) ?? [], slot.File, _bench.Trust);
                if (read.Manifest!.Identity != slot.Package)
                {
                    return where + "another package is in the slot than the state says";
                }
            }

            // And life goes on; of a trial that failed without anybody's word.
            _ = state.State == TrialState.OnTrial && Slots(found).Confirm(runs ?? "");
            UpdateResult next = Gate(found).Accept(_files[2]);
            return next.Outcome != UpdateOutcome.Refused || next.Reason == UpdateReason.FailedBefore ? null : where + next.Message;
        }
        catch (Exception error) when (error is IOException or PackageException)
        {
            return where + error.Message;
        }
    }

    /// <summary>Model 1 comes and stays, then model 2, then model 3 comes and goes back.</summary>
    private int Play(ForgetfulDisk disk)
    {
        Step(null, _hashes[0], () => Gate(disk).Accept(_files[0]));
        Step(_hashes[0], _hashes[0], () => Slots(disk).BeginStart(() => false));
        Step(_hashes[0], _hashes[0], () => Slots(disk).Confirm(_hashes[0]));
        Step(_hashes[0], _hashes[1], () => Gate(disk).Accept(_files[1]));
        Step(_hashes[1], _hashes[1], () => Slots(disk).Confirm(_hashes[1]));
        Step(_hashes[1], _hashes[2], () => Gate(disk).Accept(_files[2]));
        Step(_hashes[2], _hashes[1], () => Slots(disk).GoBack(_hashes[2], "it does not do well", () => false));
        _mayRun = [_hashes[1]];
        return disk.Instants;

        void Step(string? before, string? after, Action work) => this.Step(disk, before, after, work);
    }

    /// <summary>The first model of all comes, and crashes in its trial, with nothing before it.</summary>
    private int PlayAlone(ForgetfulDisk disk)
    {
        Step(disk, null, _hashes[0], () => Gate(disk).Accept(_files[0]));
        for (int start = 0; start <= ModelSlots.MostStarts; start++)
        {
            Step(disk, _hashes[0], _hashes[0], () => Slots(disk).BeginStart(() => false));
        }

        Assert.Equal(TrialState.NoWayBack, Slots(disk).Load().State);
        return disk.Instants;
    }

    private void Step(ForgetfulDisk disk, string? before, string? after, Action work)
    {
        _mayRun = [before, after];
        work();
        Assert.Equal(after, Slots(disk).Load().Current?.Package.ModelHash);
    }

    private ModelSlots Slots(ForgetfulDisk disk) => new(_bench.Path("slots"), disk);

    private UpdateGate Gate(ForgetfulDisk disk) =>
        new(Slots(disk), new GateOptions { Agent = new Version(0, 1, 0), Trust = _bench.Trust, Path = KernelPath.Reference });
}
