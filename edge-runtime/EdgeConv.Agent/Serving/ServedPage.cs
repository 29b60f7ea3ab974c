using EdgeConv.Agent.Operating;
using EdgeConv.Devices.Watching;

namespace EdgeConv.Agent.Serving;

/// <summary>The page with what it shows. Nothing of it, and nothing of the web server, is touched where no page is asked for.</summary>
internal sealed class ServedPage : IDisposable
{
    private readonly FrameTap _tap;
    private readonly PageServer _server;

    private ServedPage(WatchRecord record, FrameTap tap, PageServer server) => (Record, _tap, _server) = (record, tap, server);

    /// <summary>What the page shows.</summary>
    public WatchRecord Record { get; }

    /// <summary>Where it is.</summary>
    public string Url => _server.Url;

    /// <summary>Both see every frame.</summary>
    public IReadOnlyList<IWatchListener> Listeners => [Record, _tap];

    /// <summary>Serves, and says where.</summary>
    /// <exception cref="FailureException">The port cannot be had.</exception>
    public static ServedPage Open(ServeOptions options, string camera, Journal log)
    {
        WatchRecord record = new(camera);
        FrameTap tap = new(options.PicturesASecond);
        try
        {
            PageServer server = PageServer.Start(record, tap, options);
            log.Information($"page: {server.Url}");
            return new ServedPage(record, tap, server);
        }
        catch
        {
            tap.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _server.Dispose();
        _tap.Dispose();
    }
}
