using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace EdgeConv.Devices.Acting;

/// <summary>That a rule acts, and on what.</summary>
/// <param name="Rule">Its name.</param>
/// <param name="Class">The class's name, or "unknown".</param>
/// <param name="Confidence">Of that class in this frame, from 0 to 1; 0 without frames.</param>
/// <param name="Time">When.</param>
/// <param name="Frame">The camera's own number of the frame, or null where no frames come.</param>
public sealed record ActionEvent(string Rule, string Class, float Confidence, DateTimeOffset Time, long? Frame)
{
    private string ConfidenceText => Confidence.ToString("F3", CultureInfo.InvariantCulture);

    private string TimeText => Time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private string FrameText => Frame?.ToString(CultureInfo.InvariantCulture) ?? "";

    /// <summary>The fields by name, as texts: what a program's environment gets, and what {name} in a text becomes.</summary>
    public IEnumerable<KeyValuePair<string, string>> Fields() =>
        [new("rule", Rule), new("class", Class), new("confidence", ConfidenceText), new("time", TimeText), new("frame", FrameText)];

    /// <summary>One object in one line.</summary>
    public byte[] ToJson()
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            json.WriteString("rule", Rule);
            json.WriteString("class", Class);
            json.WritePropertyName("confidence");
            json.WriteRawValue(ConfidenceText);
            json.WriteString("time", TimeText);
            json.WritePropertyName("frame");
            json.WriteRawValue(Frame is null ? "null" : FrameText);
            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>A text with {rule}, {class}, {confidence}, {time} and {frame} replaced; other braces stay.</summary>
    /// <param name="text">The text.</param>
    /// <param name="escape">What becomes of a field's text, where not all of it may stand there.</param>
    public string Fill(string text, Func<string, string>? escape = null)
    {
        if (!text.Contains('{', StringComparison.Ordinal))
        {
            return text;
        }

        // From left to right and once: a class named {time} stays that.
        System.Text.StringBuilder filled = new();
        KeyValuePair<string, string>[] fields = [.. Fields()];
        for (int at = 0; at < text.Length;)
        {
            int field = text[at] == '{' ? Array.FindIndex(fields, f => text.AsSpan(at + 1).StartsWith(f.Key + "}", StringComparison.Ordinal)) : -1;
            if (field < 0)
            {
                filled.Append(text[at++]);
                continue;
            }

            filled.Append(escape is null ? fields[field].Value : escape(fields[field].Value));
            at += fields[field].Key.Length + 2;
        }

        return filled.ToString();
    }
}
