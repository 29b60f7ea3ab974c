using EdgeConv.Runtime.Kernels;
using EdgeConv.Runtime.Kernels.Vector;
using EdgeConv.Runtime.Threading;

namespace EdgeConv.Runtime.Tests;

/// <summary>Winograd's algorithm gives the reference's bytes on every shape, up to its limit and beyond.</summary>
public sealed class WinogradTests
{
    private const int Seed = 43;

    [Fact]
    public void Every_number_of_input_and_output_channels_gives_the_same_bytes()
    {
        for (int channels = 1; channels <= 70; channels++)
        {
            var random = new Random(Seed + channels);
            Check(random, [1, random.Next(1, 8), random.Next(1, 10), channels], random.Next(1, 20), 1);
            Check(random, [1, random.Next(3, 8), random.Next(3, 10), random.Next(1, 20)], channels, 1);
        }
    }

    [Fact]
    public void Every_size_of_picture_and_padding_gives_the_same_bytes()
    {
        for (int height = 1; height <= 14; height++)
        {
            for (int width = 1; width <= 14; width++)
            {
                var random = new Random(Seed + 100 * height + width);
                Check(random, [random.Next(1, 3), height, width, random.Next(1, 19)], random.Next(1, 18), 1, random.Next(1, 7));
            }
        }
    }

    [Fact]
    public void A_pooling_of_two_by_two_is_taken_of_the_accumulators()
    {
        for (int size = 2; size <= 13; size++)
        {
            foreach ((int inputs, int outputs) in new[] { (3, 5), (16, 8), (24, 16) })
            {
                var random = new Random(Seed + 10 * size + inputs);
                int[] shape = [2, size, random.Next(2, 14), inputs];
                ConvCase conv = Case(shape, random.Next(-128, 128), Bytes(random, outputs * 9 * inputs), new int[outputs], 1, Padded(1), random);
                CheckAll(conv with { Pool = new Pooling(2, 2, 2, 2) }, Bytes(random, shape.Aggregate((a, b) => a * b)),
                    $"{string.Join('x', shape)} to {outputs}, pooled", random.Next(1, 5));
            }
        }
    }

    [Fact]
    public void Rows_of_more_tiles_than_are_multiplied_or_stored_at_once_give_the_same_bytes()
    {
        foreach ((int width, int outputs) in new[] { (33, 16), (36, 32), (47, 16), (50, 48), (68, 16), (75, 32) })
        {
            var random = new Random(Seed + width);
            int[] shape = [1, random.Next(4, 10), width, 8];
            ConvCase conv = Case(shape, random.Next(-128, 128), Bytes(random, outputs * 9 * 8), new int[outputs], 1, Padded(1), random);
            sbyte[] x = Bytes(random, shape.Aggregate((a, b) => a * b));
            CheckAll(conv, x, $"{string.Join('x', shape)} to {outputs}");
            CheckAll(conv with { Pool = new Pooling(2, 2, 2, 2) }, x, $"{string.Join('x', shape)} to {outputs}, pooled");
        }
    }

    [Theory]
    [InlineData(5, 5)]
    [InlineData(3, 4)]
    [InlineData(4, 3)]
    [InlineData(6, 7)]
    [InlineData(9, 3)]
    public void A_larger_kernel_in_pieces_gives_the_same_bytes(int kernelH, int kernelW)
    {
        for (int i = 0; i < 12; i++)
        {
            var random = new Random(Seed + 1000 * kernelH + 100 * kernelW + i);
            int groups = random.Next(1, 3), inputs = groups == 1 ? random.Next(1, 21) : 16, outputs = groups * random.Next(1, 10);
            int[] shape = [random.Next(1, 3), random.Next(kernelH, 15), random.Next(kernelW, 15), inputs];
            var window = new Window(kernelH, kernelW, PadTop: random.Next(4), PadLeft: random.Next(4), PadBottom: random.Next(4), PadRight: random.Next(4));
            sbyte[] weights = Bytes(random, outputs * kernelH * kernelW * inputs / groups), x = Bytes(random, shape.Aggregate((a, b) => a * b));
            ConvCase conv = Case(shape, random.Next(-128, 128), weights, [.. Enumerable.Range(0, outputs).Select(_ => random.Next(-9000, 9000))], groups, window, random);
            CheckAll(conv, x, $"{string.Join('x', shape)} to {outputs} in {groups} groups, {window}", random.Next(1, 9));
            CheckAll(conv with { Pool = new Pooling(2, 2, 2, 2) }, x, $"{string.Join('x', shape)} to {outputs} in {groups} groups, {window}, pooled");
        }
    }

