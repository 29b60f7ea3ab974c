using System.Globalization;
using EdgeConv.Devices.Acting;

namespace EdgeConv.Agent.Configuring;

/// <summary>[gpio]: the chip, and what holds for its lines.</summary>
/// <param name="Chip">A chip's label, name or path; null for the one of this board's header.</param>
/// <param name="ActiveLow">Whether 0 V means on, where a line does not say.</param>
/// <param name="StopButton">A line with a button to ground that ends the program, or null.</param>
internal sealed record GpioSettings(string? Chip, bool ActiveLow, int? StopButton)
{
    // The 40 pins of the header are lines 0 to 27 of every Raspberry Pi; the lines behind them drive its own memory card and radio.
    private const int LastOfHeader = 27;
    private const int LastOfAny = 511;

    /// <summary>The highest line that may be switched.</summary>
    public int LastLine => Chip is null ? LastOfHeader : LastOfAny;

    /// <summary>Reads the table, or gives what holds without it.</summary>
    public static GpioSettings Read(TomlTable? table)
    {
        if (table is null)
        {
            return new GpioSettings(null, false, null);
        }

        GpioSettings settings = new(table.Text("chip"), table.Flag("active-low"), null);
        settings = settings with { StopButton = table.Whole("stop-button", 0, settings.LastLine) };
        table.RefuseOthers();
        return settings;
    }
}

/// <summary>[mqtt]: the broker.</summary>
internal static class BrokerSettings
{
    private const int PlainPort = 1883;
    private const int TlsPort = 8883;
    private static readonly TimeSpan _shortestTelemetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestTelemetry = TimeSpan.FromHours(24);

    /// <summary>Reads the table.</summary>
    public static MqttSettings? Read(TomlTable? table, Paths paths)
    {
        if (table is null)
        {
            return null;
        }

        bool tls = table.Flag("tls");
        (string host, int port) = ReadBroker(table, tls ? TlsPort : PlainPort);
        MqttSettings settings = new(host, port)
        {
            Tls = tls,
            User = table.Text("user"),
            Password = SecretFile.Read(table, "password-file", paths),
            Telemetry = ReadTelemetry(table),
        };
        string prefix = table.Text("topic") ?? settings.Prefix;
        RefuseWildcards(table, prefix);
        settings = settings with { Prefix = prefix.EndsWith('/') ? prefix : prefix + '/', ClientId = table.Text("client-id") ?? settings.ClientId };
        table.RefuseOthers();
        return settings;
    }

    /// <summary>Notes a topic that stands for others.</summary>
    public static void RefuseWildcards(TomlTable table, string topic)
    {
        if (topic.AsSpan().ContainsAny('+', '#'))
        {
            table.Mistake("topic", "+ and # stand for other topics; expected one without them.");
        }
    }

    private static TimeSpan? ReadTelemetry(TomlTable table)
    {
        TimeSpan? every = table.Time("telemetry");
        if (every < _shortestTelemetry || every > _longestTelemetry)
        {
            table.Mistake("telemetry", $"expected {_shortestTelemetry.TotalSeconds} s to {_longestTelemetry.TotalHours} h between two reports.");
        }

        return every;
    }

    private static (string Host, int Port) ReadBroker(TomlTable table, int otherwise)
    {
        table.Need("broker");

        string text = table.Text("broker") ?? "";
        int colon = text.StartsWith('[') ? text.IndexOf("]:", StringComparison.Ordinal) + 1 : text.LastIndexOf(':');
        int port = otherwise;
        if (colon > 0 && (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535))
        {
            table.Mistake("broker", $"found \"{text}\", expected a host, or host:port such as \"broker.local:1883\".");
        }

        return ((colon > 0 ? text[..colon] : text).Trim('[', ']'), port);
    }
}
