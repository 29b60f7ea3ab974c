using System.Diagnostics;
using System.Text.RegularExpressions;
using EdgeConv.Devices.Updating;

namespace EdgeConv.Tests.Devices.Updating;

/// <summary>The real program, killed: before every one of its system calls that writes, and at random instants.</summary>
public sealed partial class KilledAgentTests : IDisposable
{
    // What changes a disk. Of openat only those that make a file.
    private const string Calls = "openat,write,pwrite64,writev,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,ftruncate,mkdir,fallocate";
    private const int RandomKills = 300;

    private readonly SigningBench _bench = new();
    private readonly string _two;
    private readonly string _hash;

    public KilledAgentTests()
    {
        _two = _bench.File("2.ecpkg", _bench.Package(2));
        UpdateResult one = _bench.Bring(_bench.Package(1));
        _hash = one.Manifest!.ModelHash;
        _bench.Slots.Confirm(_hash);
        Directory.Move(_bench.Path("slots"), _bench.Path("before"));
    }

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Killed_before_any_system_call_that_writes_a_working_model_is_left()
    {
        string agent = NativeAgent();
        Assert.SkipUnless(CanTrace(), "strace is missing, or may not trace here");
        string[] update = ["update", _two, "--slots", _bench.Path("slots"), "--key", _bench.Path("k.pub.pem")];
        string[] confirm = ["slots", "confirm", "--slots", _bench.Path("slots")], back = ["slots", "back", "--slots", _bench.Path("slots")];
        int kills = KillAtEachCall(agent, update, []) + KillAtEachCall(agent, confirm, update) + KillAtEachCall(agent, back, update);
        Assert.True(kills > 30, $"only {kills} kills");
        TestContext.Current.TestOutputHelper!.WriteLine($"{kills} kills");
    }

