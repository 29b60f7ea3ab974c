using EdgeConv.Agent.Fleet;
using EdgeConv.Devices.Updating;

namespace EdgeConv.Tests.Agent.Fleet;

/// <summary>An update from the server's wish to its last word, in every way that the API knows.</summary>
public sealed class FleetProtocolTests
{
    [Fact]
    public async Task A_package_is_fetched_checked_run_on_trial_and_reported_once_each()
    {
        await using FleetRig rig = await FleetRig.Start();
        StandInArtifact package = FleetRig.Package();
        rig.Target.Assign(new StandInAction("11", package));
        rig.Run();
        await rig.Until(() => rig.Target.Installed == "11");
        Assert.Equal(["download", "downloaded", "proceeding", "success"], rig.Words);
        Assert.Equal([package.Sha256], rig.Gate.Given);
        Assert.Equal("digits 2 runs on trial\nThe trial is over: the model stays.", rig.Target.End!.Details);
        Assert.Equal("none", rig.Target.Attributes!["board"]);
        Assert.Empty(rig.Incoming);
        Assert.Empty(rig.Server.Complaints);
        Assert.Contains("knows door", rig.Log);
    }

    [Fact]
    public async Task A_package_that_the_gate_refuses_is_reported_with_the_gates_reason_and_not_tried_again()
    {
        await using FleetRig rig = await FleetRig.Start();
        rig.Gate.Refuses = UpdateReason.WrongSignature;
        rig.Target.Assign(new StandInAction("12", FleetRig.Package()));
        rig.Run();
        await rig.Until(() => rig.Target.End is not null && rig.Target.Polls.Count > 8);
        Assert.Equal(["download", "downloaded", "failure"], rig.Words);
        Assert.Equal("Refused by the gate (WrongSignature): the package is signed by another key", rig.Target.End!.Details);
        Assert.Single(rig.Gate.Given);
    }

    [Theory]
    [InlineData(true, "the model before runs again: it crashed 3 times")]
    [InlineData(false, "the model runs on, since there is none before it: it crashed 3 times")]
    public async Task A_trial_that_fails_is_reported_with_its_reason(bool isWay, string says)
    {
        await using FleetRig rig = await FleetRig.Start();
        rig.Gate.Confirms = false;
        rig.Target.Assign(new StandInAction("13", FleetRig.Package()));
        rig.Run();
        await rig.Until(() => rig.Words.Contains("proceeding") && rig.Target.Polls.Count > 8);
        Assert.Null(rig.Target.End);
        rig.Gate.GoBack("it crashed 3 times", isWay);
        await rig.Until(() => rig.Target.End is not null);
        Assert.Equal("failure", rig.Target.End!.Finished);
        Assert.Contains(says, rig.Target.End.Details);
        Assert.Null(rig.Target.Installed);
    }

    [Fact]
    public async Task An_agent_that_is_started_again_in_the_middle_of_a_trial_tells_how_it_ended_and_fetches_nothing_twice()
    {
        await using FleetRig rig = await FleetRig.Start();
        rig.Gate.Confirms = false;
        rig.Target.Assign(new StandInAction("14", FleetRig.Package()));
        rig.Run();
        await rig.Until(() => rig.Words.Contains("proceeding"));
        rig.StopAgent();
        rig.Gate.Confirms = true;
        rig.Run();
        await rig.Until(() => rig.Target.Installed == "14");
        Assert.Equal(["download", "downloaded", "proceeding", "success"], rig.Words);
        Assert.Single(rig.Gate.Given);
    }

    [Fact]
    public async Task A_trial_that_was_begun_by_an_agent_that_died_before_it_remembered_it_is_waited_for()
    {
        await using FleetRig rig = await FleetRig.Start();
        rig.Gate.Confirms = false;
        StandInArtifact package = FleetRig.Package();
        Assert.Equal(UpdateOutcome.Accepted, rig.Gate.Accept(rig.Folder.Write("digits.ecpkg", package.Bytes)).Outcome);
        rig.Target.Assign(new StandInAction("17", package));
        rig.Run();
        await rig.Until(() => rig.Words.Contains("proceeding"));
        rig.Gate.GoBack("no frame was answered");
        await rig.Until(() => rig.Target.End is not null);
        Assert.Equal(["download", "downloaded", "proceeding", "failure"], rig.Words);
        Assert.EndsWith("no frame was answered", rig.Target.End!.Details);
    }

    [Fact]
    public async Task The_same_package_again_is_done_at_once()
    {
        await using FleetRig rig = await FleetRig.Start();
        StandInArtifact package = FleetRig.Package();
        rig.Target.Assign(new StandInAction("15", package));
        rig.Run();
        await rig.Until(() => rig.Target.Installed == "15");
        rig.Target.Assign(new StandInAction("16", package));
        await rig.Until(() => rig.Target.Installed == "16");
        Assert.Equal("digits 2 runs already", rig.Target.Feedback.Last().Details);
    }

