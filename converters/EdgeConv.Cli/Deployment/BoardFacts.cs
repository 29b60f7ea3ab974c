using System.Globalization;
using EdgeConv.Cli.Files;

namespace EdgeConv.Cli.Deployment;

/// <summary>What a board says about itself.</summary>
/// <param name="Architecture">Of the programs that run there.</param>
/// <param name="Home">The user's home.</param>
/// <param name="IsRoot">Whether the user is root.</param>
/// <param name="HasSudo">Whether sudo does not ask for a password.</param>
/// <param name="HasSystemd">Whether there is a systemctl.</param>
/// <param name="FreeBytes">Where the upload goes.</param>
internal sealed record BoardFacts(string Architecture, string Home, bool IsRoot, bool HasSudo, bool HasSystemd, long FreeBytes)
{
    // A 64-bit kernel may run a 32-bit system.
    private const string Script = """
        echo "system=$(uname -s)"; echo "machine=$(uname -m)"; echo "bits=$(getconf LONG_BIT 2>/dev/null || echo 64)"; echo "home=$HOME"
        echo "id=$(id -u)"; sudo -n true 2>/dev/null && echo "sudo=1"; command -v systemctl >/dev/null && echo "systemd=1"
        echo "free=$(df -Pk "$HOME" | awk 'END { print $4 }')"
        """;

    /// <summary>Asks.</summary>
    /// <exception cref="FailureException">It cannot be reached, or is no Linux.</exception>
    public static BoardFacts Ask(SshConnection ssh, CancellationToken cancel)
    {
        ChildResult answer = ssh.Run(Script, cancel);
        Dictionary<string, string> facts = answer.Output.Split('\n').Select(line => line.Trim().Split('=', 2)).Where(pair => pair.Length == 2)
            .DistinctBy(pair => pair[0]).ToDictionary(pair => pair[0], pair => pair[1]);
        string Fact(string name) => facts.GetValueOrDefault(name, "");
        if (Fact("system") != "Linux")
        {
            throw new FailureException($"{ssh.Name}: expected Linux there, found '{Fact("system")}' ({answer.LastWords}).");
        }

        string machine = Fact("machine") == "aarch64" && Fact("bits") == "32" ? "armv8l" : Fact("machine");
        long free = long.TryParse(Fact("free"), NumberStyles.None, CultureInfo.InvariantCulture, out long kilobytes) ? kilobytes * 1024 : long.MaxValue;
        return new BoardFacts(machine, Fact("home"), Fact("id") == "0", Fact("sudo") == "1", Fact("systemd") == "1", free);
    }
}
