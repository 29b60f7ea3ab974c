namespace EdgeConv.Tests.Agent.Operating;

/// <summary>The unit that install writes, run by a real systemd: started, watched, restarted, fenced in, stopped, taken away.</summary>
public sealed class LiveServiceTests : IDisposable
{
    private const string Script = """
        of() { systemctl show --property "$1" --value edgeconv-agent; }
        reach() { for i in $(seq 600); do "$@" && return; sleep 0.05; done; echo "@NEVER $*"; }
        sees() { [ "$(of ActiveState)" = active ] && [[ "$(of StatusText)" == "Sees left"* ]]; }
        restarted() { [ "$(of NRestarts)" = "$1" ] && [ "$(of ActiveState)" = active ]; }
        fed() { [ "$(of WatchdogTimestampMonotonic)" != "$1" ]; }
        is() { [ "$(of ActiveState)" = "$1" ]; }

        cp -r /trial/opt /trial/etc /
        agent=/opt/edgeconv/edgeconv-agent
        $agent install /opt/edgeconv/model.ecm
        # A shorter watch than the 30 s of the unit, which the test would have to wait for.
        mkdir -p /etc/systemd/system/edgeconv-agent.service.d
        printf '[Service]\nWatchdogSec=3\n' > /etc/systemd/system/edgeconv-agent.service.d/short.conf
        systemctl daemon-reload
        systemctl enable --now edgeconv-agent
        echo "@START $? $(of ActiveState)"
        reach sees
        echo "@STATUS $(of StatusText)"
        echo "@ACCOUNT $(stat -c %u /proc/$(of MainPID)) $(grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/$(of MainPID)/status | tr -s '\t\n' ' ')"
        reach fed "$(of WatchdogTimestampMonotonic)"
        echo "@FED"
        kill -KILL $(of MainPID)
        reach restarted 1
        echo "@KILLED $(of ActiveState)"
        kill -STOP $(of MainPID)
        reach restarted 2
        echo "@HUNG $(of ActiveState)"
        reach sees
        systemctl stop edgeconv-agent
        echo "@STOP $(of ActiveState) $(of Result)"
        echo "@LINES $(wc -l < /var/lib/edgeconv/seen.jsonl)"
        [ ! -e /opt/edgeconv/no.jsonl ] && echo "@FENCED"
        sed -i 's/votes/votse/' /etc/edgeconv/agent.toml
        systemctl start edgeconv-agent
        reach is failed
        sleep 3
        echo "@MISTAKE $(of ActiveState) $(of ExecMainStatus) $(of NRestarts)"
        rm -r /etc/systemd/system/edgeconv-agent.service.d
        $agent uninstall
        echo "@UNINSTALL $? $(of LoadState)"
        echo "@WARNINGS"
        journalctl --no-pager --output cat --priority warning _COMM=edgeconv-agent
        echo "@MANAGER"
        journalctl --no-pager --output cat --unit edgeconv-agent _PID=1
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_real_systemd_starts_the_agent_watches_it_starts_it_again_and_gives_it_up_for_a_mistake()
    {
        LiveSystemd.Need();
        (int failed, string agent) = LiveSystemd.Run(RepositoryFolder.Path("tests", "emulators", "agent.sh"), "host");
        Assert.True(failed == 0, agent);
        _folder.Write("opt/edgeconv/model.ecm", BrightestPixelModel.Write());
        _folder.Write("opt/edgeconv/frames/1.pgm", [.. "P5 2 2 255\n"u8, 255, 0, 0, 0]);
        File.Copy(agent, _folder.Path("opt", "edgeconv", "edgeconv-agent"));
        _folder.Write("etc/edgeconv/agent.toml", """
            camera = "folder:/opt/edgeconv/frames?fps=20&loop=1"
            decide.votes = 1
            [[rule]]
            when = "left"
            again-every = "100 ms"
            append = "/var/lib/edgeconv/seen.jsonl"
            [[rule]]
            when = "left"
            append = "/opt/edgeconv/no.jsonl"
            """u8.ToArray());

        string said = LiveSystemd.Run(_folder, Script);
        string[] lines = said.Split('\n');
        Assert.Contains("@START 0 active", lines);
        Assert.Matches("@STATUS Sees left, [0-9.]+ frames/s\n", said);
        // An account that systemd made up, without a capability, and behind a filter of system calls.
        Assert.Matches("@ACCOUNT 6[1-5][0-9]{3} CapEff: 0+ NoNewPrivs: 1 Seccomp: 2 ?\n", said);
        Assert.Contains("@FED", lines);
        Assert.Contains("@KILLED active", lines);
        Assert.Contains("@HUNG active", lines);
        Assert.Contains("@STOP inactive success", lines);
        Assert.Matches("@LINES [1-9][0-9]+\n", said);
        Assert.Contains("@FENCED", lines);
        Assert.Contains("@MISTAKE failed 2 0", lines);
        Assert.Contains("@UNINSTALL 0 not-found", lines);
        string[] warnings = [.. lines.SkipWhile(line => line != "@WARNINGS").TakeWhile(line => line != "@MANAGER")];
        Assert.Contains(warnings, line => line.StartsWith("rule 2, append: ", StringComparison.Ordinal) && line.Contains("Read-only file system", StringComparison.Ordinal));
        Assert.DoesNotContain(warnings, line => line.Contains("left  0.", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("Watchdog timeout (limit 3s)", StringComparison.Ordinal));
    }
}
