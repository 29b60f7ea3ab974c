using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace EdgeConv.Agent.Serving;

/// <summary>
/// The framework's web server, alone: no host, no configuration, no routing, which would triple what it adds to the program. Made only when a page
/// is asked for; every limit is set here.
/// </summary>
internal sealed class PageServer : IDisposable
{
    private static readonly TimeSpan _timeToStop = TimeSpan.FromSeconds(1);

    private readonly KestrelServer _server;

    private PageServer(KestrelServer server) => _server = server;

    /// <summary>The port, also where a free one was taken.</summary>
    public int Port { get; private init; }

    /// <summary>What to open in a browser; with the token where one is needed.</summary>
    public required string Url { get; init; }

    /// <summary>Starts to serve.</summary>
    /// <exception cref="FailureException">The port is taken or not allowed, or the token cannot be had.</exception>
    public static PageServer Start(WatchRecord record, FrameTap tap, ServeOptions options)
    {
        AccessToken? token = options.Address.IsLoopback ? null : AccessToken.Open(options.TokenFile);
        KestrelServer server = new(Options.Create(Limits(options)),
            new SocketTransportFactory(Options.Create(new SocketTransportOptions { Backlog = 64 }), NullLoggerFactory.Instance), NullLoggerFactory.Instance);
        Requests requests = new();
        try
        {
            server.StartAsync(requests, CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (Exception error) when (error is IOException or System.Net.Sockets.SocketException)
        {
            server.Dispose();
            throw new FailureException($"--serve {options.Address.Address}:{options.Address.Port}: {error.Message} Is the port taken? Ports below 1024 need root.");
        }

        int port = new Uri(server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First()).Port;
        requests.Site = new Site(record, tap, options, new Gate(token, port));
        return new PageServer(server) { Port = port, Url = Address(options.Address.Address, port, token) };
    }

    /// <summary>Ends connections and the server.</summary>
    public void Dispose()
    {
        using CancellationTokenSource patience = new(_timeToStop);
        _server.StopAsync(patience.Token).GetAwaiter().GetResult();
        _server.Dispose();
    }

    private static KestrelServerOptions Limits(ServeOptions options)
    {
        KestrelServerOptions kestrel = new() { AddServerHeader = false, AllowSynchronousIO = false };
        KestrelServerLimits limits = kestrel.Limits;
        limits.MaxConcurrentConnections = options.MostConnections;
        limits.MaxConcurrentUpgradedConnections = 0;
        limits.MaxRequestBodySize = 1024;
        limits.MaxRequestBufferSize = 16 * 1024;
        limits.MaxRequestHeaderCount = 50;
        limits.MaxRequestHeadersTotalSize = 8 * 1024;
        limits.MaxRequestLineSize = 2 * 1024;
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(10);
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
        limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 100, gracePeriod: TimeSpan.FromSeconds(5));
        limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        kestrel.Listen(options.Address.Address, options.Address.Port, listen => listen.Protocols = HttpProtocols.Http1);
        return kestrel;
    }

    private static string Address(IPAddress address, int port, AccessToken? token)
    {
        string host = address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) ? Dns.GetHostName()
            : address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();
        return token is null ? $"http://{host}:{port}/" : $"http://{host}:{port}/?token={token.Text}";
    }

    /// <summary>Hands what the server reads to the site.</summary>
    private sealed class Requests : IHttpApplication<HttpContext>
    {
        public Site? Site { get; set; }

        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public async Task ProcessRequestAsync(HttpContext context)
        {
            if (Site is null)
            {
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return;
            }

            try
            {
                await Site.Answer(context);
            }
            catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
            {
                // The visitor is gone.
            }
        }

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }
    }
}
