using System.Buffers.Binary;
using EdgeConv.Runtime.Format;

namespace EdgeConv.Runtime.Tests;

/// <summary>Files made to cost the reader much: whatever they say, memory and time stay in proportion to their length.</summary>
public sealed class HostileFileTests
{
    // Beside four times the file: short texts take up to five times their bytes, and there may be so many.
    private const int Spare = 512 * 1024;

    [Fact]
    public void The_fields_of_a_model_cost_no_memory_beyond_what_they_mean()
    {
        var model = new TestModel();
        int at = model.Activation([1, 1]);
        for (int i = 0; i < 2000; i++)
        {
            int next = model.Activation([1, 1]);
            model.Then(new ReshapeOp("", at, next));
            at = next;
        }

        AssertModest(ModelWriter.Write(model.Spec()), spare: 16 * 1024);
    }

    [Fact]
    public void As_many_labels_and_facts_as_there_may_be_fit_the_bound()
    {
        string[] labels = [.. Enumerable.Repeat("ab", FormatLayout.MaxTexts)];
        AssertModest(ModelWriter.Write(Small() with { Labels = labels }), Spare);
        AssertModest(ModelWriter.Write(Small() with { Metadata = [.. labels.Select(l => new KeyValuePair<string, string>(l, l))] }), 2 * Spare);
        var error = Assert.Throws<ModelFormatException>(() => ModelWriter.Write(Small() with { Labels = [.. labels, "one too many"] }));
        Assert.Contains("the limit is 32768", error.Message);
    }

    [Fact]
    public void As_many_golden_vectors_as_there_may_be_fit_the_bound()
    {
        GoldenVector golden;
        using (Model model = Model.Load(ModelWriter.Write(Small())))
        {
            golden = SelfTest.Record(model, [1]);
        }

        AssertModest(ModelWriter.Write(Small() with { GoldenVectors = [.. Enumerable.Repeat(golden, FormatLayout.MaxGoldenVectors)] }), Spare);
    }

    [Fact]
    public void Sections_may_not_lie_over_each_other()
    {
        byte[] file = ModelWriter.Write(Small() with { Labels = [.. Enumerable.Repeat("", 1000)] });
        int labels = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(FormatLayout.Header.Labels));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(FormatLayout.Header.Metadata), labels);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(FormatLayout.Header.Metadata + 4), 500);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(FormatLayout.Header.Crc), FormatLayout.Checksum(file));
        Assert.Contains("lie over each other", Assert.Throws<ModelFormatException>(() => Model.Load(file)).Message);
    }

    [Fact]
    public void Layers_may_share_weights_but_not_without_end()
    {
        Model Build(int layers)
        {
            var model = new TestModel();
            int at = model.Activation([1, 256]), weights = model.Constant(new sbyte[256 * 256], [256, 256]);
            int bias = model.Constant(new int[256]), multipliers = model.Constant(new int[256]), shifts = model.Constant(new int[256]);
            for (int i = 0; i < layers; i++)
            {
                int next = model.Activation([1, 256]);
                model.Then(new FullyConnectedOp($"fc{i}", at, next, weights, bias, multipliers, shifts, -128, 127));
                at = next;
            }

            return model.Build();
        }

        Build(1000).Dispose();
        Assert.Contains("too many share theirs", Assert.Throws<ModelFormatException>(() => Build(1100)).Message);
    }

    private static ModelSpec Small()
    {
        var model = new TestModel();
        return model.Then(new ReshapeOp("r", model.Activation([1, 1]), model.Activation([1, 1]))).Spec();
    }

    private static void AssertModest(byte[] file, int spare)
    {
        Model.Load(file).Dispose();   // what is allocated once a process is not the file's
        long before = GC.GetAllocatedBytesForCurrentThread();
        Model.Load(file).Dispose();
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before + file.Length;   // with Load's own copy of the file
        Assert.True(allocated <= (4L * file.Length) + spare, $"{allocated:N0} bytes for a file of {file.Length:N0}");
    }
}
