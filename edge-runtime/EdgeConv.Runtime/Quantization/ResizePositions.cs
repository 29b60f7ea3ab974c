namespace EdgeConv.Runtime.Quantization;

/// <summary>
/// Where the pixels of a resized image come from, along one side: the arithmetic of TFLite's int8 RESIZE_NEAREST_NEIGHBOR and
/// RESIZE_BILINEAR, which QUANTIZATION.md defines. Kernels and generated programs take it from here.
/// </summary>
public static class ResizePositions
{
    /// <summary>Fraction bits of a bilinear position.</summary>
    public const int FractionBits = 10;

    /// <summary>The source pixel of each output pixel.</summary>
    /// <param name="input">Source pixels, at least 1.</param>
    /// <param name="output">Output pixels, at least 1.</param>
    /// <param name="coordinates">How positions correspond.</param>
    public static int[] Nearest(int input, int output, ResizeCoordinates coordinates)
    {
        // Single precision, an operation at a time: where a quotient is not exact, its rounding decides which pixel is taken.
        bool corners = coordinates == ResizeCoordinates.AlignCorners;
        float scale = corners && output > 1 ? (input - 1) / (float)(output - 1) : input / (float)output;
        float offset = coordinates == ResizeCoordinates.HalfPixel ? 0.5f : 0;
        int[] source = new int[output];
        for (int i = 0; i < output; i++)
        {
            float position = (i + offset) * scale;
            float pixel = corners ? MathF.Round(position, MidpointRounding.AwayFromZero) : MathF.Floor(position);
            source[i] = Math.Min((int)pixel, input - 1);
        }

        return source;
    }

    /// <summary>The position of each output pixel in 1/1024 of a source pixel, from 0 to that of the last one.</summary>
    /// <param name="input">Source pixels, at least 1.</param>
    /// <param name="output">Output pixels, at least 1.</param>
    /// <param name="coordinates">How positions correspond.</param>
    public static int[] Bilinear(int input, int output, ResizeCoordinates coordinates)
    {
        bool corners = coordinates == ResizeCoordinates.AlignCorners && output > 1;
        (int from, int to) = corners ? (input - 1, output - 1) : (input, output);
        int step = ((from << FractionBits) + to / 2) / to;
        int start = coordinates == ResizeCoordinates.HalfPixel ? step / 2 - (1 << (FractionBits - 1)) : 0;
        int[] positions = new int[output];
        for (int i = 0; i < output; i++)
        {
            positions[i] = Math.Clamp(start + i * step, 0, (input - 1) << FractionBits);
        }

        return positions;
    }
}
