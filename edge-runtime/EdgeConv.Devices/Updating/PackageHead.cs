using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace EdgeConv.Devices.Updating;

/// <summary>The head of a package, or a detached signature: a manifest, and who signed it.</summary>
/// <param name="Manifest">What it says.</param>
/// <param name="Key">SHA-256 of the public key in hex, or null where nobody signed.</param>
/// <param name="Signature">r and s, 64 bytes; empty where nobody signed.</param>
internal sealed record PackageHead(PackageManifest Manifest, string? Key, byte[] Signature)
{
    /// <summary>A head is no longer than this.</summary>
    public const int MostBytes = 1 << 20;

    /// <summary>Bytes of a signature.</summary>
    public const int SignatureBytes = 64;

    private const string Magic = "edgeconv-package 1\n";
    private const string SignatureKey = "signature ";
    private const long MostVersion = 1L << 53;

    /// <summary>What a package begins with.</summary>
    public static ReadOnlySpan<byte> Beginning => "edgeconv-package "u8;

    /// <summary>The bytes that are signed: every line but the last.</summary>
    public byte[] Signed() => Encoding.UTF8.GetBytes(SignedText());

    /// <summary>All of it, as it is in a file.</summary>
    public byte[] Bytes() => Encoding.UTF8.GetBytes($"{SignedText()}{SignatureKey}{(Key is null ? "-" : Convert.ToBase64String(Signature))}\n");

    /// <summary>Reads the head that a file begins with.</summary>
    /// <param name="bytes">The file's first bytes: all, or as many as a head may have.</param>
    /// <param name="name">The file, for messages.</param>
    /// <param name="length">How long the head is.</param>
    /// <exception cref="PackageException">There is none, or it is not as PACKAGE.md has it.</exception>
    public static PackageHead Read(ReadOnlySpan<byte> bytes, string name, out int length)
    {
        if (!bytes.StartsWith(Beginning))
        {
            throw Malformed(name, "it does not begin as a package does; `edgeconv sign MODEL --package FILE` makes one");
        }

        if (bytes.StartsWith("edgeconv-package 1\r"u8))
        {
            throw Malformed(name, "its line ends were changed on the way, as a transfer of text does; copy it as it is");
        }

        if (!bytes.StartsWith("edgeconv-package 1\n"u8))
        {
            throw Malformed(name, "it is a package of another version than 1; a newer agent may read it");
        }

        length = Length(bytes, name);
        string[] lines = Decode(bytes[..length], name).Split('\n');
        PackageHead head = Parse(new Lines(lines, name));
        return head.Bytes().AsSpan().SequenceEqual(bytes[..length]) ? head
            : throw Malformed(name, "its head is not written as a head is (PACKAGE.md): something else was added to it");
    }

    internal static PackageException Malformed(string name, string what) => new(UpdateReason.Malformed, $"{name}: {what}.");

    private static int Length(ReadOnlySpan<byte> bytes, string name)
    {
        int last = bytes[..Math.Min(bytes.Length, MostBytes)].IndexOf("\nsignature "u8);
        int end = last < 0 ? -1 : bytes[(last + 1)..].IndexOf((byte)'\n');
        return end >= 0 ? last + 1 + end + 1 : throw Malformed(name, "its head has no end; it is cut short or damaged");
    }

