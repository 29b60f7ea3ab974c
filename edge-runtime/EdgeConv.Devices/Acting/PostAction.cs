using System.Net.Http.Headers;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Devices.Acting;

/// <summary>POSTs the event to a web address.</summary>
internal sealed class PostAction(string name, PostRule rule, Action<string> say) : BackgroundAction<ActionEvent>(name, Room, say)
{
    private const int Room = 16;
    private static readonly TimeSpan _connectLimit = TimeSpan.FromSeconds(5);

    // Old connections are given up, so that another address of the same name is found.
    private readonly HttpClient _client = new(new SocketsHttpHandler { ConnectTimeout = _connectLimit, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = rule.Limit,
        MaxResponseContentBufferSize = 1 << 16,
    };

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _client.Dispose();
    }

    /// <inheritdoc/>
    protected override ActionEvent Prepare(ActionEvent what, in Picture? picture) => what;

    /// <inheritdoc/>
    protected override async Task Work(ActionEvent job, CancellationToken stop)
    {
        using ByteArrayContent content = new(job.ToJson());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpRequestMessage request = new(HttpMethod.Post, rule.Address) { Content = content };
        foreach ((string header, string value) in rule.Headers)
        {
            // A header such as Content-Language belongs to the content.
            _ = request.Headers.TryAddWithoutValidation(header, value) || content.Headers.TryAddWithoutValidation(header, value);
        }

        try
        {
            // What it answers does not matter, and may be without end.
            using HttpResponseMessage answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode)
            {
                throw new HttpRequestException($"{rule.Address} answered {(int)answer.StatusCode} {answer.ReasonPhrase}.");
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new HttpRequestException($"{rule.Address} did not answer in {rule.Limit.TotalSeconds:0.###} s.");
        }
    }
}