    [Theory]
    [InlineData(-128, -128, 127)]
    [InlineData(127, -128, -128)]
    [InlineData(127, 127, -128)]
    public void A_larger_kernel_whose_accumulators_pass_the_limit_is_split(int input, int weight, int zeroPoint)
    {
        const int Inputs = 96;
        sbyte[] weights = [.. Enumerable.Repeat((sbyte)weight, 2 * 25 * Inputs)], x = [.. Enumerable.Repeat((sbyte)input, 49 * Inputs)];
        ConvCase conv = Case([1, 7, 7, Inputs], zeroPoint, weights, [5, -5], 1, new Window(5, 5, PadTop: 1, PadLeft: 2), new Random(Seed));
        CheckAll(conv, x, $"{input} * {weight}, zero point {zeroPoint}");
        using Model model = conv.Build();
        Assert.True(PlanOf(model)!.Parts.Length > 1);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Groups_of_whole_vectors_give_the_same_bytes(int groups)
    {
        foreach (int outputs in new[] { 1, 8, 13 })
        {
            Check(new Random(Seed + outputs), [1, 9, 11, 16 * groups], outputs * groups, groups);
        }
    }

    [Theory]
    [InlineData(-128, -128, -128)]
    [InlineData(127, -128, -128)]
    [InlineData(-128, -128, 127)]
    [InlineData(-128, 127, 127)]
    [InlineData(127, 127, 0)]
    [InlineData(127, 127, -128)]
    public void Extremes_of_input_and_weights_give_the_same_bytes(int input, int weight, int zeroPoint)
    {
        // all alike, and with the signs that make single transformed values as large as they get
        foreach (bool alternating in new[] { false, true })
        {
            sbyte[] weights = [.. Enumerable.Range(0, 9 * 9 * 40).Select(i => (sbyte)(alternating && i / 40 % 2 == 1 ? -1 - weight : weight))];
            sbyte[] x = [.. Enumerable.Range(0, 10 * 11 * 40).Select(i => (sbyte)(alternating && (i / 40 + i / 440) % 2 == 1 ? -1 - input : input))];
            Check([1, 10, 11, 40], zeroPoint, weights, x, new int[9], 1, $"{input} * {weight}, zero point {zeroPoint}, alternating {alternating}");
        }
    }

    [Theory]
    [InlineData(-128)]
    [InlineData(0)]
    [InlineData(127)]
    [InlineData(-3)]
    public void An_accumulator_at_the_limit_comes_out_exactly_and_one_beyond_is_split(int zeroPoint)
    {
        foreach ((int sign, WinogradTile tile) in new[] { (1, WinogradTile.Four), (-1, WinogradTile.Four), (1, WinogradTile.Two), (-1, WinogradTile.Two) })
        {
            // One channel whose largest accumulator is reached by one input, and is what the bias makes it.
            const int Inputs = 160;
            var random = new Random(Seed + zeroPoint);
            sbyte[] weights = [.. Enumerable.Range(0, 9 * Inputs).Select(_ => (sbyte)random.Next(-128, 128))];
            sbyte[] x = [.. weights.Select(w => w * sign > 0 ? sbyte.MaxValue : sbyte.MinValue)];
            long reached = weights.Zip(x, (w, v) => (long)w * (v - zeroPoint)).Sum();
            long limit = sign > 0 ? tile.AccumulatorLimit - 1 : -tile.AccumulatorLimit;
            Assert.Equal(1, PartsOf((int)(limit - reached)));
            Assert.True(PartsOf((int)(limit - reached) + sign) > 1);

            int PartsOf(int bias)
            {
                ConvCase conv = Case([1, 3, 3, Inputs], zeroPoint, weights, [bias], 1, new Window(3, 3), new Random(Seed));
                CheckAll(conv, x, $"zero point {zeroPoint}, sign {sign}, bias {bias}");
                using Model model = conv.Build();
                return PlanOf(model, tile)!.Parts.Length;
            }
        }
    }

    [Fact]
    public void Weights_of_many_channels_that_pass_the_limit_are_split_until_no_part_does()
    {
        foreach ((int inputs, int weight, int parts, int partsOfTwo) in new[]
        {
            (224, 127, 1, 1), (240, 127, 2, 1), (240, -128, 2, 1), (512, 127, 3, 1), (720, 127, 4, 1), (1824, -128, 9, 1), (1832, -128, 9, 2),
        })
        {
            int zeroPoint = weight < 0 ? -128 : 0;
            sbyte[] weights = [.. Enumerable.Repeat((sbyte)weight, 9 * inputs)], x = [.. Enumerable.Repeat((sbyte)(weight < 0 ? 127 : -128), 25 * inputs)];
            ConvCase conv = Case([1, 5, 5, inputs], zeroPoint, weights, [77], 1, Padded(1), new Random(Seed));
            CheckAll(conv, x, $"{inputs} channels of {weight}");
            CheckAll(conv with { Pool = new Pooling(2, 2, 2, 2) }, x, $"{inputs} channels of {weight}, pooled");
            using Model model = conv.Build();
            Assert.Equal((parts, partsOfTwo), (PlanOf(model)!.Parts.Length, PlanOf(model, WinogradTile.Two)!.Parts.Length));
        }
    }

    [Fact]
    public void Parts_of_which_a_share_without_its_zero_point_reaches_the_limit_are_split_further()
    {
        // Two parts of 232 channels with 2,048 weights of -128 each: -128 * -128 * 2,048 is 2^25, and with zero point -1 the accumulator is less.
        const int Part = 232;
        sbyte[] weights = [.. Enumerable.Range(0, 9 * 2 * Part).Select(i => (sbyte)(i / (2 * Part) * Part + i % Part < 2048 ? -128 : 0))];
        sbyte[] x = [.. Enumerable.Repeat(sbyte.MinValue, 9 * 2 * Part)];
        ConvCase conv = Case([1, 3, 3, 2 * Part], -1, weights, [0], 1, new Window(3, 3), new Random(Seed));
        CheckAll(conv, x, "shares at the limit");
        using Model model = conv.Build();
        Assert.Equal(3, PlanOf(model)!.Parts.Length);
    }

    [Theory]
    [InlineData(3, 1 << 26)]
    [InlineData(5, 1 << 26)]
    [InlineData(5, 1 << 30)]   // what a filter gets of which all weights are zero
    [InlineData(7, -(1 << 30))]
    public void Few_channels_whose_bias_alone_passes_the_limit_have_no_plan_with_an_empty_part(int kernel, int bias)
    {
        Random random = new(Seed);
        sbyte[] weights = Bytes(random, 16 * kernel * kernel * 8), x = Bytes(random, 28 * 28 * 8);
        int[] biases = new int[16];
        biases[3] = bias;
        ConvCase conv = Case([1, 28, 28, 8], -128, weights, biases, 1, new Window(kernel, kernel), random);
        using Model model = conv.Build();
        foreach (WinogradPlan? plan in new[] { WinogradPlan.Choose((Conv2DOp)model.Operators[0], Context(model), WinogradProcessor.CortexA53), PlanOf(model), PlanOf(model, WinogradTile.Two) })
        {
            Assert.All(plan?.Parts ?? [], part => Assert.NotEqual(0, part.Count));
        }

        Assert.Null(PlanOf(model));
        Assert.Equal(Math.Abs(bias) < WinogradTile.Two.AccumulatorLimit, PlanOf(model, WinogradTile.Two) is not null);
        CheckAll(conv, x, $"{kernel}x{kernel} of 8 channels, bias {bias}");
    }

    [Fact]
    public void The_limit_is_where_the_multiple_of_the_accumulator_wraps()
    {
        // the plan's own check against the arithmetic itself, for every accumulator near the limit
        foreach (WinogradTile tile in new[] { WinogradTile.Four, WinogradTile.Two })
        {
            int limit = tile.AccumulatorLimit;
            foreach (int near in new[] { -limit, limit })
            {
                for (int accumulator = near - 1000; accumulator < near + 1000; accumulator++)
                {
                    int z = unchecked(accumulator * tile.Scale * tile.InverseOfOdd) >> tile.ScaleShift;
                    Assert.Equal(accumulator >= -limit && accumulator < limit, z == accumulator);
                }
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(-6)]
    [InlineData(0)]
    public void Left_shifts_and_ties_give_the_same_bytes(int shift)
    {
        var random = new Random(Seed + shift);
        sbyte[] weights = [.. Enumerable.Range(0, 9 * 8 * 8).Select(_ => (sbyte)random.Next(-2, 3))];
        sbyte[] x = [.. Enumerable.Range(0, 64 * 8).Select(_ => (sbyte)random.Next(-3, 4))];
        foreach ((int zeroPoint, int min, int max) in new[] { (0, -128, 127), (-128, -128, 127), (5, 5, 100), (-7, -20, 127) })
        {
            var conv = new ConvCase([1, 8, 8, 8], 1, weights, [8, 3, 3, 8], new int[8], [.. Enumerable.Repeat(1 << 30, 8)], [.. Enumerable.Repeat(shift, 8)],
                Padded(1), 1, zeroPoint, (sbyte)min, (sbyte)max);
            CheckAll(conv, x, $"shift {shift}, zero point {zeroPoint}, {min} to {max}");
        }
    }

    [Theory]
    [InlineData(-128, -128, 3)]
    [InlineData(-20, -20, 3)]
    [InlineData(-20, -128, 0)]   // ties below zero matter
    public void A_layer_with_relu_is_requantized_in_one_step(int zeroPoint, int min, int panels)
    {
        var random = new Random(Seed);
        sbyte[] weights = [.. Enumerable.Range(0, 20 * 9 * 16).Select(_ => (sbyte)random.Next(-127, 128))];
        int[] multipliers = [.. Enumerable.Range(0, 20).Select(_ => random.Next(1 << 30, int.MaxValue))];
        var conv = new ConvCase([1, 12, 12, 16], -128, weights, [20, 3, 3, 16], new int[20], multipliers, [.. Enumerable.Repeat(-9, 20)],
            Padded(1), 1, zeroPoint, (sbyte)min, 127);
        using Model model = conv.Build();
        var op = (Conv2DOp)model.Operators[0];
        using var packed = new WinogradNumbers(op, Context(model), PlanOf(model)!, model.Weights(op.Weights));
        Assert.Equal(panels, packed.OneStepPanels);
        CheckAll(conv, Bytes(random, 144 * 16), $"zero point {zeroPoint}, minimum {min}");
        CheckAll(conv with { Pool = new Pooling(2, 2, 2, 2) }, Bytes(random, 144 * 16), $"zero point {zeroPoint}, minimum {min}, pooled");
    }

    [Fact]
    public void Only_layers_that_are_large_enough_take_it_and_only_of_its_kind()
    {
        Assert.Equal(WinogradTile.Four, Chosen([1, 28, 28, 64], 64, Padded(1)));
        Assert.Equal(WinogradTile.Four, Chosen([1, 14, 14, 512], 512, Padded(1)));
        Assert.Equal(WinogradTile.Four, Chosen([1, 13, 13, 384], 384, Padded(1), groups: 2));
        Assert.Null(Chosen([1, 28, 28, 1], 8, Padded(1)));            // seven eighths of each vector would be idle
        Assert.Null(Chosen([1, 3, 3, 16], 16, new Window(3, 3)));     // one output pixel of sixteen, or of four
        Assert.Null(Chosen([1, 28, 28, 64], 64, Padded(1) with { StrideH = 2, StrideW = 2 }));
        Assert.Null(Chosen([1, 28, 28, 64], 64, Padded(1) with { DilationW = 2 }));
        Assert.Equal(WinogradTile.Four, Chosen([1, 28, 28, 16], 16, new Window(5, 5)));
        Assert.Equal(WinogradTile.Four, Chosen([1, 27, 27, 96], 256, new Window(5, 5), groups: 2));
        Assert.Null(Chosen([1, 28, 28, 64], 64, new Window(1, 1)));
        Assert.Null(Chosen([1, 28, 28, 36], 36, Padded(1), groups: 3));
        Assert.Equal(WinogradTile.Four, Chosen([1, 28, 28, 64], 64, Padded(1), pool: 2));
        Assert.Null(Chosen([1, 28, 28, 64], 64, Padded(1), pool: 3)); // windows that do not divide a tile
    }

    [Fact]
    public void Small_tiles_are_chosen_where_large_ones_stick_out_or_their_weights_would_come_from_memory()
    {
        Assert.Equal(WinogradTile.Two, Chosen([1, 2, 14, 64], 64, Padded(1)));
        Assert.Equal(WinogradTile.Two, Chosen([1, 14, 2, 96], 96, Padded(1)));
        Assert.Equal(WinogradTile.Two, Chosen([1, 6, 6, 64], 64, Padded(1)));
        Assert.Equal(WinogradTile.Two, Chosen([1, 2, 14, 64], 64, Padded(1), pool: 2));
        Assert.Equal(WinogradTile.Four, Chosen([1, 4, 4, 64], 64, Padded(1)));
        Assert.Equal(WinogradTile.Two, Chosen([1, 4, 4, 384], 384, Padded(1)));
        Assert.Null(Chosen([1, 2, 2, 384], 384, Padded(1)));          // and here either's would
    }

    [Fact]
    public void Small_tiles_are_chosen_where_large_ones_would_have_to_be_split_with_few_channels()
    {
        Assert.Equal(WinogradTile.Four, Chosen([1, 12, 12, 16], 16, Padded(1)));
        Assert.Equal(WinogradTile.Two, Chosen([1, 12, 12, 16], 16, Padded(1), bias: 1 << 26));
    }

    [Fact]
    public void On_x64_layers_take_it_whose_channels_fill_vectors()
    {
        foreach (WinogradProcessor processor in new[] { WinogradProcessor.Avx512, WinogradProcessor.Avx512Wide, WinogradProcessor.Avx2 with { DirectRate = 24 } })
        {
            Assert.Equal(WinogradTile.Four, Chosen([1, 16, 16, 32], 32, Padded(1), processor: processor));
            Assert.Equal(WinogradTile.Four, Chosen([1, 8, 8, 64], 64, Padded(1), processor: processor));
            Assert.Equal(WinogradTile.Four, Chosen([1, 56, 56, 128], 128, Padded(1), processor: processor));
            Assert.Equal(WinogradTile.Four, Chosen([1, 14, 14, 256], 256, Padded(1), processor: processor));
            Assert.Equal(WinogradTile.Four, Chosen([1, 14, 14, 512], 512, Padded(1), processor: processor));
            Assert.Null(Chosen([1, 4, 4, 512], 512, Padded(1), processor: processor));   // one tile: weights would be transformed for it alone
            Assert.Null(Chosen([1, 32, 32, 8], 8, Padded(1), processor: processor));     // half of each vector of sums would be idle
            Assert.Null(Chosen([1, 32, 32, 16], 16, Padded(1) with { StrideH = 2, StrideW = 2 }, processor: processor));
        }

        Assert.Equal(WinogradTile.Four, Chosen([1, 32, 32, 16], 16, Padded(1), processor: WinogradProcessor.Avx512));
        Assert.Equal(WinogradTile.Four, Chosen([1, 32, 32, 3], 16, Padded(1), processor: WinogradProcessor.Avx512));   // half of the pairs are left out
        Assert.Null(Chosen([1, 8, 8, 8], 8, Padded(1), bias: 1 << 26, processor: WinogradProcessor.Avx512));   // no F(2x2) to fall back on
    }

    [Fact]
    public void On_512_bits_only_weights_that_stay_near_are_kept_transformed()
    {
        foreach ((int channels, bool keeps) in new[] { (64, true), (96, true), (128, false), (512, false) })
        {
            using Model model = Case([1, 14, 14, channels], 0, new sbyte[channels * 9 * channels], new int[channels], 1, Padded(1), new Random(Seed)).Build();
            var op = (Conv2DOp)model.Operators[0];
            WinogradPlan plan = WinogradPlan.Make(op, Context(model), WinogradProcessor.Avx512Wide, WinogradTile.Four)!;
            Assert.Equal(keeps, plan.KeepsWeights);
            using var layer = new WinogradConv2D<Avx512Winograd<TwoVectors>>(op, Context(model), plan);
            long taps = 9L * channels * channels, numbers = channels / Panel.Channels * Panel.Ints * sizeof(int);
            Assert.Equal(numbers + (keeps ? 8 * taps : taps), layer.PackedBytes);
        }
    }

    [Theory]
    [InlineData(1, 17, 9, 20, 8)]      // strips of one row of tiles or two
    [InlineData(3, 9, 14, 12, 3)]      // strips that are not as wide as the picture, several pictures
    [InlineData(5, 4, 4, 9, 1)]        // a strip a picture
    [InlineData(1, 26, 5, 24, 5)]     // three groups
    [InlineData(1, 8, 7, 24, 1000)]    // one strip, which threads can only share
    public void Threads_that_take_whole_strips_and_share_the_rest_give_the_same_bytes(int batch, int height, int width, int channels, int maxTiles)
    {
        var random = new Random(Seed + height);
        int[] shape = [batch, height, width, channels];
        sbyte[] x = Bytes(random, batch * height * width * channels);
        foreach ((int outputs, int groups, int kernel, int bias) in new[] { (16, 1, 3, 0), (70, 1, 3, 9000), (13, 1, 5, 0), (48, channels == 24 ? 3 : 1, 3, 0), (24, 1, 3, 1 << 26) })
        {
            var window = new Window(kernel, kernel, PadTop: 1, PadLeft: 1, PadBottom: 2, PadRight: 1);
            sbyte[] weights = Bytes(random, outputs * kernel * kernel * channels / groups);
            int[] biases = [.. Enumerable.Range(0, outputs).Select(i => i % 4 == 1 ? bias : -bias / 2)];   // the last ones make parts necessary
            ConvCase conv = Case(shape, random.Next(-128, 128), weights, biases, groups, window, random);
            foreach (ConvCase each in new[] { conv, conv with { Pool = new Pooling(2, 2, 2, 2) } })
            {
                using Model model = each.Build();
                sbyte[] expected = TestModel.Run(model, x, KernelPath.Reference);
                foreach (KernelPath path in WinogradPaths.Supported(maxTiles))
                {
                    for (int threads = 1; threads <= 4; threads++)
                    {
                        string what = $"{string.Join('x', shape)} to {outputs} in {groups} groups, {kernel}x{kernel}, bias {bias}, pooled {each.Pool.Pixels > 1}, {path.Name}, {threads} threads";
                        using var run = new GuardedRun(model, path, x, what, threads);
                        run.Step(0);
                        Paths.AssertSame(expected, run.Activation(model.Operators[0].Output), what);
                    }
                }
            }
        }
    }

    [Fact]
    public void Every_tile_of_every_picture_is_in_one_strip()
    {
        var random = new Random(Seed);
        for (int i = 0; i < 200; i++)
        {
            int[] shape = [random.Next(1, 4), random.Next(1, 40), random.Next(1, 40), 8];
            using Model model = Case(shape, 0, Bytes(random, 9 * 8 * 8), new int[8], 1, Padded(1), random).Build();
            var op = (Conv2DOp)model.Operators[0];
            WinogradPlan plan = WinogradPlan.Make(op, Context(model), WinogradProcessor.CortexA53, WinogradTile.Four, random.Next(1, 30))!;
            var strips = new WinogradStrips(op, model.Output, plan);
            int rows = (shape[1] + 3) / 4, columns = (shape[2] + 3) / 4;
            int[] times = new int[shape[0] * rows * columns];
            for (int s = 0; s < strips.Count; s++)
            {
                WinogradStrip strip = strips[s];
                Assert.InRange(strip.Tiles, 1, plan.StripRows * plan.StripColumns);
                for (int tile = 0; tile < strip.Tiles; tile++)
                {
                    (int row, int column) = (strip.Row + tile / strip.Width, strip.Column + tile % strip.Width);
                    times[(strip.Image * rows + row) * columns + column]++;
                }
            }

            Assert.Equal(times.Length, strips.Tiles);
            Assert.All(times, t => Assert.Equal(1, t));
        }
    }

    [Theory]
    [InlineData(-14)]
    [InlineData(-17)]
    [InlineData(-19)]   // zero point and product pass 64 bits where they are one sum
    [InlineData(-30)]
    public void Shifts_as_far_as_accumulators_reach_give_the_same_bytes(int shift)
    {
        var random = new Random(Seed - shift);
        sbyte[] weights = Bytes(random, 20 * 9 * 8), x = Bytes(random, 81 * 8);
        foreach ((int zeroPoint, int min, int max) in new[] { (-128, -128, 127), (127, -128, 127), (0, -128, 127), (5, 5, 100) })
        {
            int reach = (int)Math.Min(1L << 24, 200L << -shift);   // of both signs
            int[] bias = [.. Enumerable.Range(0, 20).Select(_ => random.Next(-reach, reach))];
            int[] multipliers = [.. Enumerable.Range(0, 20).Select(i => i % 2 == 0 ? 1 << 30 : random.Next(1 << 30, int.MaxValue))];
            int[] shifts = [.. Enumerable.Range(0, 20).Select(i => i % 5 == 4 ? shift + 1 : shift)];
            var conv = new ConvCase([1, 9, 9, 8], -128, weights, [20, 3, 3, 8], bias, multipliers, shifts, Padded(1), 1, zeroPoint, (sbyte)min, (sbyte)max);
            CheckAll(conv, x, $"shift {shift}, zero point {zeroPoint}, {min} to {max}");
            CheckAll(conv with { Pool = new Pooling(2, 2, 2, 2) }, x, $"shift {shift}, zero point {zeroPoint}, {min} to {max}, pooled");
        }
    }

    [Fact]
    public void Ties_on_both_sides_of_zero_give_the_same_bytes_whatever_the_first_rounding_left()
    {
        // One input is the picture and the bias counts up: accumulators of -40 to 39, scaled by 1/2 to 1, then halved up to three times.
        const int Outputs = 80;
        sbyte[] weights = new sbyte[Outputs * 9], x = new sbyte[36];
        int[] bias = [.. Enumerable.Range(-Outputs / 2, Outputs)];
        foreach (int shift in new[] { 0, -1, -2, -3 })
        {
            foreach (int multiplier in new[] { 0, 1 << 30, (1 << 30) + 1, 3 << 29, int.MaxValue })
            {
                int[] multipliers = [.. Enumerable.Repeat(multiplier, Outputs)], shifts = [.. Enumerable.Repeat(shift, Outputs)];
                CheckAll(new ConvCase([1, 6, 6, 1], 0, weights, [Outputs, 3, 3, 1], bias, multipliers, shifts, Padded(1), 1, 3, -128, 127), x, $"{multiplier} >> {-shift}");
            }
        }
    }

    private static WinogradTile? Chosen(int[] shape, int outputs, Window window, int groups = 1, int pool = 1, int bias = 0, WinogradProcessor? processor = null)
    {
        var random = new Random(Seed);
        sbyte[] weights = Bytes(random, outputs * window.KernelH * window.KernelW * shape[3] / groups);
        ConvCase conv = Case(shape, 0, weights, [.. Enumerable.Repeat(bias, outputs)], groups, window, random) with { Pool = new Pooling(pool, pool, pool, pool) };
        using Model model = conv.Build();
        return WinogradPlan.Choose((Conv2DOp)model.Operators[0], Context(model), processor ?? WinogradProcessor.CortexA53)?.Tile;
    }

    private static WinogradPlan? PlanOf(Model model, WinogradTile? tile = null) =>
        WinogradPlan.Make((Conv2DOp)model.Operators[0], Context(model), WinogradProcessor.CortexA53, tile ?? WinogradTile.Four);

    private static unsafe KernelContext Context(Model model) => new(model, null, WorkerPool.Alone);

    private static Window Padded(int pad) => new(3, 3, PadTop: pad, PadLeft: pad, PadBottom: pad, PadRight: pad);

    private static void Check(Random random, int[] shape, int outputs, int groups, int maxTiles = int.MaxValue)
    {
        int Pad(int size) => random.Next(Math.Max(0, 3 - size), 4);
        var window = new Window(3, 3, PadTop: Pad(shape[1]), PadLeft: Pad(shape[2]), PadBottom: random.Next(4), PadRight: random.Next(4));
        sbyte[] weights = Bytes(random, outputs * 9 * shape[3] / groups), x = Bytes(random, shape.Aggregate((a, b) => a * b));
        ConvCase conv = Case(shape, random.Next(-128, 128), weights, [.. Enumerable.Range(0, outputs).Select(_ => random.Next(-9000, 9000))], groups, window, random);
        CheckAll(conv, x, $"{string.Join('x', shape)} to {outputs} in {groups} groups, {window}, strips of {maxTiles}", maxTiles);
    }

    private static void Check(int[] shape, int zeroPoint, sbyte[] weights, sbyte[] x, int[] bias, int pad, string what) =>
        CheckAll(Case(shape, zeroPoint, weights, bias, 1, Padded(pad), new Random(Seed)), x, what);

    /// <summary>A layer whose bytes are spread over their range, so that an error shows.</summary>
    private static ConvCase Case(int[] shape, int zeroPoint, sbyte[] weights, int[] bias, int groups, Window window, Random random)
    {
        int outputs = bias.Length, taps = weights.Length / outputs, zeroPointOut = random.Next(-128, 100);
        int[] shifts = new int[outputs];
        for (int c = 0; c < outputs; c++)
        {
            double reach = Math.Abs(bias[c]) + 64 * Math.Sqrt(weights.Skip(c * taps).Take(taps).Sum(w => (double)w * w)) + 1;
            shifts[c] = (int)Math.Ceiling(Math.Log2(150 / reach)) - random.Next(2);
        }

        int[] multipliers = [.. Enumerable.Range(0, outputs).Select(_ => random.Next(1 << 30, int.MaxValue))];
        int min = random.Next(3) == 0 ? -128 : zeroPointOut;
        return new ConvCase(shape, zeroPoint, weights, [outputs, window.KernelH, window.KernelW, shape[3] / groups], bias, multipliers, shifts, window, groups,
            zeroPointOut, (sbyte)min, 127);
    }

    private static void CheckAll(ConvCase conv, sbyte[] x, string what, int maxTiles = int.MaxValue)
    {
        using Model model = conv.Build();
        sbyte[] expected = TestModel.Run(model, x, KernelPath.Reference);
        Paths.AllGive(expected, model, x, what);
        foreach (KernelPath path in WinogradPaths.Supported(maxTiles))
        {
            Paths.AssertSame(expected, TestModel.Run(model, x, path), $"{what}, {path.Name}");
        }
    }

    private static sbyte[] Bytes(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => random.Next(8) switch { 0 => sbyte.MinValue, 1 => sbyte.MaxValue, _ => (sbyte)random.Next(-128, 128) })];
}
