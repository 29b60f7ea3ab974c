using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace EdgeConv.Converters.Data;

/// <summary>
/// Brings one file over HTTP. What has come is in NAME.part, from which the next attempt goes on, in this run or a later one;
/// NAME itself appears only with the expected hash.
/// </summary>
internal sealed class FileDownload(HttpClient http, Uri address, RemoteFile file, string target)
{
    private const int Attempts = 5;
    private readonly string _part = target + ".part";

    /// <summary>A server that says nothing for so long is given up.</summary>
    public required TimeSpan Patience { get; init; }

    /// <summary>Between a broken connection and the next attempt.</summary>
    public required TimeSpan Pause { get; init; }

    /// <summary>Does it; at once when an earlier run has brought the file.</summary>
    /// <param name="progress">Told how many bytes are here.</param>
    /// <param name="cancel">Stops; the part remains.</param>
    /// <exception cref="DataSetException">What came has another hash; it is removed.</exception>
    /// <exception cref="HttpRequestException">No connection, or the server refuses.</exception>
    /// <exception cref="IOException">The connection broke again and again, or the disk is full.</exception>
    /// <exception cref="TimeoutException">The server went silent.</exception>
    public async Task RunAsync(Action<long> progress, CancellationToken cancel)
    {
        if (File.Exists(target)) return;
        for (int attempt = 1; ; attempt++)
        {
            long before = Length();
            try
            {
                await Receive(progress, cancel);
                break;
            }
            catch (Exception e) when (IsBadLine(e) && attempt < Attempts && Length() > before)
            {
                await Task.Delay(Pause, cancel); // it went some way: a bad line, not a dead one
            }
        }
        Check();
        File.Move(_part, target, overwrite: true);
    }

    private static bool IsBadLine(Exception e) =>
        e is HttpIOException or TimeoutException or IOException { InnerException: SocketException };

    private long Length() => File.Exists(_part) ? new FileInfo(_part).Length : 0;

    private async Task Receive(Action<long> progress, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        long here = Length();
        if (here > 0) request.Headers.Range = new RangeHeaderValue(here, null);
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        silence.CancelAfter(Patience);
        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, silence.Token);
            if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable) return; // nothing is missing: the hash decides
            if (!response.IsSuccessStatusCode)
                throw new HttpRequestException($"the server answers {(int)response.StatusCode} {response.ReasonPhrase} for {file.Name}");
            bool goesOn = response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == here;
            if (!goesOn) here = 0;
            using Stream body = await response.Content.ReadAsStreamAsync(silence.Token);
            using var part = new FileStream(_part, goesOn ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.Read);
            byte[] buffer = new byte[1 << 17];
            progress(here);
            while (here <= 2 * file.Bytes) // a server that does not stop shall not fill the disk
            {
                silence.CancelAfter(Patience);
                int read = await body.ReadAsync(buffer, silence.Token);
                if (read == 0) break;
                part.Write(buffer, 0, read);
                progress(here += read);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new TimeoutException($"the server said nothing for {Patience.TotalSeconds:0.#} s");
        }
    }

    private void Check()
    {
        (string found, long bytes) = (Hash(), Length());
        if (found == file.Sha256) return;
        File.Delete(_part);
        throw new DataSetException(
            $"What {address} sent ({bytes} bytes) is not the file that is expected: "
            + $"{(file.HashIsOfContent ? "its unpacked SHA-256" : "its SHA-256")} is {found}, expected {file.Sha256}. "
            + "It was removed. Try again; when it stays so, look whether a proxy or a login page answers in the server's place.");
    }

    private string Hash()
    {
        using FileStream part = File.OpenRead(_part);
        try
        {
            using Stream content = file.HashIsOfContent ? new GZipStream(part, CompressionMode.Decompress) : part;
            return Convert.ToHexStringLower(SHA256.HashData(content));
        }
        catch (InvalidDataException)
        {
            return "not there (no gzip file)";
        }
    }
}
