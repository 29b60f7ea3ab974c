using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeConv.Agent.Fleet;

namespace EdgeConv.Agent.Configuring;

/// <summary>[fleet]: the server that says what this board is to run, by hawkBit's Direct Device Integration API.</summary>
/// <param name="Server">Its address; ends in a slash.</param>
/// <param name="Tenant">Whose boards.</param>
/// <param name="Device">This board's name there.</param>
/// <param name="Folder">Where downloads and the last action are kept.</param>
internal sealed record FleetSettings(Uri Server, string Tenant, string Device, string Folder)
{
    private const int MostMegabytes = 2000;
    private const int LongestDevice = 256;
    private const int LongestAttribute = 128;

    /// <summary>The token with its scheme, or null.</summary>
    public AuthenticationHeaderValue? Authorization { get; init; }

    /// <summary>This board's certificate with its key, or null.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Who signs the server's certificate, where it is nobody whom the system knows; null where it is.</summary>
    public X509Certificate2Collection? Authority { get; init; }

    /// <summary>The largest package.</summary>
    public long MostBytes { get; init; } = 64_000_000;

    /// <summary>Other hosts that keep the server's files.</summary>
    public IReadOnlyList<string> DownloadHosts { get; init; } = [];

    /// <summary>What the server is told beside what every board tells.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Attributes { get; init; } = [];

