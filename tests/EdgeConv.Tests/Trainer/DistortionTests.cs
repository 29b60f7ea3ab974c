using EdgeConv.Converters.Augmentation;
using EdgeConv.Converters.Data;

namespace EdgeConv.Tests.Trainer;

public sealed class DistortionTests
{
    [Fact]
    public void Without_magnitudes_nothing_changes()
    {
        byte[] picture = Digit();
        var random = new SplitMix64(1);
        var result = new byte[picture.Length];
        new Distortion(0, 0, 0, 0, 0).Apply(picture, result, 28, 28, ref random);
        Assert.Equal(picture, result);
    }

    [Fact]
    public void The_generator_alone_decides()
    {
        byte[] first = Distort(1), again = Distort(1), other = Distort(2);
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
        Assert.NotEqual(first, Digit());
    }

    [Fact]
    public void Channels_move_together()
    {
        byte[] gray = Digit(), color = [.. gray.SelectMany(p => new[] { p, p, p })];
        var random = new SplitMix64(3);
        var result = new byte[color.Length];
        Distortion.Handwriting.Apply(color, result, 28, 28, ref random);
        byte[] expected = Distort(3);
        Assert.Equal(expected, result.Where((_, i) => i % 3 == 0));
        Assert.Equal(expected, result.Where((_, i) => i % 3 == 2));
    }

    [Fact]
    public void A_digit_stays_a_digit()
    {
        double ink = Digit().Average(p => (double)p);
        for (ulong seed = 0; seed < 50; seed++) Assert.InRange(Distort(seed).Average(p => (double)p), ink * 0.5, ink * 1.6);
    }

    private static byte[] Digit() => new TinyDigits(0, 1).Load(0).Pixels.ToArray();

    private static byte[] Distort(ulong seed)
    {
        var random = new SplitMix64(seed);
        var result = new byte[28 * 28];
        Distortion.Handwriting.Apply(Digit(), result, 28, 28, ref random);
        return result;
    }
}
