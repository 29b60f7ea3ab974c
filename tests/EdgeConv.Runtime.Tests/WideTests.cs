using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Tests;

/// <summary>int4 weights and int16 activations.</summary>
public sealed class WideTests
{
    [Fact]
    public void Int4_weights_come_back_as_they_were_packed()
    {
        sbyte[] weights = [-8, 7, 0, -1, 3, -5, 1];
        sbyte[] unpacked = new sbyte[weights.Length];
        Int4.Unpack(Int4.Pack(weights), unpacked);
        Assert.Equal(weights, unpacked);
        Assert.Equal([0x78, 0xf0], Int4.Pack([-8, 7, 0, -1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Int4.Pack([8]));
    }

    [Fact]
    public void A_layer_with_int4_weights_equals_the_same_layer_with_int8_weights()
    {
        var random = new Random(1);
        sbyte[] kernel = [.. Enumerable.Range(0, 5 * 27).Select(_ => (sbyte)random.Next(-8, 8))];
        sbyte[] matrix = [.. Enumerable.Range(0, 7 * 80).Select(_ => (sbyte)random.Next(-8, 8))];
        sbyte[] input = [.. Enumerable.Range(0, 48).Select(_ => (sbyte)random.Next(-128, 128))];
        using Model wide = Build(int4: false), small = Build(int4: true);
        Assert.True(small.FileBytes < wide.FileBytes);
        Paths.AllGive(TestModel.Run(wide, input, Kernels.KernelPath.Reference), small, input, "int4");

        Model Build(bool int4)
        {
            var model = new TestModel();
            int x = model.Activation([1, 4, 4, 3], -4), y = model.Activation([1, 4, 4, 5], 2), flat = model.Activation([1, 80], 2), z = model.Activation([1, 7], 1);
            int k = int4 ? model.PackedConstant(kernel, [5, 3, 3, 3]) : model.Constant(kernel, [5, 3, 3, 3]);
            int m = int4 ? model.PackedConstant(matrix, [7, 80]) : model.Constant(matrix, [7, 80]);
            return model
                .Then(new Conv2DOp("conv", x, y, k, model.Constant(new int[5]), Multipliers(5), Shifts(5), new Window(3, 3, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1), 1, -128, 127))
                .Then(new ReshapeOp("flatten", y, flat))
                .Then(new FullyConnectedOp("fc", flat, z, m, model.Constant(new int[7]), Multipliers(7), Shifts(7), -128, 127))
                .Build();
            int Multipliers(int count) => model.Constant([.. Enumerable.Repeat(1 << 30, count)]);
            int Shifts(int count) => model.Constant([.. Enumerable.Repeat(-5, count)]);
        }
    }

    [Fact]
    public void A_16x8_layer_stays_within_a_step_of_the_real_result()
    {
        const double ScaleX = 0.05, ScaleWideX = 0.0002, ScaleW = 0.01, ScaleWideY = 0.0005, ScaleY = 0.11;
        var random = new Random(2);
        sbyte[] weights = [.. Enumerable.Range(0, 4 * 2 * 2 * 3).Select(_ => (sbyte)random.Next(-128, 128))];
        long[] bias = [1000, -250_000, 0, 77];
        sbyte[] input = [.. Enumerable.Range(0, 27).Select(_ => (sbyte)random.Next(-128, 128))];
        QuantizedMultiplier factor = QuantizedMultiplier.From(ScaleWideX * ScaleW / ScaleWideY);
        var model = new TestModel();
        int x = model.Activation([1, 3, 3, 3], -7, (float)ScaleX), wideX = model.WideActivation([1, 3, 3, 3]), wideY = model.WideActivation([1, 2, 2, 4]);
        int y = model.Activation([1, 2, 2, 4], 3, (float)ScaleY);
        using Model built = model
            .Then(new RequantizeOp("widen", x, wideX, QuantizedMultiplier.From(ScaleX / ScaleWideX), -32768, 32767))
            .Then(new Conv2DOp("conv", wideX, wideY, model.Constant(weights, [4, 2, 2, 3]), model.Constant(bias), model.Constant([.. Enumerable.Repeat(factor.Multiplier, 4)]),
                model.Constant([.. Enumerable.Repeat(factor.Shift, 4)]), new Window(2, 2), 1, -32768, 32767))
            .Then(new RequantizeOp("narrow", wideY, y, QuantizedMultiplier.From(ScaleWideY / ScaleY), -128, 127))
            .Build();
        foreach (var path in Paths.Supported)
        {
            sbyte[] output = TestModel.Run(built, input, path);
            for (int i = 0; i < output.Length; i++)
            {
                (int oy, int ox, int o) = (i / 8, i / 4 % 2, i % 4);
                double sum = bias[o] * ScaleWideX * ScaleW;
                for (int t = 0; t < 12; t++)
                {
                    (int ky, int kx, int c) = (t / 6, t / 3 % 2, t % 3);
                    sum += ScaleX * (input[((oy + ky) * 3 + ox + kx) * 3 + c] + 7) * ScaleW * weights[o * 12 + t];
                }

                Assert.InRange(output[i] - Math.Clamp(sum / ScaleY + 3, -128, 127), -0.6, 0.6);
            }
        }
    }

    [Fact]
    public void Sixteen_bit_requantization_rounds_once_with_a_fifteen_bit_multiplier()
    {
        var random = new Random(3);
        for (int i = 0; i < 100_000; i++)
        {
            long accumulator = random.NextInt64(-(1L << 46), 1L << 46) >> random.Next(40);
            int multiplier = random.Next(10) == 0 ? int.MaxValue : random.Next(1 << 30, int.MaxValue), shift = random.Next(-31, 8);
            long reduced = Math.Min(0x7fff, (multiplier + 0x8000L) >> 16);
            decimal exact = (decimal)accumulator * reduced / (decimal)Math.Pow(2, 15 - shift);
            long rounded = (long)Math.Floor(exact + 0.5m);
            Assert.Equal((short)Math.Clamp(rounded, -32768, 32767), Requantizer.ToInt16(accumulator, multiplier, shift, -32768, 32767));
        }
    }
}
