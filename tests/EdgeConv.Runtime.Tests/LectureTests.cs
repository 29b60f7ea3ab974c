using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Runtime.Tests;

/// <summary>The worked examples of the lecture, in float, in int8, on every path.</summary>
public sealed class LectureTests
{
    private static readonly int[] _verticalEdge = [1, 0, -1, 1, 0, -1, 1, 0, -1];

    [Fact]
    public void Vertical_edge_of_three_bright_and_three_dark_columns()
    {
        int[] image = Enumerable.Range(0, 36).Select(i => i % 6 < 3 ? 10 : 0).ToArray();
        int[] expected = Enumerable.Range(0, 16).Select(i => i % 4 is 1 or 2 ? 30 : 0).ToArray();
        Check(image, 6, _verticalEdge, 1, expected);
    }

    [Fact]
    public void Vertical_edges_of_an_image_of_digits()
    {
        int[] image =
        [
            3, 0, 1, 2, 7, 4,
            1, 5, 8, 9, 3, 1,
            2, 7, 2, 5, 1, 3,
            0, 1, 3, 1, 7, 8,
            4, 2, 1, 6, 2, 8,
            2, 4, 5, 2, 3, 9,
        ];
        Check(image, 6, _verticalEdge, 1, [-5, -4, 0, 8, -10, -2, 2, 3, 0, -2, -4, -7, -3, -2, -3, -16]);
    }

    [Fact]
    public void Stride_of_two()
    {
        int[] image =
        [
            2, 3, 7, 4, 6, 2, 9,
            6, 6, 9, 8, 7, 4, 3,
            3, 4, 8, 3, 8, 9, 7,
            7, 8, 3, 6, 6, 3, 4,
            4, 2, 1, 8, 3, 4, 6,
            3, 2, 4, 1, 9, 8, 3,
            0, 1, 3, 9, 2, 1, 4,
        ];

        // the lecture prints 83 for the third and 127 for the sixth value; by its own definition they are 88 and 117
        Check(image, 7, [3, 4, 4, 1, 0, 2, -1, 0, 3], 2, [91, 100, 88, 69, 91, 117, 44, 72, 74]);
    }

    [Theory]
    [InlineData(6, 3, 0, 1, 4)]
    [InlineData(6, 3, 1, 1, 6)]
    [InlineData(7, 3, 0, 2, 3)]
    [InlineData(28, 5, 2, 1, 28)]
    [InlineData(28, 2, 0, 2, 14)]
    [InlineData(227, 11, 0, 4, 55)]
    [InlineData(224, 3, 1, 1, 224)]
    public void Output_size_is_floor_of_n_plus_2p_minus_f_over_s_plus_1(int n, int f, int p, int s, int expected)
    {
        var window = new Window(f, f, s, s, 1, 1, p, p, p, p);
        Assert.Equal((int)Math.Floor((n + 2 * p - f) / (double)s + 1), window.OutputH(n));
        Assert.Equal(expected, window.OutputW(n));
    }

    [Fact]
    public void Ten_filters_of_3x3x3_have_280_parameters()
    {
        var conv = new ConvCase([1, 6, 6, 3], 0, new sbyte[10 * 27], [10, 3, 3, 3], new int[10], new int[10], new int[10], new Window(3, 3), 1, 0, -128, 127);
        using Model model = conv.Build();
        var op = (Conv2DOp)model.Operators[0];
        Assert.Equal(280, model.Tensors[op.Weights].Length + model.Tensors[op.Bias].Length);
    }

    private static void Check(int[] image, int size, int[] filter, int stride, int[] expected)
    {
        var window = new Window(3, 3, stride, stride);
        float[] output = new float[expected.Length];
        FloatReference.Conv2D([.. image.Select(v => (float)v)], [1, size, size, 1], [.. filter.Select(v => (float)v)], 1, [], window, 1, output);
        Assert.Equal(expected.Select(v => (float)v), output);

        // scale 1 everywhere: multiplier 2^30 and one left shift are a factor of one
        sbyte[] weights = [.. filter.Select(v => (sbyte)v)];
        var conv = new ConvCase([1, size, size, 1], 0, weights, [1, 3, 3, 1], [0], [1 << 30], [1], window, 1, 0, -128, 127);
        using Model model = conv.Build();
        Paths.AllGive([.. expected.Select(v => (sbyte)v)], model, [.. image.Select(v => (sbyte)v)], "lecture");
    }
}
