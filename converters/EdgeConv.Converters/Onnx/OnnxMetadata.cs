using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx.Proto;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Converters.Onnx;

/// <summary>Carries picture preprocessing and class names in the metadata of an ONNX file, as JSON.</summary>
internal static class OnnxMetadata
{
    private const string PictureKey = "edgeconv.picture";
    private const string LabelsKey = "edgeconv.labels";

    private static readonly JsonSerializerOptions _options = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>Adds what the graph knows.</summary>
    public static void Write(ModelProto model, PictureInput? picture, IReadOnlyList<string> labels)
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

    /// <summary>The graph with what the file says.</summary>
    /// <exception cref="OnnxImportException">The metadata is not what <see cref="Write"/> writes, or does not fit the input.</exception>
    public static Graph Read(ModelProto model, Graph graph, string file)
    {
        string key = PictureKey;
        try
        {
            if (Find(model, PictureKey) is { } json && JsonSerializer.Deserialize<PictureRecord>(json, _options) is { } record)
            {
                var layout = new PictureLayout(record.Width, record.Height, record.Color, record.Crop, record.Resize);
                var picture = new PictureInput(layout, record.Mean, record.Deviation);
                PictureTensor.Check(picture, graph.Input);
                graph = graph with { Picture = picture };
            }

            key = LabelsKey;
            return Find(model, LabelsKey) is { } labels && JsonSerializer.Deserialize<string[]>(labels, _options) is { } names
                ? graph with { Labels = [.. names.Select(n => n ?? "")] }
                : graph;
        }
        catch (Exception e) when (e is JsonException or ConversionException)
        {
            throw new OnnxImportException($"{file}: the metadata {key} is broken: {e.Message}", e);
        }
    }

    private static void Add(ModelProto model, string key, string value) =>
        model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });

    private static string? Find(ModelProto model, string key) => model.MetadataProps.FirstOrDefault(p => p.Key == key)?.Value;

    private sealed record PictureRecord(
        int Width, int Height, ColorOrder Color, Crop Crop, Resize Resize, float[] Mean, float[] Deviation);
}
