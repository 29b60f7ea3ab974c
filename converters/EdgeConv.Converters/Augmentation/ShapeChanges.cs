using EdgeConv.Converters.Data;

namespace EdgeConv.Converters.Augmentation;

/// <summary>Mirrors every other picture.</summary>
/// <param name="Vertical">Top and bottom change places; otherwise left and right.</param>
public sealed record Mirror(bool Vertical = false) : IAugmentation
{
    /// <inheritdoc/>
    public void Apply(ReadOnlySpan<byte> source, Span<byte> target, int height, int width, ref SplitMix64 random)
    {
        int channels = source.Length / (height * width), row = width * channels;
        bool mirror = random.NextInt32(2) == 1;
        if (!mirror)
        {
            source.CopyTo(target);
            return;
        }
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> from = source.Slice((Vertical ? height - 1 - y : y) * row, row);
            Span<byte> to = target.Slice(y * row, row);
            if (Vertical) from.CopyTo(to);
            else for (int x = 0; x < width; x++) from.Slice((width - 1 - x) * channels, channels).CopyTo(to[(x * channels)..]);
        }
    }
}

/// <summary>Continues a picture beyond its border as in a mirror and cuts out its size again, somewhere.</summary>
/// <param name="Pixels">Furthest move in each direction.</param>
public sealed record RandomCrop(int Pixels) : IAugmentation
{
    /// <inheritdoc/>
    public void Apply(ReadOnlySpan<byte> source, Span<byte> target, int height, int width, ref SplitMix64 random)
    {
        int channels = source.Length / (height * width), row = width * channels;
        int dx = random.NextInt32(2 * Pixels + 1) - Pixels, dy = random.NextInt32(2 * Pixels + 1) - Pixels;
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> from = source.Slice(Reflect(y + dy, height) * row, row);
            for (int x = 0; x < width; x++)
                from.Slice(Reflect(x + dx, width) * channels, channels).CopyTo(target[(y * row + x * channels)..]);
        }
    }

    // -1 is 1 and size is size - 2: the border pixel is not repeated.
    private static int Reflect(int position, int size)
    {
        if (size == 1) return 0;
        int period = 2 * size - 2, at = ((position % period) + period) % period;
        return at < size ? at : period - at;
    }
}

/// <summary>Cuts out a rectangle of the picture's aspect, at random, and enlarges it to the whole.</summary>
/// <param name="Part">Most that is cut away of each side, from 0 to below 1.</param>
public sealed record RandomZoom(float Part) : IAugmentation
{
    /// <inheritdoc/>
    public void Apply(ReadOnlySpan<byte> source, Span<byte> target, int height, int width, ref SplitMix64 random)
    {
        int channels = source.Length / (height * width);
        float side = 1 - random.NextSingle() * Part;
        float left = random.NextSingle() * (1 - side) * (width - 1), top = random.NextSingle() * (1 - side) * (height - 1);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                Sampling.Bilinear(source, target.Slice((y * width + x) * channels, channels), height, width, left + x * side, top + y * side);
    }
}

/// <summary>Hides a square somewhere behind the mean colour. Source: DeVries, Taylor, "Improved regularization with cutout" (2017).</summary>
/// <param name="Pixels">Side; it may lie half outside.</param>
public sealed record Cutout(int Pixels) : IAugmentation
{
    /// <inheritdoc/>
    public void Apply(ReadOnlySpan<byte> source, Span<byte> target, int height, int width, ref SplitMix64 random)
    {
        int channels = source.Length / (height * width);
        int left = random.NextInt32(width) - Pixels / 2, top = random.NextInt32(height) - Pixels / 2;
        source.CopyTo(target);
        for (int c = 0; c < channels; c++)
        {
            long sum = 0;
            for (int i = c; i < source.Length; i += channels) sum += source[i];
            var mean = (byte)(sum / (height * width));
            for (int y = Math.Max(top, 0); y < Math.Min(top + Pixels, height); y++)
                for (int x = Math.Max(left, 0); x < Math.Min(left + Pixels, width); x++) target[(y * width + x) * channels + c] = mean;
        }
    }
}
