using System.Globalization;
using System.Net;

namespace EdgeConv.Agent.Serving;

/// <summary>Where the page is served.</summary>
/// <param name="Address">This machine only, unless another one was asked for.</param>
/// <param name="Port">0 takes a free one.</param>
internal sealed record ServeAddress(IPAddress Address, int Port)
{
    /// <summary>Whether nobody but this machine can reach it: then no token is asked for.</summary>
    public bool IsLoopback => IPAddress.IsLoopback(Address);

    /// <summary>Reads :8080, 127.0.0.1:8080, 0.0.0.0:8080 or [::]:8080.</summary>
    /// <exception cref="UsageException">It is none of these.</exception>
    public static ServeAddress Parse(string text)
    {
        int colon = text.LastIndexOf(':');
        string host = colon < 0 ? "" : text[..colon];
        if (!int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port > IPEndPoint.MaxPort)
        {
            throw Bad();
        }

        if (host is "" or "localhost")
        {
            return new ServeAddress(IPAddress.Loopback, port);
        }

        bool isBracketed = host.StartsWith('[') && host.EndsWith(']');
        return IPAddress.TryParse(isBracketed ? host[1..^1] : host, out IPAddress? address) && isBracketed == host.Contains(':')
            ? new ServeAddress(address, port)
            : throw Bad();

        UsageException Bad() => new(
            $"address \"{text}\": expected a port (:8080, this machine only) or an address with a port (0.0.0.0:8080, the whole network; then a token is asked for).");
    }
}
