using System.Globalization;

namespace EdgeConv.Cli.Deployment;

/// <summary>user@host[:port], or a name of the user's ssh configuration.</summary>
/// <param name="Host">What ssh is given: with the user, without the port.</param>
/// <param name="Port">Null for ssh's own choice.</param>
internal sealed record DeployTarget(string Host, int? Port)
{
    /// <summary>Reads --to.</summary>
    /// <exception cref="UsageException">It is no such thing.</exception>
    public static DeployTarget Parse(string text)
    {
        int at = text.IndexOf('@'), colon = text.LastIndexOf(':'), bracket = text.LastIndexOf(']');
        int? port = null;
        string host = text;
        if (colon > bracket && text.IndexOf(':', at + 1) == colon || colon > bracket && bracket >= 0)
        {
            host = text[..colon];
            port = int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value is > 0 and < 65536
                ? value : throw Bad();
        }

        // A leading '-' would be an option of ssh.
        host = host.Replace("[", "", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal);
        string name = host[(host.IndexOf('@') + 1)..];
        return name.Length == 0 || at == 0 || host.StartsWith('-') || name.StartsWith('-') || host.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))
            ? throw Bad()
            : new DeployTarget(host, port);

        UsageException Bad() => new($"--to {text}: expected user@host, or user@host:port, such as pi@raspberrypi.local.");
    }
}
