using EdgeConv.Converters.Augmentation;
using EdgeConv.Converters.Data;

namespace EdgeConv.Tests.Data;

public sealed class AugmentationTests
{
    private const int Height = 9, Width = 12, Channels = 3;

    private static readonly string[] _words =
    [
        "rotate=20", "scale=0.2", "shear=0.2", "shift=0.2", "elastic=0.1", "zoom=0.4", "crop=3", "flip", "flip-vertical", "color=20", "brightness=30",
        "contrast=0.3", "noise=12", "cutout=4", "handwriting", "rotate=20 zoom=0.2 crop=2 flip color=20 brightness=10 contrast=0.1 noise=5 cutout=3",
    ];

    public static TheoryData<string> Words => [.. _words];

    [Theory]
    [MemberData(nameof(Words))]
    public void The_generator_alone_decides_and_the_source_stays(string words)
    {
        byte[] picture = Picture(), before = [.. picture];
        byte[][] results = [.. Enumerable.Range(0, 12).Select(seed => Apply(words, picture, (ulong)seed))];
        Assert.Equal(before, picture);
        Assert.Equal(results, Enumerable.Range(0, 12).Select(seed => Apply(words, picture, (ulong)seed)));
        Assert.True(results.Select(r => Convert.ToHexString(r)).Distinct().Count() > 1, "all seeds gave the same picture");
        Assert.Contains(results, result => !result.SequenceEqual(picture));
    }

    [Theory]
    [MemberData(nameof(Words))]
    public void A_plain_surface_keeps_its_channels_apart(string words)
    {
        byte[] plain = [.. Enumerable.Range(0, Height * Width).SelectMany(_ => new byte[] { 40, 120, 200 })];
        byte[] result = Apply(words.Replace("noise=12", "noise=2").Replace("noise=5", "noise=2"), plain, 3);
        for (int c = 0; c < Channels; c++)
            Assert.InRange(result.Where((_, i) => i % Channels == c).Average(p => (double)p), plain[c] - 60, plain[c] + 60);
    }

    [Fact]
    public void A_mirror_turns_left_and_right()
    {
        byte[] picture = Picture();
        byte[] mirrored = Enumerable.Range(0, 20).Select(seed => Apply("flip", picture, (ulong)seed)).First(r => !r.SequenceEqual(picture));
        for (int y = 0; y < Height; y++)
            for (int x = 0; x < Width; x++)
                for (int c = 0; c < Channels; c++) Assert.Equal(At(picture, y, Width - 1 - x, c), At(mirrored, y, x, c));
        byte[] upside = Enumerable.Range(0, 20).Select(seed => Apply("flip-vertical", picture, (ulong)seed)).First(r => !r.SequenceEqual(picture));
        Assert.Equal(At(picture, 0, 3, 1), At(upside, Height - 1, 3, 1));
    }

    [Fact]
    public void A_crop_moves_the_picture_and_mirrors_it_at_the_border()
    {
        byte[] picture = Picture();
        var moves = new HashSet<(int, int)>();
        for (ulong seed = 0; seed < 60; seed++)
        {
            byte[] result = Apply("crop=2", picture, seed);
            (int dy, int dx) = (from dy1 in Enumerable.Range(-2, 5)
                                from dx1 in Enumerable.Range(-2, 5)
                                where Moved(picture, dy1, dx1).SequenceEqual(result)
                                select (dy1, dx1)).Single();
            moves.Add((dy, dx));
        }
        Assert.True(moves.Count > 15, $"only {moves.Count} of 25 moves");

        static byte[] Moved(byte[] source, int dy, int dx) =>
        [
            .. from y in Enumerable.Range(0, Height)
               from x in Enumerable.Range(0, Width)
               from c in Enumerable.Range(0, Channels)
               select At(source, Mirror(y + dy, Height), Mirror(x + dx, Width), c),
        ];

        static int Mirror(int i, int n) => i < 0 ? -i : i >= n ? 2 * n - 2 - i : i;
    }

