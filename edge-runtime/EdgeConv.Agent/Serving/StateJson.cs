using System.Text.Json;

namespace EdgeConv.Agent.Serving;

/// <summary>The state as the page reads it.</summary>
internal static class StateJson
{
    private const int ShownClasses = 10;
    private const int MostLabels = 200;

    /// <summary>One JSON object.</summary>
    public static byte[] Write(WatchState state, HostState host, string? illness)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            json.WriteStartObject();
            json.WriteString("illness", illness);
            json.WriteString("class", state.Label);
            json.WriteBoolean("known", state.IsKnown);
            WriteConfidence(json, state.Confidence);
            json.WriteNumber("frames", state.Frames);
            json.WriteNumber("number", state.Number);
            json.WriteNumber("rate", Round(state.FramesASecond));
            json.WriteNumber("milliseconds", Round(state.Latency.Recent * 1000));
            json.WriteNumber("uptime", Math.Floor(state.Uptime.TotalSeconds));
            json.WriteString("camera", state.Camera);
            json.WriteString("picture", state.Picture);
            WriteHost(json, host);
            WriteModel(json, state);
            WriteClasses(json, state);
            WriteHistory(json, state);
            WriteLayers(json, state);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void WriteHost(Utf8JsonWriter json, HostState host)
    {
        if (host.Temperature() is { } temperature)
        {
            json.WriteNumber("temperature", Math.Round(temperature, 1));
        }

        if (host.Throttled() is { } bits)
        {
            json.WriteStartArray("throttling");
            foreach (string word in HostState.Words(bits))
            {
                json.WriteStringValue(word);
            }

            json.WriteEndArray();
        }
    }

    private static void WriteModel(Utf8JsonWriter json, WatchState state)
    {
        json.WriteString("refusal", state.Refusal);
        if (state.Model is not { } model)
        {
            return;
        }

        json.WriteStartObject("model");
        json.WriteString("name", model.Name);
        json.WriteNumber("bytes", model.FileBytes);
        json.WriteString("path", model.Path);
        json.WriteNumber("swaps", state.Swaps);
        json.WriteEndObject();
        json.WriteStartArray("labels");
        foreach (string label in model.Labels.Take(MostLabels))
        {
            json.WriteStringValue(label);
        }

        json.WriteEndArray();
    }

    private static void WriteClasses(Utf8JsonWriter json, WatchState state)
    {
        json.WriteStartArray("classes");
        foreach ((string label, float confidence) in state.Classes.OrderByDescending(pair => pair.Confidence).Take(ShownClasses))
        {
            json.WriteStartObject();
            json.WriteString("name", label);
            json.WriteNumber("confidence", Round(confidence));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteHistory(Utf8JsonWriter json, WatchState state)
    {
        json.WriteStartArray("history");
        foreach ((TimeSpan ago, string label, float? confidence) in state.Changes)
        {
            json.WriteStartObject();
            json.WriteNumber("ago", Round(ago.TotalSeconds));
            json.WriteString("class", label);
            WriteConfidence(json, confidence);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteLayers(Utf8JsonWriter json, WatchState state)
    {
        json.WriteStartArray("layers");
        foreach ((string name, double seconds) in state.Layers)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteNumber("microseconds", Math.Round(seconds * 1e6, 1));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Null without frames: nobody is sure of anything then, which 0 would not say.</summary>
    private static void WriteConfidence(Utf8JsonWriter json, float? confidence)
    {
        if (confidence is { } known)
        {
            json.WriteNumber("confidence", Round(known));
        }
        else
        {
            json.WriteNull("confidence");
        }
    }

    private static double Round(double value) => Math.Round(value, 3);
}
