using System.Buffers.Binary;
using EdgeConv.Converters.Data;
using EdgeConv.Converters.Quantization;
using EdgeConv.Converters.TfLite;
using EdgeConv.Converters.TfLite.Schema;
using EdgeConv.Tests.TfLite.Models;

namespace EdgeConv.Tests.TfLite;

/// <summary>Files that are damaged, cut off or made to do harm: one exception, little memory.</summary>
public sealed class ReaderTests
{
    private static readonly byte[] _file = GeneratedModel.Of("network", 3).File;

    [Fact]
    public void A_file_that_is_cut_off_anywhere_is_refused_or_whole()
    {
        for (int length = 0; length < _file.Length; length++)
        {
            Refused(_file[..length]);
        }
    }

    [Fact]
    public void Damaged_bytes_are_refused_or_harmless()
    {
        var random = new SplitMix64(7);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] damaged = [.. _file];
            for (int k = random.NextInt32(4); k >= 0; k--)
            {
                damaged[random.NextInt32(damaged.Length)] = (byte)random.NextInt32(256);
            }

            Refused(damaged);
        }
    }

    [Fact]
    public void Damaged_words_are_refused_or_harmless()
    {
        for (int at = 0; at + 4 <= _file.Length; at += 4)
        {
            foreach (uint word in (uint[])[0, 1, 4, 0x7fffffff, 0x80000000, 0xffffffff, (uint)_file.Length - 4, (uint)-at])
            {
                byte[] damaged = [.. _file];
                BinaryPrimitives.WriteUInt32LittleEndian(damaged.AsSpan(at), word);
                Refused(damaged);
            }
        }
    }

    [Fact]
    public void An_offset_back_into_the_file_is_refused_by_its_place()
    {
        byte[] cyclic = [.. _file];
        BinaryPrimitives.WriteInt32LittleEndian(cyclic, 0);
        Assert.Contains("byte 0", Assert.Throws<TfLiteImportException>(() => TfLiteReader.Read(cyclic)).Message);
    }

    [Fact]
    public void Weights_that_thousands_of_layers_share_do_not_fill_the_memory()
    {
        const int Size = 300;
        var w = new NetworkWriter(1);
        int weights = w.Constant("weights", [Size, Size], w.Bytes(Size * Size), [0.01f]);
        Activation input = w.Activation("input", [1, Size], 0.1f, 0), x = input;
        for (int i = 0; i < 4000; i++)
        {
            x = w.Operator("FULLY_CONNECTED", [x.Tensor, weights, -1], w.Activation("dense", [1, Size], 1, 0),
                new OperatorOptions(OperatorOptions.Dense));
        }

        byte[] file = w.Builder.Build([input.Tensor], [x.Tensor]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("far more than", Assert.Throws<TfLiteImportException>(() => TfLiteReader.Read(file)).Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64L * file.Length);
    }

    [Fact]
    public void Names_are_printable_and_each_stands_once()
    {
        var names = new UniqueNames();
        Assert.Equal("a?b", names.Add("a\u001bb", "x"));
        Assert.Equal("a?b_1", names.Add("a\u0007b", "x"));
        Assert.Equal("x", names.Add("", "x"));
        Assert.Equal(256, names.Add(new string('n', 5000), "x").Length);
    }

    [Theory]
    [InlineData("", "not a TFLite file")]
    [InlineData("this is a text and no network", "not a TFLite file")]
    public void What_is_no_TFLite_file_is_named(string content, string words) =>
        Assert.Contains(words, Assert.Throws<TfLiteImportException>(() => TfLiteReader.Read(System.Text.Encoding.UTF8.GetBytes(content))).Message);

    [Fact]
    public void A_file_that_is_not_there_is_refused_by_its_path() =>
        Assert.Contains("nowhere.tflite", Assert.Throws<TfLiteImportException>(() => TfLiteReader.Read("nowhere.tflite")).Message);

    private static void Refused(byte[] file)
    {
        try
        {
            QuantizedGraph graph = TfLiteReader.Read(file);
            Assert.NotEmpty(graph.Nodes);
        }
        catch (TfLiteImportException e)
        {
            Assert.NotEmpty(e.Message);
        }
    }
}