    [Fact]
    public async Task Outside_of_its_maintenance_window_a_package_is_fetched_and_waits()
    {
        await using FleetRig rig = await FleetRig.Start();
        StandInAction action = new("17", FleetRig.Package()) { Update = "skip", MaintenanceWindow = "unavailable" };
        rig.Target.Assign(action);
        rig.Run();
        await rig.Until(() => rig.Words.Contains("downloaded") && rig.Target.Polls.Count > 6);
        Assert.Equal(["download", "downloaded"], rig.Words);
        Assert.Empty(rig.Gate.Given);
        int fetched = 0;
        rig.Server.Fault = context => Task.FromResult(context.Request.Path.Value!.Contains("artifacts") && Interlocked.Increment(ref fetched) < 0);
        rig.Target.Assign(action with { Update = "forced", MaintenanceWindow = "available" });
        await rig.Until(() => rig.Target.Installed == "17");
        Assert.Equal(0, fetched);
    }

    [Fact]
    public async Task A_download_only_action_ends_with_the_download_and_installs_nothing()
    {
        await using FleetRig rig = await FleetRig.Start();
        rig.Target.Assign(new StandInAction("18", FleetRig.Package()) { Update = "skip" });
        rig.Run();
        await rig.Until(() => rig.Target.Action is null && rig.Target.Polls.Count > 4);
        Assert.Equal(["download", "downloaded"], rig.Words);
        Assert.Empty(rig.Gate.Given);
    }

    [Fact]
    public async Task An_action_that_waits_is_cancelled_and_its_download_removed()
    {
        await using FleetRig rig = await FleetRig.Start();
        rig.Target.Assign(new StandInAction("19", FleetRig.Package()) { Update = "skip", MaintenanceWindow = "unavailable" });
        rig.Run();
        await rig.Until(() => rig.Words.Contains("downloaded"));
        Assert.NotEmpty(rig.Incoming);
        rig.Target.Cancel();
        await rig.Until(() => rig.Target.Action is null);
        StandInFeedback last = rig.Target.Feedback.Last();
        Assert.Equal(("cancelAction", "closed", "success"), (last.Resource, last.Execution, last.Finished));
        Assert.Empty(rig.Incoming);
        Assert.Empty(rig.Gate.Given);
        rig.Target.Assign(new StandInAction("20", FleetRig.Package()));
        await rig.Until(() => rig.Target.Installed == "20");
    }

    [Fact]
    public async Task A_cancellation_that_comes_while_the_model_is_on_trial_is_rejected_and_the_action_goes_on()
    {
        await using FleetRig rig = await FleetRig.Start();
        rig.Gate.Confirms = false;
        rig.Target.Assign(new StandInAction("21", FleetRig.Package()));
        rig.Run();
        await rig.Until(() => rig.Words.Contains("proceeding"));
        rig.Target.Cancel();
        await rig.Until(() => rig.Words.Contains("rejected"));
        rig.Gate.Confirms = true;
        await rig.Until(() => rig.Target.Installed == "21");
    }

    [Fact]
    public async Task A_distribution_without_a_package_of_ours_or_with_two_is_refused_in_words()
    {
        await using FleetRig rig = await FleetRig.Start();
        rig.Target.Assign(new StandInAction("22", new StandInArtifact("firmware.bin", [1, 2, 3])));
        rig.Run();
        await rig.Until(() => rig.Target.End is not null);
        Assert.StartsWith("The distribution has 0 files that end in .ecpkg, expected one", rig.Target.End!.Details);
        Assert.Empty(rig.Gate.Given);
    }

    [Theory]
    [InlineData("00:05:00", 300)]
    [InlineData("12:00:00", 43_200)]
    [InlineData("48:00:01", 172_801)]
    [InlineData("00:61:00", null)]
    [InlineData("5 minutes", null)]
    [InlineData("-1:00:00", null)]
    [InlineData(null, null)]
    public void A_polling_time_is_hours_minutes_and_seconds(string? text, int? seconds) =>
        Assert.Equal(seconds, PollingTime.Parse(text)?.TotalSeconds);

    [Fact]
    public void Pauses_double_up_to_an_hour_are_never_the_same_and_keep_to_what_the_server_asks()
    {
        Backoff backoff = new(TimeSpan.FromSeconds(5), TimeSpan.FromHours(1), new Random(9));
        for (int failures = 1; failures < 40; failures++)
        {
            double whole = Math.Min(3600, 5 * Math.Pow(2, Math.Min(failures - 1, 30)));
            TimeSpan[] pauses = [.. Enumerable.Range(0, 50).Select(_ => backoff.After(failures, null))];
            Assert.All(pauses, pause => Assert.InRange(pause.TotalSeconds, whole / 2, whole));
            Assert.True(pauses.Distinct().Count() > 40);
        }

        TimeSpan[] polls = [.. Enumerable.Range(0, 200).Select(_ => backoff.Around(TimeSpan.FromSeconds(100)))];
        Assert.All(polls, pause => Assert.InRange(pause.TotalSeconds, 90, 110));
        Assert.InRange(polls.Count(pause => pause.TotalSeconds < 100), 60, 140);
        Assert.InRange(backoff.After(1, TimeSpan.FromMinutes(2)).TotalSeconds, 120, 132.1);
        Assert.InRange(backoff.After(1, TimeSpan.FromDays(9)).TotalHours, 1, 1.1);
    }
}
