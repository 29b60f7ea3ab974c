using EdgeConv.Converters;
using EdgeConv.Converters.Visualization;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Tests.Visualization;

/// <summary>Filters chosen by hand, through the int8 convolution.</summary>
public sealed class PictureFilterTests
{
    [Fact]
    public void The_edge_of_the_lecture_gives_0_30_30_0()
    {
        byte[] pixels = [.. Enumerable.Range(0, 36).Select(i => (byte)(i % 6 < 3 ? 10 : 0))];
        FilteredPicture filtered = PictureFilter.Run(
            new Picture(pixels, 6, 6, PixelFormat.Gray8), FilterKernel.Find("vertical")!, 1, same: false, eachColor: false);
        Assert.Equal((4, 4), (filtered.Width, filtered.Height));
        Assert.Equal(Enumerable.Range(0, 16).Select(i => i % 4 is 1 or 2 ? 30f : 0f), filtered.Values);
        Assert.Equal(Enumerable.Range(0, 16).Select(i => (byte)(i % 4 is 1 or 2 ? 255 : 128)), filtered.ToPicture().Pixels.ToArray());
    }

    [Fact]
    public void Any_picture_and_filter_is_within_half_a_step_of_float_but_for_rounded_weights_and_never_clipped()
    {
        Random random = new(3);
        for (int run = 0; run < 60; run++)
        {
            (int width, int height) = (random.Next(5, 40), random.Next(5, 40));
            (int rows, int columns, int stride) = (random.Next(1, 6), random.Next(1, 6), random.Next(1, 4));
            (bool same, bool eachColor, bool isWhole) = (random.Next(2) == 0, random.Next(2) == 0, random.Next(2) == 0);
            byte[] pixels = new byte[width * height * 3];
            random.NextBytes(pixels);
            var kernel = new FilterKernel("any", rows, columns, [.. Enumerable.Range(0, rows * columns).Select(_ => isWhole
                ? random.Next(-9, 10)
                : (float)(random.NextDouble() - 0.5) * 9)]);
            string what = $"run {run}: {width}x{height}, {rows}x{columns} / {stride}, same {same}, each colour {eachColor}";
            FilteredPicture filtered = PictureFilter.Run(new Picture(pixels, width, height, PixelFormat.Rgb24), kernel, stride, same, eachColor);
            Assert.Equal(same ? (width + stride - 1) / stride : ((width - columns) / stride) + 1, filtered.Width);
            Assert.Equal(same ? (height + stride - 1) / stride : ((height - rows) / stride) + 1, filtered.Height);
            Assert.Equal(eachColor ? 3 : 1, filtered.Channels);
            Assert.True(filtered.Saturated == 0, what);

            float[] plain = Plain(pixels, width, height, kernel, filtered);
            float weights = isWhole ? 0 : kernel.Values.Max(Math.Abs) / 127 / 2 * 255 * rows * columns;
            Assert.All(plain.Zip(filtered.Values), pair => Assert.True(
                Math.Abs(pair.First - pair.Second) <= (0.51f * filtered.Step) + weights, $"{what}: {pair.Second}, expected {pair.First}"));
            Assert.Equal(plain.Zip(filtered.Values, (p, v) => Math.Abs(p - v)).Max(), filtered.LargestError, 1e-2f);
        }
    }

    [Fact]
    public void A_file_is_rows_of_numbers()
    {
        FilterKernel kernel = FilterKernel.Parse("blur.txt", "# a blur\n 1, 2 1\r\n\n2;\t4 2 # the middle\n1 2 1e0\n");
        Assert.Equal((3, 3), (kernel.Rows, kernel.Columns));
        Assert.Equal([1, 2, 1, 2, 4, 2, 1, 2, 1], kernel.Values);
    }

    [Theory]
    [InlineData("1 0 -1\n1 x -1\n", "line 2, column 3: 'x'")]
    [InlineData("1 0 -1\n1 0\n", "line 2: 2 numbers; expected 3")]
    [InlineData("# nothing\n", "0 rows")]
    [InlineData("", "0 rows")]
    [InlineData("1 NaN\n", "line 1, column 3: 'NaN'")]
    [InlineData("1 1e30\n", "line 1, column 3: '1e30'")]
    public void A_broken_file_is_named_by_line_and_column(string text, string expected)
    {
        ConversionException broken = Assert.Throws<ConversionException>(() => FilterKernel.Parse("k.txt", text));
        Assert.StartsWith("k.txt", broken.Message);
        Assert.Contains(expected, broken.Message);
    }

    [Fact]
    public void A_filter_larger_than_the_picture_is_refused()
    {
        Picture small = new(new byte[4], 2, 2, PixelFormat.Gray8);
        ConversionException refused = Assert.Throws<ConversionException>(
            () => PictureFilter.Run(small, FilterKernel.Find("sobel")!, 1, same: false, eachColor: false));
        Assert.Contains("3x3, larger than the picture of 2x2", refused.Message);
        Assert.Equal(2, PictureFilter.Run(small, FilterKernel.Find("sobel")!, 1, same: true, eachColor: false).Width);
    }

    // Float on the plain loops of the runtime, a colour at a time.
    private static float[] Plain(byte[] pixels, int width, int height, FilterKernel kernel, FilteredPicture filtered)
    {
        float[] result = new float[filtered.Values.Length];
        for (int c = 0; c < filtered.Channels; c++)
        {
            float[] plane = [.. Enumerable.Range(0, width * height).Select(i => filtered.Channels == 3
                ? pixels[(i * 3) + c]
                : (float)(((77 * pixels[i * 3]) + (150 * pixels[(i * 3) + 1]) + (29 * pixels[(i * 3) + 2]) + 128) >> 8))];
            float[] response = new float[result.Length / filtered.Channels];
            FloatReference.Conv2D(plane, [1, height, width, 1], kernel.Values, 1, [], filtered.Window, 1, response);
            for (int i = 0; i < response.Length; i++)
            {
                result[(i * filtered.Channels) + c] = response[i];
            }
        }

        return result;
    }
}
