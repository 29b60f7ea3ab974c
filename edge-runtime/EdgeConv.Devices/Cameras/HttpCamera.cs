using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using EdgeConv.Devices.Frames;

namespace EdgeConv.Devices.Cameras;

/// <summary>A network camera's motion JPEG, or that of another board's page.</summary>
internal sealed class HttpCamera : ICamera
{
    private readonly HttpClient _client;
    private readonly HttpResponseMessage _response;
    private readonly Stream _stream;
    private readonly MultipartReader _parts;
    private readonly Timer _watchdog;
    private readonly TimeSpan _timeout;
    private readonly string _address;
    private volatile bool _stalls;
    private volatile bool _stopped;
    private long _number;

    /// <summary>Connects.</summary>
    /// <exception cref="FrameException">Nobody answers, or not with a stream of JPEG.</exception>
    public HttpCamera(CameraUri uri)
    {
        if (!Uri.TryCreate(uri.Target, UriKind.Absolute, out Uri? address))
        {
            throw new FrameException($"{uri.Target} is no address; expected one like http://host:port/stream.");
        }

        _timeout = TimeSpan.FromSeconds(uri.Timeout(5));
        // A password is for the camera, not for the log.
        _address = address.GetComponents(UriComponents.AbsoluteUri & ~UriComponents.UserInfo, UriFormat.UriEscaped);
        _client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        try
        {
            _response = Connect(address);
            string boundary = Boundary(_response);
            _stream = _response.Content.ReadAsStream();
            _parts = new MultipartReader(_stream, boundary);
            _watchdog = new Timer(_ => Cut(stalls: true), null, _timeout, Timeout.InfiniteTimeSpan);
        }
        catch
        {
            _response?.Dispose();
            _client.Dispose();
            throw;
        }
    }

    public string Description => $"{_address}, motion JPEG";

    public bool Read(FrameBuffer frame)
    {
        try
        {
            _parts.Read(frame);
        }
        catch (Exception error) when (error is FrameException or IOException or HttpRequestException or ObjectDisposedException or OperationCanceledException)
        {
            return _stopped ? false
                : throw new FrameException(_stalls ? $"{_address} stalls: no frame in {_timeout.TotalSeconds:0.##} s." : $"{_address}: {error.Message}");
        }

        frame.SetJpeg();
        frame.Number = _number++;
        frame.Taken = Stopwatch.GetTimestamp();
        _watchdog.Change(_timeout, Timeout.InfiniteTimeSpan);
        return !_stopped;
    }

    public void Stop()
    {
        _stopped = true;
        Cut(stalls: false);
    }

    public void Dispose()
    {
        _watchdog.Dispose();
        Cut(stalls: false);
        _client.Dispose();
    }

    private HttpResponseMessage Connect(Uri address)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, address);
        if (address.UserInfo.Length > 0)
        {
            string user = Uri.UnescapeDataString(address.UserInfo);
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(user)));
        }

        using CancellationTokenSource patience = new(_timeout);
        try
        {
            HttpResponseMessage response = _client.Send(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            if (!response.IsSuccessStatusCode)
            {
                using (response)
                {
                    throw new FrameException($"{_address} answers {(int)response.StatusCode} {response.ReasonPhrase}.");
                }
            }

            return response;
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException or NotSupportedException or InvalidOperationException)
        {
            throw new FrameException(
                error is OperationCanceledException ? $"{_address} does not answer within {_timeout.TotalSeconds:0.##} s." : $"{_address}: {error.Message.TrimEnd('.')}.");
        }
    }

    private string Boundary(HttpResponseMessage response)
    {
        MediaTypeHeaderValue? type = response.Content.Headers.ContentType;
        string? boundary = type?.Parameters.FirstOrDefault(parameter => parameter.Name.Equals("boundary", StringComparison.OrdinalIgnoreCase))?.Value?.Trim('"');
        return type?.MediaType == "multipart/x-mixed-replace" && !string.IsNullOrEmpty(boundary?.TrimStart('-'))
            ? boundary
            : throw new FrameException($"{_address} sends {type?.MediaType ?? "something without a type"}; expected motion JPEG (multipart/x-mixed-replace).");
    }

    private void Cut(bool stalls)
    {
        _stalls |= stalls;
        _response.Dispose();
    }
}
