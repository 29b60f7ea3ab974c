using System.Security.Cryptography;
using System.Text.Json;
using EdgeConv.Converters;

namespace EdgeConv.Cli.Models;

/// <summary>Reads what a run folder says about its training; runs of older versions say less.</summary>
internal static class RunOrigin
{
    /// <summary>The training, or null where the source is no run folder.</summary>
    public static TrainingOrigin? Read(string source)
    {
        string file = Path.Combine(source, "settings.json");
        if (!File.Exists(file))
        {
            return null;
        }

        byte[] bytes = File.ReadAllBytes(file);
        TrainingOrigin origin = new() { Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes)) };
        try
        {
            using JsonDocument json = JsonDocument.Parse(bytes);
            JsonElement root = json.RootElement;
            return origin with
            {
                Command = Text(root, "command"),
                Seed = Find(root, "settings", "seed") is { } seed && seed.TryGetUInt64(out ulong value) ? value : null,
                Epochs = Number(root, "settings", "epochs"),
                Data = Text(root, "data", "name"),
                DataSha256 = Text(root, "data", "sha256"),
                Pictures = Number(root, "data", "trainingPictures"),
                TestAccuracy = TestAccuracy(Path.Combine(source, "metrics.json")),
                Versions = Find(root, "versions") is { ValueKind: JsonValueKind.Object } versions
                    ? [.. versions.EnumerateObject().Select(version => Product(version.Name, version.Value.ToString()))] : [],
            };
        }
        catch (JsonException)
        {
            return origin;
        }
    }

    // A framework and a system name themselves.
    private static string Product(string key, string version) => key switch
    {
        "edgeConv" => $"EdgeConv {version}",
        "torchSharp" => $"TorchSharp {version}",
        "libTorch" => $"libtorch {version}",
        _ => version,
    };

    private static double? TestAccuracy(string file)
    {
        if (!File.Exists(file))
        {
            return null;
        }

        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(file));
        return Find(json.RootElement, "testAccuracy") is { ValueKind: JsonValueKind.Number } accuracy ? accuracy.GetDouble() : null;
    }

    private static string? Text(JsonElement root, params string[] names) =>
        Find(root, names) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    private static int? Number(JsonElement root, params string[] names) =>
        Find(root, names) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out int number) ? number : null;

    private static JsonElement? Find(JsonElement root, params string[] names)
    {
        foreach (string name in names)
        {
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty(name, out root))
            {
                return null;
            }
        }

        return root;
    }
}
