using System.IO.Compression;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Converters.TfLite;
using EdgeConv.Tests.TfLite.Models;
using Google.FlatBuffers;

namespace EdgeConv.Tests.TfLite;

/// <summary>What pictures an imported network takes, and what its classes are called.</summary>
public sealed class PictureTests
{
    [Theory]
    [InlineData(1f / 255, -128, "from 0 to 1")]
    [InlineData(0.00390625f, -128, "from 0 to 1")]
    [InlineData(1f / 127.5f, -1, "from -1 to 1")]
    [InlineData(0.0078125f, 0, "from -1 to 1")]
    [InlineData(1f, -128, "from 0 to 255")]
    [InlineData(1f, 0, "from -128 to 127")]
    [InlineData(0.0187f, -14, "over all")]
    public void Pixels_are_taken_for_what_the_input_can_hold(float scale, int zeroPoint, string words)
    {
        QuantizedGraph graph = TfLiteReader.Read(File(scale, zeroPoint));
        Assert.Contains(words, graph.PictureNote);
        sbyte[] tables = Lowering.Preprocessing(graph.Picture!, graph.Input).Tables.ToArray();

        // All of these are the byte less 128, but for calibrations that saw a little less than the range.
        Assert.All(Enumerable.Range(0, 256), p => Assert.InRange(tables[p], p - 129, p - 127));
    }

    [Fact]
    public void Normalization_in_the_metadata_comes_first()
    {
        QuantizedGraph graph = TfLiteReader.Read(File(1f / 255, -128, Metadata(mean: 102, deviation: 51)));
        PictureInput picture = graph.Picture!;
        Assert.All(picture.Mean, m => Assert.Equal(0.4f, m, 1e-6f));
        Assert.All(picture.Deviation, d => Assert.Equal(0.2f, d, 1e-6f));
        Assert.Contains("metadata", graph.PictureNote);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Class_names_come_from_the_zip_behind_the_network(bool offsetsFromZip)
    {
        QuantizedGraph graph = TfLiteReader.Read(WithLabels(File(1f / 255, -128), "cat\r\ndog\nowl\n", offsetsFromZip));
        Assert.Equal(["cat", "dog", "owl"], graph.Labels);
    }

    [Fact]
    public void Class_names_of_another_number_are_left_out_with_a_note()
    {
        QuantizedGraph graph = TfLiteReader.Read(WithLabels(File(1f / 255, -128), "cat\ndog\n"));
        Assert.Empty(graph.Labels);
        Assert.Contains(graph.Notes, n => n.Contains("2 classes but has 3 outputs"));
    }

    [Fact]
    public void A_damaged_zip_or_damaged_metadata_do_not_keep_the_network_out()
    {
        byte[] file = WithLabels(File(1f / 255, -128, [1, 2, 3, 4, (byte)'M', (byte)'0', (byte)'0', (byte)'1', 9, 9]), "cat\ndog\nowl\n");
        file[^10] ^= 0xff;
        Assert.NotEmpty(TfLiteReader.Read(file).Nodes);
    }

    [Fact]
    public void A_row_of_numbers_is_no_picture()
    {
        var w = new NetworkWriter(2);
        Models.Activation x = w.Activation("x", [1, 8], 0.1f, 0), y = w.Operator("RELU", [x.Tensor], w.Activation("y", [1, 8], 0.1f, 0));
        QuantizedGraph graph = TfLiteReader.Read(w.Builder.Build([x.Tensor], [y.Tensor]));
        Assert.Null(graph.Picture);
        Assert.Empty(graph.Notes);
    }

    /// <summary>A small classifier of 4x5 pictures in three classes.</summary>
    internal static byte[] File(float scale, int zeroPoint, byte[]? metadata = null)
    {
        var w = new NetworkWriter(1);
        Models.Activation x = w.Activation("image", [1, 4, 5, 3], scale, zeroPoint);
        Models.Activation flat = w.Operator("RESHAPE", [x.Tensor, w.Builder.Integers("shape", 1, 60)], w.Like("flat", x, [1, 60]),
            new OperatorOptions(OperatorOptions.Reshape));
        int weights = w.Constant("weights", [3, 60], w.Bytes(180), [0.01f, 0.02f, 0.015f]);
        int bias = w.Bias([100, -200, 300], scale, [0.01f, 0.02f, 0.015f], narrow: true);
        Models.Activation y = w.Operator("FULLY_CONNECTED", [flat.Tensor, weights, bias], w.Activation("classes", [1, 3], scale * 4, 3),
            new OperatorOptions(OperatorOptions.Dense));
        if (metadata is not null)
        {
            w.Builder.Metadata["TFLITE_METADATA"] = metadata;
        }

        return w.Builder.Build([x.Tensor], [y.Tensor]);
    }

    /// <summary>The file with a zip of class names behind it.</summary>
    internal static byte[] WithLabels(byte[] file, string labels, bool offsetsFromZip = false)
    {
        var stream = new MemoryStream();
        stream.Write(offsetsFromZip ? [] : file);
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var writer = new StreamWriter(zip.CreateEntry("labels.txt").Open());
            writer.Write(labels);
        }

        return offsetsFromZip ? [.. file, .. stream.ToArray()] : stream.ToArray();
    }

    private static byte[] Metadata(float mean, float deviation)
    {
        var b = new FlatBufferBuilder(256);
        int options = Table(b, (0, Floats(b, mean)), (1, Floats(b, deviation)));
        b.StartTable(2);
        b.AddByte(0, 1, 0);
        b.AddOffset(1, options, 0);
        int unit = b.EndTable();
        int input = Table(b, (4, Vector(b, unit)));
        int graph = Table(b, (2, Vector(b, input)));
        b.Finish(Table(b, (3, Vector(b, graph))), "M001");
        return b.SizedByteArray();
    }

    private static int Table(FlatBufferBuilder b, params (int Field, int Offset)[] fields)
    {
        b.StartTable(8);
        foreach ((int field, int offset) in fields)
        {
            b.AddOffset(field, offset, 0);
        }

        return b.EndTable();
    }

    private static int Floats(FlatBufferBuilder b, float value)
    {
        b.StartVector(4, 1, 4);
        b.AddFloat(value);
        return b.EndVector().Value;
    }

    private static int Vector(FlatBufferBuilder b, int table)
    {
        b.StartVector(4, 1, 4);
        b.AddOffset(table);
        return b.EndVector().Value;
    }
}