    [Fact]
    public void Killed_at_random_instants_a_working_model_is_left()
    {
        string agent = NativeAgent();
        string[] update = ["update", _two, "--slots", _bench.Path("slots"), "--key", _bench.Path("k.pub.pem")];
        Reset();
        long start = Stopwatch.GetTimestamp();
        Assert.Equal(0, Run(agent, update));
        double whole = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        const int seed = 20261126;
        Random random = new(seed);
        int switched = 0;
        for (int i = 0; i < RandomKills; i++)
        {
            Reset();
            using Process process = Start(agent, update);
            Thread.Sleep(TimeSpan.FromMilliseconds(random.NextDouble() * whole * 1.2));
            process.Kill();
            process.WaitForExit();
            switched += WhatRuns($"seed {seed}, kill {i}") == 2 ? 1 : 0;
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{RandomKills} kills within {whole:F1} ms, {switched} after the switch");
    }

    [Fact]
    public void Without_libssl_the_agent_says_so_and_checks_nothing_as_good()
    {
        string agent = NativeAgent();
        Assert.SkipUnless(CanTrace(), "strace is missing, or may not trace here");
        string[] libraries = [.. new[] { "/lib", "/usr/lib", "/lib64" }.Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "libssl.so.*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 }))];
        string signed = _bench.File("p.ecpkg", _bench.Package(3));
        foreach (string[] command in new[] { new[] { "selftest", signed, "--key", _bench.Path("k.pub.pem") }, ["selftest", signed] })
        {
            using Process process = Start("strace", ["-f", "-qqq", "-o", "/dev/null", .. libraries.SelectMany(library => new[] { "-P", library }),
                "-e", "trace=openat", "-e", "inject=openat:error=ENOENT", agent, .. command], readsErrors: false);
            string errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.Equal(1, process.ExitCode);
            Assert.Contains("this system has no libssl.so.3. Install it: sudo apt install libssl3", errors, StringComparison.Ordinal);
        }
    }

    /// <summary>Kills a command before each of its writing calls; the commands before it run to their end.</summary>
    private int KillAtEachCall(string agent, string[] command, string[] before)
    {
        int kills = 0;
        foreach ((string call, int number) in WritingCalls(agent, command, before))
        {
            Prepare(agent, before);
            Run("strace", ["-f", "-qq", "-o", "/dev/null", "-e", $"trace={call}", "-e", $"inject={call}:signal=KILL:when={number}", agent, .. command]);
            WhatRuns($"{string.Join(' ', command[..2])}, killed before {call} {number}");
            kills++;
        }

        Prepare(agent, before);
        Assert.Equal(0, Run(agent, command));
        return kills;
    }

    /// <summary>By their name and their number among those of that name.</summary>
    private IReadOnlyList<(string Call, int Number)> WritingCalls(string agent, string[] command, string[] before)
    {
        Prepare(agent, before);
        string trace = _bench.Path("trace");
        Assert.Equal(0, Run("strace", ["-f", "-qq", "-o", trace, "-e", $"trace={Calls}", agent, .. command]));
        Dictionary<(string Thread, string Call), int> counts = [];
        List<(string, int)> calls = [];
        foreach (Match line in File.ReadLines(trace).Select(line => CallLine().Match(line)).Where(match => match.Success))
        {
            (string Thread, string Call) key = (line.Groups[1].Value, line.Groups[2].Value);
            int number = counts[key] = counts.GetValueOrDefault(key) + 1;
            if (key.Call != "openat" || line.Value.Contains("O_CREAT", StringComparison.Ordinal))
            {
                calls.Add((key.Call, number));
            }
        }

        return [.. calls.Distinct()];
    }

    private void Prepare(string agent, string[] before)
    {
        Reset();
        if (before.Length > 0)
        {
            Assert.Equal(0, Run(agent, before));
        }
    }

    /// <summary>Model 1 is confirmed, and nothing else is there.</summary>
    private void Reset()
    {
        if (Directory.Exists(_bench.Path("slots")))
        {
            Directory.Delete(_bench.Path("slots"), recursive: true);
        }

        Directory.CreateDirectory(_bench.Path("slots"));
        foreach (string file in Directory.EnumerateFiles(_bench.Path("before")))
        {
            File.Copy(file, _bench.Path("slots", Path.GetFileName(file)));
        }
    }

    /// <summary>The version that runs now: whole, signed, passing its selftest; and the next update works.</summary>
    private long WhatRuns(string when)
    {
        SlotStatus status = _bench.Slots.Status();
        SignedModel signed = SignedModel.Read(_bench.Slots.CurrentFile ?? "", _bench.Trust);
        Assert.True(signed.Manifest!.Identity == status.Current && status.Current.Version is 1 or 2, $"{when}: {status}");
        using EdgeConv.Runtime.Model model = EdgeConv.Runtime.Model.Load(signed.Bytes.Span);
        Assert.Null(EdgeConv.Runtime.SelfTest.Run(model, EdgeConv.Runtime.Kernels.KernelPath.Reference));
        UpdateResult next = _bench.Gate(with => with with { AllowsRollback = true }).Accept(_two);
        Assert.True(next.Outcome != UpdateOutcome.Refused, $"{when}: {next.Message}");
        return status.Current.Version;
    }

    private static string NativeAgent()
    {
        using Process build = Start(RepositoryFolder.Path("tests", "emulators", "agent.sh"), ["host"]);
        string output = build.StandardOutput.ReadToEnd().Trim();
        build.WaitForExit();
        Assert.SkipUnless(build.ExitCode == 0, "the native agent cannot be built here");
        return output;
    }

    private static bool CanTrace()
    {
        try
        {
            return Run("strace", ["-f", "-qq", "-o", "/dev/null", "-e", "trace=write", "/bin/true"]) == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static int Run(string program, string[] arguments)
    {
        using Process process = Start(program, arguments);
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }

    private static Process Start(string program, string[] arguments, bool readsErrors = true)
    {
        Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        if (readsErrors)
        {
            _ = process.StandardError.ReadToEndAsync();
        }

        return process;
    }

    [GeneratedRegex(@"^(\d+) +(\w+)\(.*")]
    private static partial Regex CallLine();
}
