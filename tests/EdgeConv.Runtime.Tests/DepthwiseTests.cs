using EdgeConv.Runtime.Tests.Parity;

namespace EdgeConv.Runtime.Tests;

/// <summary>Depthwise convolution by rows, and its shortcuts where they stop to hold.</summary>
public sealed class DepthwiseTests
{
    private const int Seed = 77;

    [Theory]
    [InlineData(3, 1, 1)]
    [InlineData(3, 2, 1)]
    [InlineData(3, 3, 1)]
    [InlineData(3, 1, 2)]
    [InlineData(2, 2, 1)]
    [InlineData(5, 1, 1)]
    public void Every_width_of_row_gives_the_same_bytes_and_leaves_others_alone(int kernel, int stride, int dilation)
    {
        foreach (int channels in new[] { 2, 8, 19, 40 })
        {
            for (int width = 1; width <= 11; width++)
            {
                var random = new Random(Seed + width + 100 * channels);
                int columns = (width - 1) * stride + (kernel - 1) * dilation + 1, pad = columns > 2 && random.Next(2) == 0 ? 1 : 0;
                var window = new Window(kernel, kernel, stride, stride, dilation, dilation, pad, pad, pad, pad);
                int rows = (kernel - 1) * dilation + 2 + stride;
                Check(random, [2, rows, columns - 2 * pad, channels], window, Bytes(random, channels * kernel * kernel), Bytes(random, 2 * rows * (columns - 2 * pad) * channels));
            }
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 2)]
    public void Long_rows_give_the_same_bytes_with_any_padding_and_stride(int strideH, int strideW)
    {
        foreach (int channels in new[] { 16, 19, 40 })
        {
            foreach (int width in new[] { 8, 12, 16, 17, 18, 19, 23 })
            {
                var random = new Random(Seed + width + 100 * channels);
                int left = random.Next(3), right = random.Next(3), top = random.Next(3), bottom = random.Next(3);
                int columns = (width - 1) * strideW + 3 - left - right, rows = 4 * strideH + 3 - top - bottom;
                Check(random, [2, rows, columns, channels], new Window(3, 3, strideH, strideW, 1, 1, top, left, bottom, right),
                    Bytes(random, channels * 9), Bytes(random, 2 * rows * columns * channels));
            }
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(1, 2)]
    public void Images_of_few_rows_give_the_same_bytes_whatever_of_the_kernel_lies_in_the_padding(int stride, int dilation)
    {
        foreach (int channels in new[] { 16, 35 })
        {
            for (int rows = 1; rows <= 5; rows++)
            {
                foreach (bool isNarrow in new[] { true, false })
                {
                    var random = new Random(Seed + rows + 10 * channels);
                    int columns = isNarrow ? random.Next(1, 6) : random.Next(4 * stride + 4 * dilation, 8 * stride + 12), least = 2 * dilation + 1;
                    bool isEven = random.Next(2) == 0;   // the size stays, at stride 1
                    int top = isEven ? dilation : random.Next(3), left = isEven ? dilation : random.Next(stride + 1);
                    int bottom = Math.Max(isEven ? dilation : random.Next(3), least - rows - top), right = Math.Max(isEven ? dilation : random.Next(2), least - columns - left);
                    Check(random, [2, rows, columns, channels], new Window(3, 3, stride, stride, dilation, dilation, top, left, bottom, right),
                        Bytes(random, channels * 9), Bytes(random, 2 * rows * columns * channels));
                }
            }
        }
    }

    [Theory]
    [InlineData(3, 1)]
    [InlineData(3, 2)]
    [InlineData(4, 1)]
    public void Two_neighbouring_weights_of_minus_128_that_meet_inputs_of_minus_128_do_not_wrap(int kernel, int stride)
    {
        int taps = kernel * kernel;
        for (int tap = 0; tap + 1 < taps; tap++)
        {
            var random = new Random(Seed + tap);
            sbyte[] weights = Bytes(random, 9 * taps), input = new sbyte[9 * 9 * 9];
            weights.AsSpan(random.Next(9) * taps + tap, 2).Fill(sbyte.MinValue);
            input.AsSpan().Fill(sbyte.MinValue);
            Check(random, [1, 9, 9, 9], new Window(kernel, kernel, stride, stride), weights, input);
        }
    }

    [Theory]
    [InlineData(0, -128)]
    [InlineData(0, -1)]
    [InlineData(0, 0)]
    [InlineData(-128, -128)]
    [InlineData(17, 16)]
    [InlineData(17, 17)]
    [InlineData(-5, 3)]
    public void Ties_around_the_zero_point_are_rounded_away_from_zero_whatever_the_minimum(int zeroPoint, int min)
    {
        // weights of zero: the accumulator is the bias, and with a multiplier of 2^30 every eighth, or every second, number is a tie
        const int Channels = 256;
        int[] bias = Enumerable.Range(0, Channels).Select(c => c - Channels / 2).ToArray();
        foreach (int shift in new[] { -3, 0, 2 })
        {
            foreach (int groups in new[] { Channels, 1 })   // depthwise, and rows of a matrix product
            {
                int inputs = groups == 1 ? 1 : Channels, kernel = groups == 1 ? 1 : 3;
                var conv = new ConvCase([1, 4, 6, inputs], 3, new sbyte[kernel * kernel * Channels], [Channels, kernel, kernel, 1], bias,
                    Repeat(1 << 30, Channels), Repeat(shift, Channels), new Window(kernel, kernel), groups, zeroPoint, (sbyte)min, 127);
                using var checkedCase = new OperatorCase($"zero point {zeroPoint}, minimum {min}, shift {shift}", conv.Build(), new sbyte[4 * 6 * inputs]);
                checkedCase.Check();
            }
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(1, 2)]
    public void Taps_summed_in_int16_do_not_wrap_whatever_the_grouping(int stride, int dilation)
    {
        // three taps that just fit, one triple only, and large ones everywhere; inputs that suit or oppose them all
        sbyte[][] filters = [[85, -85, 85, 85, 85, -85, -85, 85, 85], [1, 127, 127, 127, -127, 127, 127, 127, 127], [127, -127, 127, 127, 127, -127, 127, 127, -127]];
        foreach (sbyte[] filter in filters)
        {
            foreach (int channels in new[] { 16, 21 })
            {
                for (int suits = -1; suits <= 1; suits++)
                {
                    var random = new Random(Seed + channels);
                    sbyte[] weights = [.. Enumerable.Range(0, channels).SelectMany(c => c % 2 == 0 ? filter : filter.Select(w => (sbyte)-w))];
                    int size = 2 * dilation + 1 + 4 * stride;
                    sbyte[] input = new sbyte[size * size * channels];
                    for (int i = 0; i < input.Length; i++)
                    {
                        int tap = i / channels / size / dilation % 3 * 3 + i / channels % size / dilation % 3;
                        int sign = suits * weights[i % channels * 9 + tap];
                        input[i] = sign > 0 ? sbyte.MaxValue : sign < 0 ? sbyte.MinValue : (sbyte)(random.Next(2) * 255 - 128);
                    }

                    Check(random, [1, size, size, channels], new Window(3, 3, stride, stride, dilation, dilation), weights, input);
                }
            }
        }
    }

    [Theory]
    [InlineData(-128, -128)]
    [InlineData(-128, 127)]
    [InlineData(0, 0)]
    [InlineData(-7, -3)]
    [InlineData(127, 127)]
    public void Every_shift_gives_the_same_bytes_from_the_smallest_accumulator_to_the_largest(int zeroPoint, int min)
    {
        // weights of zero: the accumulator is the bias
        const int Channels = 72;
        for (int shift = -14; shift <= 0; shift++)
        {
            var random = new Random(Seed + shift);
            int[] bias = [.. Enumerable.Range(0, Channels).Select(c => c switch { 0 => -int.MaxValue + 128, 1 => int.MaxValue - 128, _ => random.Next(-400 << -shift, 400 << -shift) })];
            foreach (int groups in new[] { Channels, 1 })   // depthwise, and rows of a matrix product
            {
                int inputs = groups == 1 ? 1 : Channels, kernel = groups == 1 ? 1 : 3;
                var conv = new ConvCase([1, 4, 6, inputs], 0, new sbyte[kernel * kernel * Channels], [Channels, kernel, kernel, 1], bias,
                    [.. Enumerable.Range(0, Channels).Select(_ => random.Next(2) == 0 ? 1 << 30 : random.Next(1 << 30, int.MaxValue))], Repeat(shift, Channels),
                    new Window(kernel, kernel), groups, zeroPoint, (sbyte)min, 127);
                using var checkedCase = new OperatorCase($"zero point {zeroPoint}, minimum {min}, shift {shift}", conv.Build(), new sbyte[4 * 6 * inputs]);
                checkedCase.Check();
            }
        }
    }

    private static void Check(Random random, int[] shape, Window window, sbyte[] weights, sbyte[] input)
    {
        int channels = shape[3];
        int[] bias = Enumerable.Range(0, channels).Select(_ => random.Next(-9000, 9000)).ToArray();
        int zeroPoint = random.Next(3) == 0 ? -128 : random.Next(-128, 120), min = random.Next(2) == 0 ? zeroPoint : -128;
        var conv = new ConvCase(shape, random.Next(-128, 128), weights, [channels, window.KernelH, window.KernelW, 1], bias,
            Repeat(ScaledChannel.MultiplierOf(random), channels), Repeat(random.Next(-11, -6), channels), window, channels, zeroPoint, (sbyte)min, 127);
        using var checkedCase = new OperatorCase($"{string.Join('x', shape)}, {window}", conv.Build(), input);
        checkedCase.Check();
    }

    private static sbyte[] Bytes(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => random.Next(8) switch { 0 => sbyte.MinValue, 1 => sbyte.MaxValue, _ => (sbyte)random.Next(-128, 128) })];

    private static int[] Repeat(int value, int count) => [.. Enumerable.Repeat(value, count)];
}
