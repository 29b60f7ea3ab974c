using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EdgeConv.Agent.Configuring;

namespace EdgeConv.Agent.Fleet;

/// <summary>
/// Asks and answers a server. Nothing that comes from there is trusted: an answer has a size and a time, a link and a redirection lead to the server
/// itself, or for files to a host that the configuration names, and the token goes nowhere else.
/// </summary>
internal sealed class DdiClient : IDisposable
{
    private const int MostJson = 256 * 1024;
    private const int MostRedirections = 3;
    private static readonly TimeSpan _longestRetry = TimeSpan.FromDays(1);

    private readonly FleetSettings _settings;
    private readonly HttpClient _client;
    private readonly TimeProvider _clock;

    /// <summary>Connects when it is first asked.</summary>
    public DdiClient(FleetSettings settings, TimeProvider? clock = null)
    {
        (_settings, _clock) = (settings, clock ?? TimeProvider.System);
        _client = new HttpClient(FleetConnection.Handler(settings)) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("edgeconv-agent", AgentVersion.Text));
    }

    /// <summary>How far the server's clock is ahead of this board's, which may have none that runs without power.</summary>
    public TimeSpan Skew { get; private set; }

    private Uri Root => new(_settings.Server, $"{Uri.EscapeDataString(_settings.Tenant)}/controller/v1/{Uri.EscapeDataString(_settings.Device)}");

    /// <summary>What is there to do?</summary>
    public Task<DdiPoll> Poll(CancellationToken stop) => Get(Root, DdiJson.Default.DdiPoll, stop);

    /// <summary>What an update is made of.</summary>
    public Task<DdiAction> Action(DdiLink link, CancellationToken stop) => Get(Own(link), DdiJson.Default.DdiAction, stop);

    /// <summary>Which action to stop.</summary>
    public Task<DdiCancel> Cancel(DdiLink link, CancellationToken stop) => Get(Own(link), DdiJson.Default.DdiCancel, stop);

    /// <summary>Tells about the board.</summary>
    public Task Describe(DdiLink link, IReadOnlyDictionary<string, string> attributes, CancellationToken stop) =>
        Send(HttpMethod.Put, Own(link), new DdiAttributes("merge", attributes), DdiJson.Default.DdiAttributes, stop);

    /// <summary>Tells about an action.</summary>
    /// <param name="resource">deploymentBase or cancelAction.</param>
    /// <param name="action">The action's id.</param>
    /// <param name="status">What about it.</param>
    /// <param name="stop">Ends it.</param>
    public Task Tell(string resource, string action, DdiStatus status, CancellationToken stop)
    {
        string time = (_clock.GetUtcNow() + Skew).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        Uri feedback = new($"{Root.AbsoluteUri}/{resource}/{Uri.EscapeDataString(action)}/feedback");
        return Send(HttpMethod.Post, feedback, new DdiFeedback(action, time, status), DdiJson.Default.DdiFeedback, stop);
    }

    /// <summary>Begins to fetch a file.</summary>
    /// <param name="links">Where it is.</param>
    /// <param name="from">How much of it is here.</param>
    /// <param name="stop">Ends it.</param>
    public Task<HttpResponseMessage> Fetch(DdiArtifactLinks? links, long from, CancellationToken stop) => Limited(
        async limit => await Follow(
            () =>
            {
                HttpRequestMessage request = new(HttpMethod.Get, (Uri?)null);
                request.Headers.AcceptEncoding.ParseAdd("identity");
                request.Headers.Range = from > 0 ? new RangeHeaderValue(from, null) : null;
                return request;
            },
            Artifact(links),
            isFile: true,
            limit).ConfigureAwait(false),
        stop);

    /// <summary>How long an answer wants to be left alone, or null. A moment is told by the server's clock, so it is measured by it.</summary>
    public TimeSpan? RetryAfter(HttpResponseMessage answer)
    {
        TimeSpan? wait = answer.Headers.RetryAfter is not { } retry ? null : retry.Delta ?? retry.Date - (_clock.GetUtcNow() + Skew);
        return wait is { } time && time > TimeSpan.Zero ? time < _longestRetry ? time : _longestRetry : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private Task<T> Get<T>(Uri address, JsonTypeInfo<T> type, CancellationToken stop) => Limited(
        async limit =>
        {
            using HttpResponseMessage answer = await Follow(
                () =>
                {
                    HttpRequestMessage request = new(HttpMethod.Get, (Uri?)null);
                    request.Headers.Accept.ParseAdd("application/hal+json, application/json;q=0.9");
                    return request;
                },
                address,
                isFile: false,
                limit).ConfigureAwait(false);
            Refuse(answer);
            byte[] json = await ReadJson(answer, limit).ConfigureAwait(false);
            try
            {
                return JsonSerializer.Deserialize(json, type) ?? throw new JsonException("null");
            }
            catch (JsonException error)
            {
                throw new FleetException($"{Named(address)} answered something that is no message of this API: {error.Message}", error);
            }
        },
        stop);

    private Task<bool> Send<T>(HttpMethod method, Uri address, T message, JsonTypeInfo<T> type, CancellationToken stop) => Limited(
        async limit =>
        {
            byte[] json = JsonSerializer.SerializeToUtf8Bytes(message, type);
            using HttpResponseMessage answer = await Follow(
                () => new HttpRequestMessage(method, (Uri?)null)
                {
                    Content = new ByteArrayContent(json) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
                },
                address,
                isFile: false,
                limit).ConfigureAwait(false);
            Refuse(answer);
            return true;
        },
        stop);

    /// <summary>Sends, and again to where a redirection leads; whoever takes the answer disposes it.</summary>
    private async Task<HttpResponseMessage> Follow(Func<HttpRequestMessage> make, Uri address, bool isFile, CancellationToken limit)
    {
        for (int hops = 0; ; hops++)
        {
            using HttpRequestMessage request = make();
            request.RequestUri = address;
            if (_settings.Authorization is { } authorization && FleetLinks.IsSameOrigin(address, _settings.Server))
            {
                request.Headers.Authorization = authorization;
            }

            HttpResponseMessage answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit).ConfigureAwait(false);
            if (FleetLinks.IsSameOrigin(address, _settings.Server) && answer.Headers.Date is { } date)
            {
                Skew = date - _clock.GetUtcNow();
            }

            if ((int)answer.StatusCode is not (301 or 302 or 303 or 307 or 308))
            {
                return answer;
            }

            using (answer)
            {
                Uri? next = answer.Headers.Location;
                // A POST that becomes a GET would lose what it says, so that only questions are led on.
                address = next is null || request.Method != HttpMethod.Get || hops == MostRedirections
                    ? throw new FleetException($"{Named(address)} answered {(int)answer.StatusCode}, a redirection"
                        + (hops == MostRedirections ? $", the {hops + 1}th in a row." : " that is not followed here. Name the server's own address in [fleet]."))
                    : FleetLinks.Check(next.IsAbsoluteUri ? next : new Uri(address, next), _settings, isFile);
            }
        }
    }

    private Uri Own(DdiLink link) => FleetLinks.Check(FleetLinks.Parse(link.Href, _settings.Server), _settings, isFile: false);

    private Uri Artifact(DdiArtifactLinks? links)
    {
        // Servers name both, also those that are reached in one way only.
        DdiLink?[] inOrder = _settings.Server.Scheme == Uri.UriSchemeHttps ? [links?.Download, links?.DownloadHttp] : [links?.DownloadHttp, links?.Download];
        FleetException? why = null;
        foreach (DdiLink link in inOrder.OfType<DdiLink>())
        {
            try
            {
                return FleetLinks.Check(FleetLinks.Parse(link.Href, _settings.Server), _settings, isFile: true);
            }
            catch (FleetException error)
            {
                why ??= error;
            }
        }

        throw new RefusedUpdateException(why?.Message ?? "The package has no link to download it from.");
    }

    private void Refuse(HttpResponseMessage answer)
    {
        if (answer.IsSuccessStatusCode)
        {
            return;
        }

        int status = (int)answer.StatusCode;
        string why = status switch
        {
            401 or 403 => $" It does not let '{_settings.Device}' in: look at token or certificate in [fleet], and at the server's settings for them.",
            404 => " Look at server, tenant and controller-id in [fleet].",
            _ => "",
        };
        throw new FleetException($"{Named(answer.RequestMessage!.RequestUri!)} answered {status} {FleetLinks.Printable(answer.ReasonPhrase)}.{why}")
        {
            RetryAfter = RetryAfter(answer),
            IsGone = answer.StatusCode is HttpStatusCode.Gone or HttpStatusCode.NotFound,
        };
    }

    private async Task<byte[]> ReadJson(HttpResponseMessage answer, CancellationToken limit)
    {
        using Stream stream = await answer.Content.ReadAsStreamAsync(limit).ConfigureAwait(false);
        byte[] buffer = new byte[4096];
        int length = 0;
        while (true)
        {
            int read = await stream.ReadAsync(buffer.AsMemory(length), limit).ConfigureAwait(false);
            length += read;
            if (read == 0)
            {
                return buffer[..length];
            }

            if (length > MostJson)
            {
                throw new FleetException($"{Named(answer.RequestMessage!.RequestUri!)} answered more than {MostJson / 1024} KB; expected a message of a few.");
            }

            Array.Resize(ref buffer, length == buffer.Length ? 2 * length : buffer.Length);
        }
    }

    private async Task<T> Limited<T>(Func<CancellationToken, Task<T>> work, CancellationToken stop)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(_settings.Limit);
        try
        {
            return await work(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new FleetException($"{Named(_settings.Server)} did not answer in {_settings.Limit.TotalSeconds:0.###} s.");
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw new FleetException($"{Named(_settings.Server)}: {FleetConnection.Explain(error, _clock.GetUtcNow())}", error);
        }
    }

    private static string Named(Uri address) => FleetLinks.Printable(address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped));
}
