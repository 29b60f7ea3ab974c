using EdgeConv.Runtime.Kernels;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Tests;

/// <summary>Large memory, mapped files that are forgotten, and the checks that read every weight once.</summary>
public sealed unsafe class MemoryTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(5_000_000)]
    [InlineData(20_000_001)]
    public void A_buffer_is_aligned_and_zero_to_its_end(long length)
    {
        using var buffer = new NativeBuffer(length);
        Assert.Equal(0u, (nuint)buffer.Pointer % 64);
        Assert.Equal(-1, new ReadOnlySpan<byte>(buffer.Pointer, (int)length).IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void Weights_that_were_forgotten_come_back_from_the_file()
    {
        using Model model = Model.Open(Path.Combine(AppContext.BaseDirectory, "Golden", "v1.ecm"));
        int tensor = model.Tensors.Index().Where(t => t.Item.Storage == TensorStorage.Constant && t.Item.Type == ElementType.Int8)
            .MaxBy(t => t.Item.Length).Index;
        sbyte[] before = model.Int8Data(tensor).ToArray();
        Assert.Contains(before, weight => weight != 0);
        model.Forget(model.Int8Data(tensor));
        Assert.Equal(before, model.Int8Data(tensor).ToArray());
    }

    [Fact]
    public void A_model_in_memory_forgets_nothing()
    {
        // long enough for whole pages to lie inside, which would be lost
        var builder = new TestModel();
        sbyte[] weights = [.. Enumerable.Range(0, 64 * 1024).Select(i => (sbyte)(i % 7 - 3))];
        int x = builder.Activation([1, 1024]), y = builder.Activation([1, 64]);
        using Model model = builder.Then(new FullyConnectedOp("full", x, y, builder.Constant(weights, [64, 1024]), builder.Constant(new int[64]),
            builder.Constant(Enumerable.Repeat(1 << 30, 64).ToArray()), builder.Constant(new int[64]), -128, 127)).Build();
        using var net = new Interpreter(model, KernelPath.Default);
        int tensor = ((FullyConnectedOp)model.Operators[0]).Weights;
        model.Forget(model.Int8Data(tensor));
        Assert.Equal(weights, model.Int8Data(tensor).ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-128)]
    [InlineData(127)]
    public void The_bound_of_an_accumulator_counts_every_weight(int zeroPoint)
    {
        var random = new Random(3);
        for (int length = 0; length < 3000; length += length < 70 ? 1 : 97)
        {
            foreach (int fill in new[] { 0, -128, 127 })
            {
                sbyte[] weights = [.. Enumerable.Range(0, length).Select(_ => (sbyte)(fill == 0 ? random.Next(-128, 128) : fill))];
                long most = weights.Sum(w => Math.Max((w - zeroPoint) * 127L, (w - zeroPoint) * -128L));
                long least = weights.Sum(w => Math.Min((w - zeroPoint) * 127L, (w - zeroPoint) * -128L));
                Assert.Equal(Math.Max(most, -least), AccumulatorBound.Of(weights, zeroPoint, 0, 0));
            }
        }
    }
}
