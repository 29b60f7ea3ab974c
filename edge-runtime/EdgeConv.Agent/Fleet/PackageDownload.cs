using System.Globalization;
using System.Net;
using System.Security.Cryptography;

namespace EdgeConv.Agent.Fleet;

/// <summary>
/// Fetches one file: goes on where an earlier try was cut, reads no byte more than was announced, and gives the file away only when its digest is the
/// announced one. The name that the server has for it is not used: the file is named after its digest.
/// </summary>
/// <param name="client">Asks the server.</param>
/// <param name="folder">Where files are while they come in.</param>
/// <param name="stall">Without a byte for so long the try is given up.</param>
internal sealed class PackageDownload(DdiClient client, string folder, TimeSpan stall)
{
    private const int BufferBytes = 1 << 16;
    private const int DigestCharacters = 64;
    private static readonly TimeSpan _longestTry = TimeSpan.FromHours(1);

    /// <summary>Refuses what cannot be fetched, before it is.</summary>
    /// <exception cref="RefusedUpdateException">No digest, or too large.</exception>
    public static void Check(DdiArtifact artifact, long most)
    {
        if (Digest(artifact) is not { Length: DigestCharacters } digest || !digest.All(char.IsAsciiHexDigitLower))
        {
            throw new RefusedUpdateException($"The server gives no SHA-256 for \"{FleetLinks.Printable(artifact.FileName)}\": without it nothing is fetched.");
        }

        if (artifact.Size <= 0 || artifact.Size > most)
        {
            throw new RefusedUpdateException(string.Create(CultureInfo.InvariantCulture,
                $"\"{FleetLinks.Printable(artifact.FileName)}\" has {artifact.Size} bytes, expected 1 to {most}; most-megabytes in [fleet] says how many."));
        }
    }

    /// <summary>Fetches what is missing.</summary>
    /// <returns>The file.</returns>
    /// <exception cref="FleetException">It did not come whole, or is another one; what came is kept for the next try where that makes sense.</exception>
    public async Task<string> Get(DdiArtifact artifact, CancellationToken stop)
    {
        string whole = Path.Combine(folder, Digest(artifact)! + ".ecpkg"), part = whole + ".part";
        if (File.Exists(whole))
        {
            return whole;
        }

        Directory.CreateDirectory(folder);
        RemoveOthers(part);
        using (FileStream file = new(part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            if (file.Length < artifact.Size)
            {
                await Fetch(artifact, file, stop).ConfigureAwait(false);
            }

            await Prove(artifact, file, stop).ConfigureAwait(false);
            file.Flush(flushToDisk: true);
        }

        File.Move(part, whole, overwrite: true);
        return whole;
    }

    /// <summary>Takes away what is left of downloads.</summary>
    public void Clear() => RemoveOthers("");

    private static string? Digest(DdiArtifact artifact) => artifact.Hashes?.Sha256?.ToLowerInvariant();

    private async Task Fetch(DdiArtifact artifact, FileStream file, CancellationToken stop)
    {
        long from = file.Length;
        using HttpResponseMessage answer = await client.Fetch(artifact.Links, from, stop).ConfigureAwait(false);
        switch (answer.StatusCode)
        {
            case HttpStatusCode.PartialContent when answer.Content.Headers.ContentRange is { } range && range.From == from:
                file.Position = from;
                break;
            case HttpStatusCode.OK:
                // A server that knows no ranges begins again, and so does the file.
                file.SetLength(0);
                break;
            default:
                if (answer.StatusCode is HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable)
                {
                    // From there the server does not go on: the next try begins again.
                    file.SetLength(0);
                }

                throw new FleetException($"The download answered {(int)answer.StatusCode} {FleetLinks.Printable(answer.ReasonPhrase)}.")
                {
                    RetryAfter = client.RetryAfter(answer),
                };
        }

        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(_longestTry);
        try
        {
            using Stream body = await answer.Content.ReadAsStreamAsync(limit.Token).ConfigureAwait(false);
            await Copy(body, file, artifact.Size, limit.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is HttpRequestException or HttpIOException || (error is OperationCanceledException && !stop.IsCancellationRequested))
        {
            throw new FleetException($"The download broke off after {file.Length} of {artifact.Size} bytes; it goes on from there.", error);
        }
    }

    private async Task Copy(Stream body, FileStream file, long size, CancellationToken limit)
    {
        byte[] buffer = new byte[BufferBytes];
        while (true)
        {
            using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(limit);
            patience.CancelAfter(stall);
            int read = await body.ReadAsync(buffer, patience.Token).ConfigureAwait(false);
            if (read == 0)
            {
                return;
            }

            if (file.Position + read > size)
            {
                file.SetLength(0);
                throw new FleetException($"The download has more bytes than the {size} that were announced.");
            }

            await file.WriteAsync(buffer.AsMemory(0, read), limit).ConfigureAwait(false);
        }
    }

    private static async Task Prove(DdiArtifact artifact, FileStream file, CancellationToken stop)
    {
        if (file.Length < artifact.Size)
        {
            throw new FleetException($"The download ended after {file.Length} of {artifact.Size} bytes; it goes on from there.");
        }

        file.Position = 0;
        string found = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, stop).ConfigureAwait(false));
        if (found != Digest(artifact))
        {
            file.SetLength(0);
            throw new FleetException($"The download has the SHA-256 {found}, expected {Digest(artifact)}; it begins again.");
        }
    }

    private void RemoveOthers(string kept)
    {
        if (Directory.Exists(folder))
        {
            foreach (string file in Directory.EnumerateFiles(folder, "*.ecpkg*").Where(file => file != kept))
            {
                File.Delete(file);
            }
        }
    }
}