    private static string Decode(ReadOnlySpan<byte> bytes, string name)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Malformed(name, "its head is no UTF-8 text; it is damaged");
        }
    }

    private static PackageHead Parse(Lines lines)
    {
        lines.Text("edgeconv-package");
        PackageManifest manifest = new()
        {
            Name = lines.Text("name"),
            Version = lines.Whole("version", MostVersion),
            RoundingRule = (int)lines.Whole("rounding", ushort.MaxValue),
            ModelBytes = (int)lines.Whole("model-bytes", int.MaxValue),
            ModelHash = lines.Hash("model-sha256")!,
            FramesBytes = (int)lines.Whole("frames-bytes", int.MaxValue),
            FramesHash = lines.Hash("frames-sha256")!,
            Operators = lines.List("operators", ' '),
            Paths = lines.List("paths", ' '),
            Labels = lines.List("labels", '\t'),
            MinimumAgent = lines.Agent("minimum-agent"),
            DataHash = lines.Hash("data-sha256", orNone: true),
            TrainingHash = lines.Hash("training-sha256", orNone: true),
            Latency = lines.Microseconds("latency-us"),
            LeastAccuracy = lines.Part("least-accuracy"),
        };
        return new PackageHead(manifest, lines.Hash("key", orNone: true), lines.Signature("signature"));
    }

    private string SignedText()
    {
        PackageManifest m = Manifest;
        StringBuilder text = new(Magic);
        Line("name", m.Name);
        Line("version", Number(m.Version));
        Line("rounding", Number(m.RoundingRule));
        Line("model-bytes", Number(m.ModelBytes));
        Line("model-sha256", m.ModelHash);
        Line("frames-bytes", Number(m.FramesBytes));
        Line("frames-sha256", m.FramesHash);
        Line("operators", string.Join(' ', m.Operators));
        Line("paths", string.Join(' ', m.Paths));
        Line("labels", string.Join('\t', m.Labels));
        Line("minimum-agent", m.MinimumAgent.ToString(3));
        Line("data-sha256", m.DataHash ?? "-");
        Line("training-sha256", m.TrainingHash ?? "-");
        Line("latency-us", m.Latency is { } latency ? Number((long)latency.TotalMicroseconds) : "-");
        Line("least-accuracy", m.LeastAccuracy.ToString("F6", CultureInfo.InvariantCulture));
        Line("key", Key ?? "-");
        return text.ToString();

        void Line(string key, string value) => text.Append(key).Append(' ').Append(value).Append('\n');
        static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The lines one after the other, each with the key that is expected there.</summary>
    private sealed class Lines(string[] lines, string name)
    {
        private int _next;

        public string Text(string key)
        {
            string line = lines[Math.Min(_next++, lines.Length - 1)];
            return line.StartsWith(key + " ", StringComparison.Ordinal) ? line[(key.Length + 1)..]
                : throw Malformed(name, $"line {_next} of its head was expected to begin with '{key}'; it is damaged, or a newer agent is needed");
        }

        public long Whole(string key, long most) => Whole(key, Text(key), most);

        public TimeSpan? Microseconds(string key) => Text(key) is var text && text == "-" ? null : TimeSpan.FromMicroseconds(Whole(key, text, int.MaxValue));

        private long Whole(string key, string text, long most) =>
            long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value <= most
                ? value : throw Malformed(name, $"'{key}' is no whole number from 0 to {most}");

        public double Part(string key) =>
            double.TryParse(Text(key), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value <= 1
                ? value : throw Malformed(name, $"'{key}' is no number from 0 to 1");

        public string? Hash(string key, bool orNone = false)
        {
            string text = Text(key);
            return text == "-" && orNone ? null
                : text.Length == 64 && !text.AsSpan().ContainsAnyExcept("0123456789abcdef") ? text
                : throw Malformed(name, $"'{key}' is no SHA-256 of 64 small hex digits");
        }

        public string[] List(string key, char between) => Text(key) is { Length: > 0 } text ? text.Split(between) : [];

        public Version Agent(string key) => Version.TryParse(Text(key), out Version? version) && version.Build >= 0 && version.Revision < 0
            ? version : throw Malformed(name, $"'{key}' is no version such as 0.1.0");

        public byte[] Signature(string key)
        {
            string text = Text(key);
            Span<byte> signature = stackalloc byte[SignatureBytes];
            return text == "-" ? []
                : Base64.IsValid(text) && Convert.TryFromBase64String(text, signature, out int length) && length == SignatureBytes ? signature.ToArray()
                : throw Malformed(name, $"'{key}' is not {SignatureBytes} bytes in Base64");
        }
    }
}
