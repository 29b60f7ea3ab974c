using System.Globalization;
using EdgeConv.Cli.Files;

namespace EdgeConv.Cli.Deployment;

/// <summary>
/// The system's ssh and scp: the user's keys, agent, configuration and known hosts are theirs. One connection is kept open for all commands, so that
/// a password is asked for once.
/// </summary>
internal sealed class SshConnection : IDisposable
{
    private const int SshFailed = 255;

    private readonly DeployTarget _target;
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _options = ["-o", "ConnectTimeout=15", "-o", "ServerAliveInterval=10", "-o", "ServerAliveCountMax=3"];

    /// <summary>Nothing is connected yet.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="configuration">A file instead of the user's ~/.ssh/config, or null.</param>
    public SshConnection(DeployTarget target, string? configuration)
    {
        _target = target;
        if (configuration is not null)
        {
            _options.AddRange(["-F", configuration]);
        }

        if (Console.IsInputRedirected)
        {
            // Nobody is there to answer.
            _options.AddRange(["-o", "BatchMode=yes"]);
        }

        if (!OperatingSystem.IsWindows())
        {
            _options.AddRange(["-o", "ControlMaster=auto", "-o", $"ControlPath={_folder.File("ssh")}", "-o", "ControlPersist=60"]);
        }
    }

    /// <summary>For messages.</summary>
    public string Name => _target.Port is { } port ? $"{_target.Host}:{port}" : _target.Host;

    /// <summary>Runs a script there, in its plain shell.</summary>
    /// <exception cref="FailureException">The host cannot be reached, or does not let us in.</exception>
    public ChildResult Run(string script, CancellationToken cancel)
    {
        string[] port = _target.Port is { } number ? ["-p", number.ToString(CultureInfo.InvariantCulture)] : [];
        ChildResult result = ChildProcess.Capture("ssh", [.. _options, .. port, _target.Host, $"sh -c {Quote(script)}"], cancel);
        return result.ExitCode == SshFailed ? throw Explain(result) : result;
    }

    /// <summary>Copies files into a folder there.</summary>
    /// <exception cref="FailureException">They do not arrive.</exception>
    public void Copy(IEnumerable<string> files, string folder, CancellationToken cancel)
    {
        string[] port = _target.Port is { } number ? ["-P", number.ToString(CultureInfo.InvariantCulture)] : [];
        string user = _target.Host.Contains('@', StringComparison.Ordinal) ? _target.Host[..(_target.Host.IndexOf('@') + 1)] : "";
        string host = _target.Host[user.Length..];
        string place = $"{user}{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{folder}/";
        ChildResult result = ChildProcess.Capture("scp", ["-q", .. _options, .. port, .. files, place], cancel);
        if (result.ExitCode != 0)
        {
            throw result.Errors.Contains("No space left", StringComparison.OrdinalIgnoreCase)
                ? new FailureException($"{Name}: no space left there. `df -h` there shows which disk is full; older versions are in the folder's versions/.")
                : Explain(result);
        }
    }

    /// <summary>One word of a shell, whatever is in it.</summary>
    public static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>Ends the connection.</summary>
    public void Dispose()
    {
        if (File.Exists(_folder.File("ssh")))
        {
            ChildProcess.Capture("ssh", ["-q", "-O", "exit", .. _options, _target.Host], CancellationToken.None);
        }

        _folder.Dispose();
    }

    private FailureException Explain(ChildResult result)
    {
        string said = result.LastWords;
        string port = _target.Port is { } number ? $" -p {number}" : "";
        bool Says(string words) => result.Errors.Contains(words, StringComparison.OrdinalIgnoreCase);
        return new FailureException(
            Says("REMOTE HOST IDENTIFICATION HAS CHANGED")
                ? $"{Name}: its host key is another one than before. If the board was set up again: ssh-keygen -R {_target.Host[(_target.Host.IndexOf('@') + 1)..]}, then connect once by hand."
            : Says("Host key verification failed")
                ? $"{Name}: its host key is not known yet. Connect once by hand and look at the key: ssh{port} {_target.Host}"
            : Says("Permission denied")
                ? $"{Name} does not let you in ({said}). Bring a key there: ssh-copy-id{port} {_target.Host}"
            : Says("resolve hostname") || Says("Connection refused") || Says("timed out") || Says("No route") || Says("unreachable")
                ? $"{Name} cannot be reached: {said}. Is it on, on this network, and does its ssh server run?"
            : $"{Name}: ssh failed: {said}");
    }
}
