using System.Globalization;
using System.Text;
using EdgeConv.Devices.Frames;
using Microsoft.AspNetCore.Http;

namespace EdgeConv.Agent.Serving;

/// <summary>What is behind each address. A table: a path that is not in it leads nowhere, least of all to a file.</summary>
internal sealed class Site(WatchRecord record, FrameTap tap, ServeOptions options, Gate gate)
{
    private const int MostViewers = 8;
    private const string Boundary = "edgeconv-frame";

    private static readonly ReadOnlyMemory<byte> _page = Resource("page.html"), _style = Resource("page.css"), _script = Resource("page.js");

    private readonly HostState _host = new();
    private int _viewers;

    /// <summary>Answers one request.</summary>
    public async Task Answer(HttpContext context)
    {
        Answers.Harden(context.Response.Headers);
        if (!gate.Admit(context))
        {
            return;
        }

        string method = context.Request.Method, path = context.Request.Path.Value ?? "";
        bool isPost = HttpMethods.IsPost(method);
        if (!isPost && !HttpMethods.IsGet(method) && !HttpMethods.IsHead(method) || isPost != (path == "/frames") && IsKnown(path))
        {
            Answers.Text(context, StatusCodes.Status405MethodNotAllowed, "Not that way.");
            return;
        }

        await (path switch
        {
            "/" => Done(() => Answers.Body(context, "text/html; charset=utf-8", _page)),
            "/page.css" => Done(() => Answers.Body(context, "text/css; charset=utf-8", _style)),
            "/page.js" => Done(() => Answers.Body(context, "text/javascript; charset=utf-8", _script)),
            "/state" => Done(() => State(context)),
            "/healthz" => Done(() => Health(context)),
            "/metrics" => Done(() => Metrics(context)),
            "/frame.jpg" => Picture(context),
            "/live.mjpg" => Stream(context),
            "/frames" when isPost => Save(context),
            _ => Done(() => Answers.Text(context, StatusCodes.Status404NotFound, "There is nothing here.")),
        });
    }

    private static bool IsKnown(string path) =>
        path is "/" or "/page.css" or "/page.js" or "/state" or "/healthz" or "/metrics" or "/frame.jpg" or "/live.mjpg" or "/frames";

    private static Task Done(Action answer)
    {
        answer();
        return Task.CompletedTask;
    }

    private static ReadOnlyMemory<byte> Resource(string name)
    {
        using Stream stream = typeof(Site).Assembly.GetManifestResourceStream(name)!;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private void State(HttpContext context)
    {
        record.Look();
        WatchState state = record.Read();
        Answers.Body(context, "application/json", StateJson.Write(state, _host, state.Illness(options.Period)));
    }

    private void Health(HttpContext context)
    {
        string? illness = record.Read().Illness(options.Period);
        Answers.Text(context, illness is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, illness ?? "ok");
    }

    private void Metrics(HttpContext context)
    {
        WatchState state = record.Read();
        Answers.Body(context, "text/plain; version=0.0.4; charset=utf-8", Encoding.UTF8.GetBytes(MetricsText.Write(state, _host, state.Illness(options.Period))));
    }

    /// <summary>One picture, newer than the one that is known: the page asks for the next when it has shown this one, so none ever queue.</summary>
    private async Task Picture(HttpContext context)
    {
        _ = long.TryParse(context.Request.Query["after"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out long after);
        TappedPicture? picture = await tap.After(after, context.RequestAborted);
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
                if (await tap.After(after, context.RequestAborted) is not { } picture)
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
            string file = await tap.Save(options.Frames, label);
            record.Saved();
            Answers.Text(context, StatusCodes.Status201Created, Path.GetRelativePath(options.Frames, file));
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
