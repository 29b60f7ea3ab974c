using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace EdgeConv.Tests.Cli.Deployment;

/// <summary>
/// A board on this machine: a real sshd with its own keys on its own port, a home of its own, and a systemctl that writes down what it is told. As the
/// user that runs the tests.
/// </summary>
public sealed class SshBoard : IDisposable
{
    private const string Sshd = "/usr/sbin/sshd";

    private readonly TemporaryFolder _folder = new();
    private readonly ReservedPort _port = new();
    private readonly Process? _sshd;

    public SshBoard()
    {
        if (!File.Exists(Sshd))
        {
            WhyNot = "no /usr/sbin/sshd; apt-get install openssh-server brings it";
            return;
        }

        if (BuildAgent() is not { } agent)
        {
            WhyNot = "the native agent cannot be built here";
            return;
        }

        Agent = agent;
        Key("host");
        Key("user");
        Key("stranger");
        File.Copy(At("user.pub"), At("authorized"));
        Directory.CreateDirectory(At("home"));
        File.WriteAllText(At("known"), $"[127.0.0.1]:{Port} {File.ReadAllText(At("host.pub"))}");
        SshConfig = Config("ssh_config", "known", "user");
        WriteSystemctl();
        _sshd = StartServer();
    }

    /// <summary>Why there is no board; null where there is one.</summary>
    public string? WhyNot { get; }

    /// <summary>The native program for this machine.</summary>
    public string Agent { get; } = "";

    public int Port => _port.Number;

    /// <summary>For --ssh-config: knows the host and has the key.</summary>
    public string SshConfig { get; } = "";

    /// <summary>For --to.</summary>
    public string Address => $"{Environment.UserName}@127.0.0.1:{Port}";

    /// <summary>What systemctl was told, a line each.</summary>
    public string[] Systemctl => File.Exists(At("systemctl.log")) ? File.ReadAllLines(At("systemctl.log")) : [];

    /// <summary>A path of the board.</summary>
    public string At(params string[] parts) => _folder.Path(parts);

    /// <summary>Skips a test where there is no board.</summary>
    public void Need() => Assert.SkipWhen(WhyNot is not null, WhyNot ?? "");

    /// <summary>Services start, or do not.</summary>
    public void LetServicesStart(bool start)
    {
        File.Delete(At("broken"));
        if (!start)
        {
            File.WriteAllText(At("broken"), "");
        }
    }

    /// <summary>Makes a folder slowly from now on: says that it begins, waits, and says that it is done.</summary>
    public void MakeFoldersSlowly()
    {
        foreach (string sign in new[] { "making", "made" })
        {
            File.Delete(At(sign));
        }

        _folder.Script("bin/mkdir", $"#!/bin/sh\ntouch {At("making")}\nsleep 1\n/bin/mkdir \"$@\"\ncode=$?\ntouch {At("made")}\nexit $code\n");
    }

    /// <summary>And as fast as ever.</summary>
    public void MakeFolders() => File.Delete(At("bin", "mkdir"));

    /// <summary>A client's configuration.</summary>
    public string Config(string name, string known, string key)
    {
        File.WriteAllText(At(name), $"""
            UserKnownHostsFile {At(known)}
            GlobalKnownHostsFile /dev/null
            IdentityFile {At(key)}
            IdentitiesOnly yes
            StrictHostKeyChecking yes

            """);
        return At(name);
    }

    public void Dispose()
    {
        if (_sshd is not null)
        {
            _sshd.Kill(entireProcessTree: true);
            _sshd.WaitForExit();
            _sshd.Dispose();
        }

        _port.Dispose();
        _folder.Dispose();
    }

    private static string? BuildAgent()
    {
        using Process build = Process.Start(new ProcessStartInfo(RepositoryFolder.Path("tests", "emulators", "agent.sh"), ["host"])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _ = build.StandardError.ReadToEndAsync();
        string output = build.StandardOutput.ReadToEnd().Trim();
        build.WaitForExit();
        return build.ExitCode == 0 ? output : null;
    }

    private void Key(string name)
    {
        using Process make = Process.Start("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", At(name)]);
        make.WaitForExit();
        Assert.Equal(0, make.ExitCode);
    }

    private void WriteSystemctl()
    {
        Directory.CreateDirectory(At("bin"));
        string script = At("bin", "systemctl");
        File.WriteAllText(script, $"""
            #!/bin/sh
            echo "$*" >> {At("systemctl.log")}
            case "$*" in *restart*) [ ! -e {At("broken")} ] ;; esac

            """);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private Process StartServer()
    {
        File.WriteAllText(At("sshd_config"), $"""
            Port {Port}
            ListenAddress 127.0.0.1
            HostKey {At("host")}
            AuthorizedKeysFile {At("authorized")}
            PidFile none
            StrictModes no
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PermitRootLogin prohibit-password
            Subsystem sftp internal-sftp
            SetEnv HOME={At("home")} PATH={At("bin")}:/usr/local/bin:/usr/bin:/bin

            """);
        // Where the server runs as root it wants this folder, which the system's service would make.
        if (Environment.UserName == "root")
        {
            Directory.CreateDirectory("/run/sshd");
        }

        Process sshd = Process.Start(new ProcessStartInfo(Sshd, ["-D", "-e", "-f", At("sshd_config")]) { RedirectStandardError = true })!;
        sshd.ErrorDataReceived += (_, _) => { };
        sshd.BeginErrorReadLine();
        for (int i = 0; i < 600; i++)
        {
            using TcpClient client = new();
            try
            {
                client.Connect(IPAddress.Loopback, Port);
                return sshd;
            }
            catch (SocketException)
            {
                Thread.Sleep(100);
            }
        }

        throw new InvalidOperationException("sshd does not listen");
    }
}
