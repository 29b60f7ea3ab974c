using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx.Proto;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Converters.Onnx;

/// <summary>Carries picture preprocessing and class names in the metadata of an ONNX file, as JSON.</summary>
public static class OnnxMetadata
{
    private const string PictureKey = "edgeconv.picture";
    private const string LabelsKey = "edgeconv.labels";
    private const string Int4Key = "edgeconv.int4";

    private static readonly JsonSerializerOptions _options = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>Adds what the graph knows.</summary>
    internal static void Write(ModelProto model, PictureInput? picture, IReadOnlyList<string> labels)
    {
        if (picture is not null)
        {
            PictureLayout layout = picture.Layout;
            var record = new PictureRecord(
                layout.Width, layout.Height, layout.Color, layout.Crop, layout.Resize, picture.Mean, picture.Deviation);
            Add(model, PictureKey, JsonSerializer.Serialize(record, _options));
        }

        if (labels.Count > 0)
        {
            Add(model, LabelsKey, JsonSerializer.Serialize(labels, _options));
        }
    }

    /// <summary>Notes the layers whose weights take four bits: a QDQ file has eight for all.</summary>
    internal static void WriteInt4(ModelProto model, IReadOnlyList<string> layers)
    {
        if (layers.Count > 0)
        {
            Add(model, Int4Key, JsonSerializer.Serialize(layers, _options));
        }
    }

    /// <summary>The graph with what the file says.</summary>
    /// <exception cref="OnnxImportException">The metadata is not what <see cref="Write"/> writes, or does not fit the input.</exception>
    internal static Graph Read(ModelProto model, Graph graph, string file)
    {
        Dictionary<string, string> metadata =
            model.MetadataProps.GroupBy(p => p.Key).ToDictionary(group => group.Key, group => group.First().Value);
        (PictureInput? picture, IReadOnlyList<string> labels) = Read(metadata, file);
        string[] int4 = Parse<string[]>(metadata, Int4Key, file) ?? [];
        try
        {
            if (picture is not null)
            {
                PictureTensor.Check(picture, graph.Input);
            }
        }
        catch (ConversionException e)
        {
            throw Broken(file, PictureKey, e);
        }

        return graph with { Picture = picture, Labels = labels, Nodes = [.. graph.Nodes.Select(n => int4.Contains(n.Name) ? InFourBits(n) : n)] };
    }

    // Weights that someone changed to others since keep eight.
    private static Node InFourBits(Node node) => node.Operation.Given is { } given && Array.TrueForAll(given.Weights, w => w is >= -8 and <= 7)
        ? node with { Operation = node.Operation with { Given = given with { IsInt4 = true } } }
        : node;

    /// <summary>What a file's metadata says about pictures and classes, for those who run the file in another engine.</summary>
    /// <param name="metadata">metadata_props of the file.</param>
    /// <param name="file">For messages.</param>
    /// <returns>Null and nothing where the file does not say.</returns>
    /// <exception cref="OnnxImportException">The metadata is not what this project writes.</exception>
    public static (PictureInput? Picture, IReadOnlyList<string> Labels) Read(IReadOnlyDictionary<string, string> metadata, string file)
    {
        PictureRecord? record = Parse<PictureRecord>(metadata, PictureKey, file);
        PictureInput? picture = record is null
            ? null
            : new PictureInput(
                new PictureLayout(record.Width, record.Height, record.Color, record.Crop, record.Resize), record.Mean, record.Deviation);
        return (picture, [.. (Parse<string[]>(metadata, LabelsKey, file) ?? []).Select(n => n ?? "")]);
    }

    private static T? Parse<T>(IReadOnlyDictionary<string, string> metadata, string key, string file)
        where T : class
    {
        try
        {
            return metadata.TryGetValue(key, out string? json) ? JsonSerializer.Deserialize<T>(json, _options) : null;
        }
        catch (JsonException e)
        {
            throw Broken(file, key, e);
        }
    }

    private static OnnxImportException Broken(string file, string key, Exception e) =>
        new($"{file}: the metadata {key} is broken: {e.Message}", e);

    private static void Add(ModelProto model, string key, string value) =>
        model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });

    private sealed record PictureRecord(
        int Width, int Height, ColorOrder Color, Crop Crop, Resize Resize, float[] Mean, float[] Deviation);
}
