using EdgeConv.Tests.Agent;
using EdgeConv.Tests.Agent.Operating;

namespace EdgeConv.Tests.Packaging;

/// <summary>The Debian package on a throw-away copy of this machine with a systemd of its own: installed, configured, run, upgraded, removed, purged.</summary>
[Collection(nameof(ShippedPackages))]
public sealed class DebianPackageTests(ShippedPackages packages) : IDisposable
{
    private const string Script = """
        of() { systemctl show --property "$1" --value edgeconv-agent; }
        reach() { for i in $(seq 600); do "$@" && return; sleep 0.05; done; echo "@NEVER $*"; }
        sees() { [ "$(of ActiveState)" = active ] && [[ "$(of StatusText)" == "Sees left"* ]]; }
        configure() {
          cp -r /trial/model.ecm /trial/frames /var/lib/edgeconv/
          printf 'model = "/var/lib/edgeconv/model.ecm"\ncamera = "folder:/var/lib/edgeconv/frames?fps=20&loop=1"\ndecide.votes = 1\n' > /etc/edgeconv/agent.toml
        }
        export DEBIAN_FRONTEND=noninteractive

        dpkg -i /trial/agent.deb
        echo "@INSTALL $? $(getent passwd edgeconv | cut -d: -f7) $(stat -c %U:%a /var/lib/edgeconv) $(of UnitFileState) $(of ActiveState)"
        systemd-analyze verify --no-pager edgeconv-agent.service
        echo "@VERIFY $?"
        edgeconv-agent check --config /etc/edgeconv/agent.toml
        echo "@CHECK $?"
        configure
        systemctl enable --now edgeconv-agent
        reach sees
        first=$(of MainPID)
        echo "@RUNS $(ps -o user= -p "$first")"
        dpkg -i /trial/agent.deb < /dev/null
        reach sees
        [ "$first" != "$(of MainPID)" ] && grep -q frames /etc/edgeconv/agent.toml && echo "@UPGRADE $(of ActiveState)"
        dpkg -r edgeconv-agent
        echo "@REMOVE $? $(of ActiveState) $(ls /etc/edgeconv/agent.toml) $(ls -d /var/lib/edgeconv)"
        dpkg -P edgeconv-agent
        echo "@PURGE $? $(ls -d /etc/edgeconv /var/lib/edgeconv 2> /dev/null | wc -l) $(getent passwd edgeconv | wc -l)"

        # The one for another processor, which an emulator runs: all but the libraries that the package asks for is as on a Pi.
        dpkg --force-architecture,depends -i /trial/arm64.deb
        echo "@INSTALL-ARM64 $? $(getent passwd edgeconv | cut -d: -f7) $(of ActiveState)"
        configure
        mkdir /etc/systemd/system/edgeconv-agent.service.d
        cat > /etc/systemd/system/edgeconv-agent.service.d/emulated.conf << 'UNIT'
        [Service]
        ExecStart=
        ExecStart=/usr/bin/qemu-aarch64 -cpu cortex-a53 -L /usr/aarch64-linux-gnu /usr/bin/edgeconv-agent run --config /etc/edgeconv/agent.toml
        # What the emulator itself does.
        MemoryDenyWriteExecute=no
        UNIT
        systemctl daemon-reload
        systemctl enable --now edgeconv-agent
        reach sees
        echo "@RUNS-ARM64 $(ps -o user=,comm= -p "$(of MainPID)" | xargs)"
        dpkg -P edgeconv-agent:arm64
        echo "@PURGE-ARM64 $? $(of ActiveState) $(ls -d /etc/edgeconv /var/lib/edgeconv 2> /dev/null | wc -l) $(getent passwd edgeconv | wc -l)"
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_installs_runs_upgrades_and_goes_away_and_keeps_what_is_the_users_until_it_is_purged()
    {
        packages.Ready();
        string deb = Path.Combine(packages.Feed, $"edgeconv-agent_{packages.Version}_amd64.deb");
        Assert.SkipWhen(!File.Exists(deb), "no dpkg-deb here");
        LiveSystemd.Need();
        File.Copy(deb, _folder.Path("agent.deb"));
        File.Copy(deb.Replace("amd64", "arm64", StringComparison.Ordinal), _folder.Path("arm64.deb"));
        _folder.Write("model.ecm", BrightestPixelModel.Write());
        _folder.Write("frames/1.pgm", [.. "P5 2 2 255\n"u8, 255, 0, 0, 0]);

        string[] lines = LiveSystemd.Run(_folder, Script).Split('\n');
        Assert.Contains("@INSTALL 0 /usr/sbin/nologin edgeconv:750 disabled inactive", lines);
        Assert.Contains("@VERIFY 0", lines);
        Assert.Contains("@CHECK 2", lines);   // there is no model yet, and that is said
        Assert.Contains("@RUNS edgeconv", lines);
        Assert.Contains("@UPGRADE active", lines);
        Assert.Contains("@REMOVE 0 inactive /etc/edgeconv/agent.toml /var/lib/edgeconv", lines);
        Assert.Contains("@PURGE 0 0 0", lines);
        Assert.Contains("@INSTALL-ARM64 0 /usr/sbin/nologin inactive", lines);
        Assert.Contains("@RUNS-ARM64 edgeconv qemu-aarch64", lines);
        Assert.Contains("@PURGE-ARM64 0 inactive 0 0", lines);
    }

    [Fact]
    public void Both_processors_get_the_same_unit_and_it_is_the_one_that_the_agent_writes()
    {
        packages.Ready();
        Assert.SkipWhen(!File.Exists("/usr/bin/dpkg-deb"), "no dpkg-deb here");
        foreach (string architecture in (string[])["amd64", "arm64"])
        {
            string folder = _folder.Path(architecture);
            (int code, string errors) = LiveSystemd.Run("dpkg-deb", "-x", Path.Combine(packages.Feed, $"edgeconv-agent_{packages.Version}_{architecture}.deb"), folder);
            Assert.True(code == 0, errors);
            string unit = File.ReadAllText(Path.Combine(folder, "usr/lib/systemd/system/edgeconv-agent.service"));
            string written = new EdgeConv.Agent.Operating.ServiceUnit("/usr/bin/edgeconv-agent", "/etc/edgeconv/agent.toml") { User = "edgeconv" }.Text();
            Assert.Equal(written[(written.IndexOf('\n', StringComparison.Ordinal) + 1)..], unit);
        }
    }
}
