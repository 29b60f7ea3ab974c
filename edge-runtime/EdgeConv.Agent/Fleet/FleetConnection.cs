using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using EdgeConv.Agent.Configuring;

namespace EdgeConv.Agent.Fleet;

/// <summary>The connection below the API: TLS, certificates, proxies.</summary>
internal static class FleetConnection
{
    // No program was older; a clock that says so was not set since the power came.
    private static readonly DateTimeOffset _firstSensible = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>What sends for one client.</summary>
    public static SocketsHttpHandler Handler(FleetSettings settings)
    {
        SocketsHttpHandler handler = new()
        {
            // Followed by hand, since a redirection may lead the token astray.
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = settings.Limit,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxConnectionsPerServer = 2,
            MaxResponseHeadersLength = 32,
        };
        if (settings.Certificate is { } certificate)
        {
            handler.SslOptions.ClientCertificates = [certificate];
        }

        if (settings.Authority is { } authority)
        {
            X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(authority);
            handler.SslOptions.CertificateChainPolicy = policy;
        }

        return handler;
    }

    /// <summary>Why there is no connection; where it may be the board's clock, also that.</summary>
    public static string Explain(Exception error, DateTimeOffset now)
    {
        string why = FleetLinks.Printable(error.GetBaseException().Message);
        bool isTls = error is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } || error.GetBaseException() is AuthenticationException;
        return isTls && now < _firstSensible
            ? string.Create(CultureInfo.InvariantCulture, $"{why} This board's clock says {now:yyyy-MM-dd}, when no certificate of now was valid: let it be set over the network.")
            : why;
    }
}
