using EdgeConv.Agent.Configuring;

namespace EdgeConv.Agent.Fleet;

/// <summary>Where a server's links may lead: to itself. A board stands in somebody's network, and is nobody's hand in it.</summary>
internal static class FleetLinks
{
    private const int MostPrinted = 200;

    /// <summary>Scheme, host and port are the same.</summary>
    public static bool IsSameOrigin(Uri one, Uri other) =>
        one.Scheme == other.Scheme && one.Port == other.Port && string.Equals(one.IdnHost, other.IdnHost, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a link.</summary>
    /// <exception cref="FleetException">It is none.</exception>
    public static Uri Parse(string? href, Uri server) => Uri.TryCreate(server, href, out Uri? address) && href is { Length: > 0 }
        ? address
        : throw new FleetException($"The server's link \"{Printable(href)}\" is no address.");

    /// <summary>The address, where it may be asked.</summary>
    /// <param name="address">Where a link leads.</param>
    /// <param name="settings">The server, and the hosts that keep its files.</param>
    /// <param name="isFile">Only files may be elsewhere.</param>
    /// <exception cref="FleetException">It may not.</exception>
    public static Uri Check(Uri address, FleetSettings settings, bool isFile)
    {
        if (IsSameOrigin(address, settings.Server))
        {
            return address;
        }

        bool isNamed = isFile && address.Scheme == Uri.UriSchemeHttps && settings.DownloadHosts.Contains(Host(address), StringComparer.OrdinalIgnoreCase);
        return isNamed ? address : throw new FleetException(
            $"The server's link leads to {Printable(address.Scheme)}://{Printable(address.Authority)}, expected {settings.Server.Scheme}://{settings.Server.Authority}."
            + (isFile ? " If its files are kept there, over https, name it in downloads-from." : " Behind a proxy it must be told its own address."));
    }

    /// <summary>host, or host:port where the port is not the usual one; an address of IPv6 is in brackets.</summary>
    public static string Host(Uri address)
    {
        string host = address.HostNameType == UriHostNameType.IPv6 ? address.Host : address.IdnHost;
        return address.IsDefaultPort ? host : $"{host}:{address.Port}";
    }

    /// <summary>What a server said, for a line of the log: short, and without what moves a terminal.</summary>
    public static string Printable(string? text)
    {
        string line = string.Concat((text ?? "").Take(MostPrinted).Select(letter => char.IsControl(letter) || char.IsSurrogate(letter) ? '?' : letter));
        return text?.Length > MostPrinted ? line + "..." : line;
    }
}
