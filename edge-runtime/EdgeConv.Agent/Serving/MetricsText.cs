using System.Globalization;
using System.Text;

namespace EdgeConv.Agent.Serving;

/// <summary>The state in the text format that Prometheus reads, version 0.0.4.</summary>
internal static class MetricsText
{
    /// <summary>All metrics.</summary>
    public static string Write(WatchState state, HostState host, string? illness)
    {
        StringBuilder text = new();
        Info(text, state);
        One(text, "edgeconv_up", "gauge", "1 while frames come and are answered.", illness is null ? 1 : 0);
        One(text, "edgeconv_uptime_seconds", "gauge", "Since the agent began to watch.", state.Uptime.TotalSeconds);
        One(text, "edgeconv_frames_total", "counter", "Frames that were classified.", state.Frames);
        One(text, "edgeconv_blind_total", "counter", "Times that no frame came for a while.", state.BlindTimes);
        One(text, "edgeconv_changes_total", "counter", "Times that another class was decided.", state.ChangeCount);
        One(text, "edgeconv_saved_frames_total", "counter", "Labelled frames that were saved from the page.", state.Saved);
        One(text, "edgeconv_model_swaps_total", "counter", "Model files that took over while it ran.", state.Swaps);
        One(text, "edgeconv_model_refusals_total", "counter", "Model files that were not taken.", state.Refusals);
        if (state.FrameAge is { } age)
        {
            One(text, "edgeconv_frame_age_seconds", "gauge", "Since the last answer.", age.TotalSeconds);
        }

        if (host.Temperature() is { } temperature)
        {
            One(text, "edgeconv_cpu_temperature_celsius", "gauge", "Of the processor.", temperature);
        }

        if (host.Throttled() is { } bits)
        {
            One(text, "edgeconv_throttled_bits", "gauge", "The firmware's word: bit 0 under-voltage, 1 capped, 2 throttled, 3 soft limit; 16 to 19 since the start.", bits);
        }

        One(text, "process_resident_memory_bytes", "gauge", "Resident memory.", Environment.WorkingSet);
        Classes(text, state);
        Histogram(text, state.Latency);
        return text.ToString();
    }

    private static void Info(StringBuilder text, WatchState state)
    {
        Head(text, "edgeconv_info", "gauge", "What runs.");
        text.Append(CultureInfo.InvariantCulture,
            $"edgeconv_info{{version=\"{AgentVersion.Text}\",model=\"{Escape(state.Model?.Name ?? "")}\",path=\"{state.Model?.Path}\",camera=\"{Escape(state.Camera)}\"}} 1\n");
    }

    private static void Classes(StringBuilder text, WatchState state)
    {
        Head(text, "edgeconv_class_frames_total", "counter", "Frames for which this class was decided.");
        foreach ((string label, long frames) in state.FramesOfClass.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"edgeconv_class_frames_total{{class=\"{Escape(label)}\"}} {frames}\n");
        }
    }

    private static void Histogram(StringBuilder text, LatencyState latency)
    {
        const string Name = "edgeconv_classify_seconds";
        Head(text, Name, "histogram", "From the frame at hand to the answer.");
        for (int i = 0; i < latency.Cumulative.Count; i++)
        {
            string bound = i < Latency.Bounds.Count ? Number(Latency.Bounds[i]) : "+Inf";
            text.Append(CultureInfo.InvariantCulture, $"{Name}_bucket{{le=\"{bound}\"}} {latency.Cumulative[i]}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"{Name}_sum {Number(latency.Sum)}\n{Name}_count {latency.Count}\n");
    }

    private static void One(StringBuilder text, string name, string type, string help, double value)
    {
        Head(text, name, type, help);
        text.Append(name).Append(' ').Append(Number(value)).Append('\n');
    }

    private static void Head(StringBuilder text, string name, string type, string help) =>
        text.Append("# HELP ").Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    private static string Escape(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Number(double value) => value.ToString("0.#########", CultureInfo.InvariantCulture);
}
