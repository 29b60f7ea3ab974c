using EdgeConv.Runtime.Kernels;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Tests;

/// <summary>Resizing is that of TFLite's int8 reference kernels, bit for bit.</summary>
public sealed class ResizeTests
{
    // FNV-1a over the results of 4,621 cases, computed once with TFLite Micro's RESIZE_NEAREST_NEIGHBOR and RESIZE_BILINEAR.
    private const uint ResultsOfTfLite = 2890503558;

    [Fact]
    public void Nearest_and_bilinear_give_the_bytes_of_TFLite_for_every_size_up_to_130()
    {
        uint all = 2166136261;
        foreach (int from in new[] { 1, 2, 3, 7, 28, 82 })
        {
            for (int to = 1; to <= 130; to++)
            {
                foreach (ResizeMode mode in Enum.GetValues<ResizeMode>())
                {
                    foreach (ResizeCoordinates coordinates in Enum.GetValues<ResizeCoordinates>().Where(c => IsDefined(from, to, mode, c)))
                    {
                        all = (all ^ Hash(Resized(from, to, mode, coordinates))) * 16777619;
                    }
                }
            }
        }

        Assert.Equal(ResultsOfTfLite, all);
    }

    [Fact]
    public void Single_precision_decides_which_pixel_is_nearest() =>
        Assert.Equal(0, ResizePositions.Nearest(2, 82, ResizeCoordinates.Asymmetric)[41]);   // 41 * 2 / 82 is 1

    [Fact]
    public void Positions_stay_in_the_image_where_roundings_add_up()
    {
        int[] positions = ResizePositions.Bilinear(7, 300, ResizeCoordinates.Asymmetric);   // 299 steps of 24 are more than 7 pixels
        Assert.Equal(6 * 1024, positions[^1]);
        Assert.All(positions, p => Assert.InRange(p, 0, 6 * 1024));
    }

    /// <summary>Where steps add up to more than the image, TFLite reads beyond it.</summary>
    private static bool IsDefined(int from, int to, ResizeMode mode, ResizeCoordinates coordinates)
    {
        bool corners = coordinates == ResizeCoordinates.AlignCorners && to > 1;
        int step = corners ? ((from - 1) * 1024 + (to - 1) / 2) / (to - 1) : (from * 1024 + to / 2) / to;
        int last = (to - 1) * step + (coordinates == ResizeCoordinates.HalfPixel ? step / 2 - 512 : 0);
        return mode == ResizeMode.Nearest || last / 1024 <= from - 1;
    }

    private static sbyte[] Resized(int from, int to, ResizeMode mode, ResizeCoordinates coordinates)
    {
        var model = new TestModel();
        int x = model.Activation([1, 2, from, 2]), y = model.Activation([1, 3, to, 2]);
        using Model built = model.Then(new ResizeOp("resize", x, y, mode, coordinates)).Build();
        sbyte[] input = new sbyte[4 * from];
        uint state = (uint)(from * 1000 + to);
        for (int i = 0; i < input.Length; i++)
        {
            state = state * 1664525 + 1013904223;
            input[i] = (sbyte)(state >> 24);
        }

        return TestModel.Run(built, input, KernelPath.Reference);
    }

    private static uint Hash(sbyte[] bytes) => bytes.Aggregate(2166136261, (hash, b) => (hash ^ (byte)b) * 16777619);
}
