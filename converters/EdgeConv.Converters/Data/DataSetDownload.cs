using System.Globalization;
using System.Security.Authentication;

namespace EdgeConv.Converters.Data;

/// <summary>
/// Brings a data set from its home into the user's cache. Its folder appears there whole or not at all; what a stopped download has
/// brought waits beside it, in NAME.download. A second process waits for the first.
/// </summary>
public sealed class DataSetDownload
{
    private static readonly TimeSpan _pollLock = TimeSpan.FromMilliseconds(200);
    private readonly KnownDataSet _known;
    private readonly DataSetHome _home;
    private readonly string _cache, _target, _staging;

    internal DataSetDownload(KnownDataSet known, string cache)
    {
        (_known, _home, _cache) = (known, known.Home!, cache);
        _target = Path.Combine(cache, known.Name);
        _staging = _target + ".download";
    }

    /// <summary>What is about to happen, for the user: where from, how much, where to.</summary>
    public string Notice => string.Create(CultureInfo.InvariantCulture,
        $"data set {_known.Name} is not on this machine; downloading {_home.Bytes / 1e6:F0} MB from {_home.Home} to {_target}");

    /// <summary>A server that says nothing for so long is given up.</summary>
    internal TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Between a broken connection and the next attempt.</summary>
    internal TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Does it.</summary>
    /// <param name="show">Told, from any thread, what is done, bytes here and bytes in all.</param>
    /// <param name="cancel">Stops; what has come remains for the next time.</param>
    /// <exception cref="DataSetException">It cannot be downloaded; the message says why, and how to place it by hand.</exception>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public void Run(Action<string, long, long> show, CancellationToken cancel = default)
    {
        try
        {
            RunAsync(show, cancel).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is HttpRequestException or IOException or UnauthorizedAccessException or TimeoutException)
        {
            string reason = e.InnerException is AuthenticationException inner ? inner.Message : e.Message;
            string kept = Directory.Exists(_staging) && Directory.EnumerateFiles(_staging).Any(file => new FileInfo(file).Length > 0)
                ? "What has come is kept; the next attempt goes on from there. "
                : "";
            throw new DataSetException(
                $"Data set {_known.Name} is not on this machine and cannot be downloaded from {_home.Home}: "
                + $"{reason.TrimEnd('.')}. {kept}{DataSetPlaces.Advice(_known)}", e);
        }
    }

    private async Task RunAsync(Action<string, long, long> show, CancellationToken cancel)
    {
        Directory.CreateDirectory(_cache);
        using FileStream alone = await Lock(show, cancel);
        if (Directory.Exists(_target)) return; // another process brought it while this one waited
        Directory.CreateDirectory(_staging);
        using var http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = Patience }) { Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.UserAgent.ParseAdd("EdgeConv");
        long before = 0;
        foreach (RemoteFile file in _home.Files)
        {
            var download = new FileDownload(http, new Uri(_home.Home, file.Name), file, Path.Combine(_staging, file.Name))
            {
                Patience = Patience,
                Pause = Pause,
            };
            await download.RunAsync(here => show($"Downloading {_known.Name}, bytes", before + here, _home.Bytes), cancel);
            before += file.Bytes;
        }
        Directory.Move(_staging, _target);
    }

    // The lock file stays: whoever deletes it could delete the one that another process has just taken.
    private async Task<FileStream> Lock(Action<string, long, long> show, CancellationToken cancel)
    {
        string path = Path.Combine(_cache, $".{_known.Name}.lock");
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                show($"Waiting for another edgeconv, which downloads {_known.Name}", 0, _home.Bytes);
                await Task.Delay(_pollLock, cancel);
            }
        }
    }
}
