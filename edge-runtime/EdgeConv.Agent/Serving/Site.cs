using System.Globalization;
using System.Text;
using EdgeConv.Devices.Frames;
using Microsoft.AspNetCore.Http;

namespace EdgeConv.Agent.Serving;

/// <summary>What is behind each address. A table: a path that is not in it leads nowhere, least of all to a file.</summary>
internal sealed class Site
{
    private const int MostViewers = 8;
    private const string Boundary = "edgeconv-frame";

    private static readonly ReadOnlyMemory<byte> _page = Resource("page.html"), _style = Resource("page.css"), _script = Resource("page.js");

    private readonly WatchRecord _record;
    private readonly FrameTap _tap;
    private readonly ServeOptions _options;
    private readonly Gate _gate;
    private readonly HostState _host = new();
    private readonly Dictionary<string, (bool IsPost, Func<HttpContext, Task> Answer)> _addresses;
    private int _viewers;

    /// <summary>Of one watcher.</summary>
    public Site(WatchRecord record, FrameTap tap, ServeOptions options, Gate gate)
    {
        (_record, _tap, _options, _gate) = (record, tap, options, gate);
        _addresses = new(StringComparer.Ordinal)
        {
            ["/"] = (false, AtOnce(context => Answers.Body(context, "text/html; charset=utf-8", _page))),
            ["/page.css"] = (false, AtOnce(context => Answers.Body(context, "text/css; charset=utf-8", _style))),
            ["/page.js"] = (false, AtOnce(context => Answers.Body(context, "text/javascript; charset=utf-8", _script))),
            ["/state"] = (false, AtOnce(State)),
            ["/healthz"] = (false, AtOnce(Health)),
            ["/metrics"] = (false, AtOnce(Metrics)),
            ["/frame.jpg"] = (false, Picture),
            ["/live.mjpg"] = (false, Stream),
            ["/frames"] = (true, Save),
        };
    }

    /// <summary>Answers one request.</summary>
    public async Task Answer(HttpContext context)
    {
        Answers.Harden(context.Response.Headers);
        if (!_gate.Admit(context))
        {
            return;
        }

        string method = context.Request.Method;
        bool isPost = HttpMethods.IsPost(method), isKnown = _addresses.TryGetValue(context.Request.Path.Value ?? "", out var address);
        if (!isPost && !HttpMethods.IsGet(method) && !HttpMethods.IsHead(method) || isKnown && isPost != address.IsPost)
        {
            Answers.Text(context, StatusCodes.Status405MethodNotAllowed, "Not that way.");
        }
        else if (!isKnown)
        {
            Answers.Text(context, StatusCodes.Status404NotFound, "There is nothing here.");
        }
        else
        {
            await address.Answer(context);
        }
    }

    private static Func<HttpContext, Task> AtOnce(Action<HttpContext> answer) => context =>
    {
        answer(context);
        return Task.CompletedTask;
    };

    private static ReadOnlyMemory<byte> Resource(string name)
    {
        using Stream stream = typeof(Site).Assembly.GetManifestResourceStream(name)!;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private void State(HttpContext context)
    {
        _record.Look();
        WatchState state = _record.Read();
        Answers.Body(context, "application/json", StateJson.Write(state, _host, state.Illness(_options.Period)));
    }

    private void Health(HttpContext context)
    {
        string? illness = _record.Read().Illness(_options.Period);
        Answers.Text(context, illness is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, illness ?? "ok");
    }

    private void Metrics(HttpContext context)
    {
        WatchState state = _record.Read();
        Answers.Body(context, "text/plain; version=0.0.4; charset=utf-8", Encoding.UTF8.GetBytes(MetricsText.Write(state, _host, state.Illness(_options.Period))));
    }

    /// <summary>One picture, newer than the one that is known: the page asks for the next when it has shown this one, so none ever queue.</summary>
    private async Task Picture(HttpContext context)
    {
        _ = long.TryParse(context.Request.Query["after"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out long after);
        TappedPicture? picture = await _tap.After(after, context.RequestAborted);
        if (picture is null)
        {
            Answers.Text(context, StatusCodes.Status503ServiceUnavailable, "No frame comes.");
            return;
        }

        context.Response.Headers["X-Frame"] = picture.Number.ToString(CultureInfo.InvariantCulture);
        Answers.Body(context, "image/jpeg", picture.Bytes);
    }

    /// <summary>Motion JPEG, for programs that show or read such cameras.</summary>
    private async Task Stream(HttpContext context)
    {
        if (Interlocked.Increment(ref _viewers) > MostViewers)
        {
            Interlocked.Decrement(ref _viewers);
            Answers.Text(context, StatusCodes.Status503ServiceUnavailable, $"{MostViewers} others look already.");
            return;
        }

        try
        {
            context.Response.ContentType = $"multipart/x-mixed-replace; boundary={Boundary}";
            if (HttpMethods.IsHead(context.Request.Method))
            {
                return;
            }

            for (long after = 0; !context.RequestAborted.IsCancellationRequested;)
            {
                if (await _tap.After(after, context.RequestAborted) is not { } picture)
                {
                    continue;
                }

                after = picture.Number;
                string head = $"--{Boundary}\r\nContent-Type: image/jpeg\r\nContent-Length: {picture.Bytes.Length}\r\n\r\n";
                await context.Response.Body.WriteAsync(Encoding.ASCII.GetBytes(head), context.RequestAborted);
                await context.Response.Body.WriteAsync(picture.Bytes, context.RequestAborted);
                await context.Response.Body.WriteAsync("\r\n"u8.ToArray(), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _viewers);
        }
    }

    private async Task Save(HttpContext context)
    {
        string label = context.Request.Query["label"].ToString();
        if (!FrameFolder.IsClassName(label))
        {
            Answers.Text(context, StatusCodes.Status400BadRequest,
                "The label becomes a folder: letters, digits, blanks, '-', '_' and '.', no '.' or blank at either end.");
            return;
        }

        try
        {
            string file = await _tap.Save(_options.Frames, label);
            _record.Saved();
            Answers.Text(context, StatusCodes.Status201Created, Path.GetRelativePath(_options.Frames, file));
        }
        catch (TimeoutException)
        {
            Answers.Text(context, StatusCodes.Status503ServiceUnavailable, "No frame comes that could be saved.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FrameException)
        {
            Answers.Text(context, StatusCodes.Status507InsufficientStorage, $"Not saved: {error.Message}");
        }
    }
}