    /// <summary>Between two polls, where the server does not say.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>No server makes it ask more often.</summary>
    public TimeSpan ShortestPoll { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Or leave it alone for longer.</summary>
    public TimeSpan LongestPoll { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Between two polls while an action is under way.</summary>
    public TimeSpan BusyPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After a first failure, at most.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>After any number of them.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The longest wait for an answer, or for the next byte of a file.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Reads the table.</summary>
    /// <param name="table">[fleet], or null.</param>
    /// <param name="paths">Where relative paths start.</param>
    /// <param name="update">[update], without which there is no place for a package.</param>
    public static FleetSettings? Read(TomlTable? table, Paths paths, UpdateSettings update)
    {
        if (table is null)
        {
            return null;
        }

        Uri server = ReadServer(table);
        FleetSettings settings = new(server, table.Text("tenant") ?? "DEFAULT", ReadDevice(table), paths.Of(table.Text("folder")) ?? Path.Combine(StateFolder.Path, "fleet"));
        settings = settings with
        {
            Authorization = ReadToken(table, paths),
            Certificate = ReadCertificate(table, paths),
            Authority = ReadAuthority(table, paths),
            MostBytes = 1_000_000L * (table.Whole("most-megabytes", 1, MostMegabytes) ?? 64),
            DownloadHosts = ReadHosts(table),
            Attributes = ReadAttributes(table),
            Poll = table.Time("poll") ?? settings.Poll,
        };
        if (settings.Poll < settings.ShortestPoll || settings.Poll > settings.LongestPoll)
        {
            table.Mistake("poll", $"expected {settings.ShortestPoll.TotalSeconds} s to {settings.LongestPoll.TotalHours} h.");
        }

        if (settings.Authorization is null && settings.Certificate is null && !table.Has("target-token-file") && !table.Has("gateway-token-file") && !table.Has("certificate-file"))
        {
            table.Mistakes.Add(table.Place, "'fleet' lacks what lets this board in: target-token-file, gateway-token-file, or certificate-file and key-file.");
        }

        if (update.Slots is null)
        {
            table.Mistakes.Add(table.Place, "'fleet' needs [update] slots, where its packages go.");
        }

        if (!table.Flag("unsigned") && update.Keys.Count == 0)
        {
            table.Mistakes.Add(table.Place, "'fleet' needs [update] key: without it whoever holds the server decides what runs here. unsigned = true says that this is meant.");
        }

        table.RefuseOthers();
        return settings;
    }

    private static Uri ReadServer(TomlTable table)
    {
        table.Need("server");
        string? text = table.Text("server");
        bool isPlain = table.Flag("plain-http");
        if (text is null)
        {
            return new Uri("https://localhost/");
        }

        if (!Uri.TryCreate(text.EndsWith('/') ? text : text + '/', UriKind.Absolute, out Uri? server) || server.Scheme is not ("https" or "http")
            || server.Query.Length > 0 || server.UserInfo.Length > 0)
        {
            table.Mistake("server", $"found \"{text}\", expected an address such as \"https://hawkbit.example:8443\".");
            return new Uri("https://localhost/");
        }

        if (server.Scheme == Uri.UriSchemeHttp && !server.IsLoopback && !isPlain)
        {
            table.Mistake("server", "over http everybody on the way reads the token. Use https, or say plain-http = true in a network of your own.");
        }

        return server;
    }

    private static IReadOnlyList<string> ReadHosts(TomlTable table)
    {
        IReadOnlyList<(string Text, Place Place)> words = table.Words("downloads-from", oneAlone: true) ?? [];
        foreach ((string word, Place place) in words)
        {
            // As a link's host is compared with it: anything else would never be one.
            string address = word[(word.IndexOf("://", StringComparison.Ordinal) is >= 0 and int scheme ? scheme + 3 : 0)..];
            string? host = Uri.TryCreate($"https://{address}", UriKind.Absolute, out Uri? parsed) ? FleetLinks.Host(parsed) : null;
            if (!word.Equals(host, StringComparison.OrdinalIgnoreCase))
            {
                table.Mistakes.Add(place, $"downloads-from: found \"{word}\", expected a host, or host:port where that is not 443, and nothing else: \"{host ?? "files.example"}\". Files come over https.");
            }
        }

        return [.. words.Select(word => word.Text)];
    }

    private static string ReadDevice(TomlTable table)
    {
        string device = table.Text("controller-id") ?? Environment.MachineName;
        if (device.Length > LongestDevice || device.Any(letter => letter is <= ' ' or > '~' or '/' or '\\' or '?' or '#' or '%'))
        {
            table.Mistake("controller-id", $"found \"{device}\", expected at most {LongestDevice} letters, digits, '-', '_', '.' and ':'.");
        }

        return device;
    }

    private static AuthenticationHeaderValue? ReadToken(TomlTable table, Paths paths)
    {
        bool hasTarget = table.Has("target-token-file");
        if (hasTarget && table.Has("gateway-token-file"))
        {
            table.Mistake("gateway-token-file", "there is a target-token-file too; expected one of them.");
        }

        (string key, string scheme) = hasTarget ? ("target-token-file", "TargetToken") : ("gateway-token-file", "GatewayToken");
        string? token = SecretFile.Read(table, key, paths)?.Trim();
        if (token is not null && token.Any(letter => letter is <= ' ' or > '~'))
        {
            table.Mistake(key, $"{paths.Of(table.Text(key))} holds no token; expected one word of letters and digits.");
            return null;
        }

        return token is null ? null : new AuthenticationHeaderValue(scheme, token);
    }

    private static X509Certificate2? ReadCertificate(TomlTable table, Paths paths)
    {
        string? file = paths.Of(table.Text("certificate-file"));
        bool hasKey = table.Has("key-file");
        if (file is null || !hasKey)
        {
            if (file is not null || hasKey)
            {
                table.Mistake(file is null ? "key-file" : "certificate-file", "certificate-file and key-file go together.");
            }

            return null;
        }

        return SecretFile.Read(table, "key-file", paths) is { } secret
            ? Pem(table, "certificate-file", () => X509Certificate2.CreateFromPem(File.ReadAllText(file), secret)) : null;
    }

    private static X509Certificate2Collection? ReadAuthority(TomlTable table, Paths paths)
    {
        if (paths.Of(table.Text("authority-file")) is not { } file || !paths.LooksAtFiles)
        {
            return null;
        }

        return Pem(table, "authority-file", () =>
        {
            X509Certificate2Collection certificates = [];
            certificates.ImportFromPem(File.ReadAllText(file));
            return certificates.Count > 0 ? certificates : throw new CryptographicException($"{file} holds no certificate; expected one or more in PEM.");
        });
    }

    private static T? Pem<T>(TomlTable table, string key, Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            table.Mistake(key, error.Message);
            return null;
        }
    }

    private static IReadOnlyList<KeyValuePair<string, string>> ReadAttributes(TomlTable table)
    {
        if (table.Table("attributes") is not { } attributes)
        {
            return [];
        }

        IReadOnlyList<KeyValuePair<string, string>> all = attributes.Texts();
        foreach ((string key, string value) in all.Where(pair => pair.Key.Length > LongestAttribute || pair.Value.Length > LongestAttribute))
        {
            attributes.Mistake(key, $"expected at most {LongestAttribute} letters: the server keeps no more.");
        }

        return all;
    }
}
