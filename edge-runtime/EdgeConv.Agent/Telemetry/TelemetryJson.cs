using System.Text.Json;
using EdgeConv.Agent.Serving;
using EdgeConv.Devices.Updating;

namespace EdgeConv.Agent.Telemetry;

/// <summary>What happened between two reports.</summary>
/// <param name="Before">At the last one.</param>
/// <param name="Now">At this one.</param>
/// <param name="Latency">Of the frames between.</param>
/// <param name="Illness">What is wrong now, or null.</param>
/// <param name="Package">The package that runs, or null.</param>
internal sealed record TelemetryInterval(WatchState Before, WatchState Now, Percentiles Latency, string? Illness, InstalledPackage? Package);

/// <summary>A report as one line of JSON; AGENT.md has its keys.</summary>
internal static class TelemetryJson
{
    /// <summary>Writes it.</summary>
    public static byte[] Write(TelemetryInterval interval, HostState host)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            WatchState now = interval.Now;
            json.WriteStartObject();
            json.WriteString("time", DateTime.UtcNow);
            json.WriteString("agent", AgentVersion.Text);
            WriteModel(json, now.Model, interval.Package);
            json.WriteString("health", interval.Illness ?? "ok");
            json.WriteNumber("uptime_seconds", Math.Round(now.Uptime.TotalSeconds, 1));
            json.WriteNumber("seconds", Math.Round((now.Uptime - interval.Before.Uptime).TotalSeconds, 1));
            json.WriteNumber("frames", now.Frames - interval.Before.Frames);
            json.WriteNumber("frames_total", now.Frames);
            json.WriteNumber("blind", now.BlindTimes - interval.Before.BlindTimes);
            json.WriteNumber("changes", now.ChangeCount - interval.Before.ChangeCount);
            WriteLatency(json, interval.Latency);
            WriteClasses(json, interval.Before.FramesOfClass, now.FramesOfClass);
            json.WriteNumber("swaps", now.Swaps);
            json.WriteNumber("refusals", now.Refusals);
            WriteHost(json, host);
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    private static void WriteModel(Utf8JsonWriter json, ModelState? model, InstalledPackage? package)
    {
        json.WriteStartObject("model");
        json.WriteString("name", model?.Name ?? package?.Name);
        json.WriteString("path", model?.Path);
        if (package is not null)
        {
            json.WriteNumber("version", package.Version);
            json.WriteString("sha256", package.ModelHash);
        }

        json.WriteEndObject();
    }

    private static void WriteLatency(Utf8JsonWriter json, Percentiles latency)
    {
        json.WriteStartObject("latency_us");
        foreach ((string name, double part) in (ReadOnlySpan<(string, double)>)[("p50", 0.5), ("p90", 0.9), ("p99", 0.99)])
        {
            json.WriteNumber(name, Math.Round(latency.At(part)));
        }

        json.WriteNumber("max", Math.Round(latency.Largest));
        json.WriteEndObject();
    }

    private static void WriteClasses(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, long>> before, IReadOnlyList<KeyValuePair<string, long>> now)
    {
        Dictionary<string, long> counted = new(before, StringComparer.Ordinal);
        json.WriteStartObject("classes");
        foreach ((string label, long frames) in now.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (frames - counted.GetValueOrDefault(label) is > 0 and long more)
            {
                json.WriteNumber(label, more);
            }
        }

        json.WriteEndObject();
    }

    private static void WriteHost(Utf8JsonWriter json, HostState host)
    {
        json.WriteNumber("memory_bytes", Environment.WorkingSet);
        if (host.Temperature() is { } temperature)
        {
            json.WriteNumber("temperature_celsius", Math.Round(temperature, 1));
        }

        if (host.Throttled() is { } bits)
        {
            json.WriteNumber("throttled", bits);
        }
    }
}