    [Fact]
    public void A_colour_shift_adds_to_each_channel_as_the_lecture_has_it()
    {
        byte[] plain = [.. Enumerable.Repeat((byte)100, Height * Width * Channels)];
        var shifts = Enumerable.Range(0, 200).Select(seed => Apply("color=20", plain, (ulong)seed)[..3].Select(p => p - 100).ToArray()).ToList();
        Assert.All(shifts, shift => Assert.All(shift, s => Assert.InRange(s, -20, 20)));
        Assert.Contains(shifts, s => s[0] > 10 && s[1] < -10 && s[2] > 10); // R+ G- B+
        byte[] white = [.. Enumerable.Repeat((byte)255, Height * Width * Channels)];
        Assert.All(Apply("color=20", white, 1), p => Assert.InRange(p, 235, 255)); // no wrap to black
    }

    [Fact]
    public void Noise_has_the_size_that_was_asked_for()
    {
        byte[] plain = [.. Enumerable.Repeat((byte)128, 64 * 64)];
        var deviations = new List<double>();
        for (ulong seed = 0; seed < 40; seed++)
        {
            var random = new SplitMix64(seed);
            var result = new byte[plain.Length];
            new Noise(20).Apply(plain, result, 64, 64, ref random);
            Assert.InRange(result.Average(p => (double)p), 126, 130);
            deviations.Add(Math.Sqrt(result.Average(p => Math.Pow(p - 128, 2))));
        }
        Assert.InRange(deviations.Max(), 15, 21);
        Assert.InRange(deviations.Min(), 0, 3);
    }

    [Fact]
    public void Cutout_hides_at_most_its_square()
    {
        byte[] picture = Picture();
        for (ulong seed = 0; seed < 30; seed++)
        {
            byte[] result = Apply("cutout=4", picture, seed);
            int changed = Enumerable.Range(0, Height * Width).Count(i => !result.AsSpan(i * 3, 3).SequenceEqual(picture.AsSpan(i * 3, 3)));
            Assert.InRange(changed, 1, 16);
        }
    }

    [Theory]
    [InlineData("spin=3", "'spin=3' is no augmentation")]
    [InlineData("rotate", "rotate=a number from 0 to 180")]
    [InlineData("rotate=ten", "rotate=a number from 0 to 180")]
    [InlineData("rotate=-5", "rotate=a number from 0 to 180")]
    [InlineData("zoom=1", "zoom=a number from 0 to 0.95")]
    [InlineData("crop=1.5", "crop=a whole number")]
    [InlineData("flip=2", "flip has no value")]
    [InlineData("noise=NaN", "noise=a number")]
    public void A_word_that_means_nothing_is_said(string words, string expected) =>
        Assert.Contains(expected, Assert.Throws<FormatException>(() => AugmentationPlan.Parse(words)).Message);

    [Fact]
    public void No_words_and_no_magnitudes_are_no_augmentation()
    {
        Assert.Null(AugmentationPlan.Parse(" "));
        Assert.Null(AugmentationPlan.Parse("rotate=0, crop=0"));
        Assert.Equal([Distortion.Handwriting], AugmentationPlan.Parse("handwriting")!.Steps);
    }

    private static byte[] Picture()
    {
        var random = new SplitMix64(77);
        return [.. Enumerable.Range(0, Height * Width * Channels).Select(_ => (byte)random.NextInt32(256))];
    }

    private static byte At(byte[] picture, int y, int x, int c) => picture[(y * Width + x) * Channels + c];

    private static byte[] Apply(string words, byte[] picture, ulong seed)
    {
        var random = new SplitMix64(seed);
        var result = new byte[picture.Length];
        AugmentationPlan.Parse(words)!.Apply(picture, result, Height, Width, ref random);
        return result;
    }
}
