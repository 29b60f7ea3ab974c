using EdgeConv.Converters.Data;

namespace EdgeConv.Converters.Augmentation;

/// <summary>
/// Turns, stretches, slants and moves a picture about its centre and bends it like rubber, as handwriting varies. Each magnitude is the
/// largest change either way; beyond the border the border's pixels go on. Sources: Simard, Steinkraus, Platt, "Best practices for
/// convolutional neural networks applied to visual document analysis" (2003); the smooth field is the cubic B-spline of
/// Rueckert et al., "Nonrigid registration using free-form deformations" (1999).
/// </summary>
/// <param name="Rotation">Degrees.</param>
/// <param name="Scale">0.1: from 0.9 to 1.1 times, rows and columns apart.</param>
/// <param name="Shear">Columns a row.</param>
/// <param name="Shift">As a part of the width.</param>
/// <param name="Elastic">Typical bend, as a part of the width.</param>
public sealed record Distortion(float Rotation, float Scale, float Shear, float Shift, float Elastic) : IAugmentation
{
    private const int Cells = 4, Points = Cells + 3; // a cubic spline over n cells has n + 3 control points

    /// <summary>For handwritten characters.</summary>
    public static Distortion Handwriting { get; } = new(Rotation: 12, Scale: 0.12f, Shear: 0.1f, Shift: 2 / 28f, Elastic: 2 / 28f);

    /// <inheritdoc/>
    public void Apply(ReadOnlySpan<byte> source, Span<byte> target, int height, int width, ref SplitMix64 random)
    {
        int channels = source.Length / (height * width);
        float angle = random.NextSymmetric(Rotation) * MathF.PI / 180, shear = random.NextSymmetric(Shear);
        float scaleX = 1 + random.NextSymmetric(Scale), scaleY = 1 + random.NextSymmetric(Scale);
        float centerX = (width - 1) / 2f, centerY = (height - 1) / 2f;
        float moveX = centerX + random.NextSymmetric(Shift) * width, moveY = centerY + random.NextSymmetric(Shift) * width;
        (float sin, float cos) = MathF.SinCos(angle);

        // From target to source, so that no pixel of the target is left out.
        float xx = cos / scaleX, xy = (shear * cos - sin) / scaleX, yx = sin / scaleY, yy = (cos + shear * sin) / scaleY;

        Span<float> bendX = stackalloc float[Points * Points], bendY = stackalloc float[Points * Points];
        Span<float> rowX = stackalloc float[Points], rowY = stackalloc float[Points];
        for (int i = 0; i < bendX.Length; i++)
        {
            bendX[i] = (random.NextSymmetric(Elastic) + random.NextSymmetric(Elastic)) * width;
            bendY[i] = (random.NextSymmetric(Elastic) + random.NextSymmetric(Elastic)) * width;
        }

        for (int y = 0; y < height; y++)
        {
            Spline atY = Spline.At(y, height);
            for (int k = 0; k < Points; k++)
            {
                rowX[k] = atY.Sum(bendX[(atY.First * Points + k)..], Points);
                rowY[k] = atY.Sum(bendY[(atY.First * Points + k)..], Points);
            }
            float startX = xy * (y - centerY) + moveX, startY = yy * (y - centerY) + moveY;
            for (int x = 0; x < width; x++)
            {
                Spline atX = Spline.At(x, width);
                float u = xx * (x - centerX) + startX + atX.Sum(rowX[atX.First..], 1);
                float v = yx * (x - centerX) + startY + atX.Sum(rowY[atX.First..], 1);
                Sampling.Bilinear(source, target.Slice((y * width + x) * channels, channels), height, width, u, v);
            }
        }
    }

    /// <summary>The four uniform cubic B-spline weights of one pixel centre and the first control point that they belong to.</summary>
    private readonly record struct Spline(int First, float A, float B, float C, float D)
    {
        public static Spline At(int pixel, int size)
        {
            float position = (pixel + 0.5f) / size * Cells;
            int first = (int)position;
            float t = position - first, s = 1 - t;
            float t2 = t * t, t3 = t2 * t, s2 = s * s, s3 = s2 * s;
            return new Spline(first, s3 / 6, (3 * t3 - 6 * t2 + 4) / 6, (3 * s3 - 6 * s2 + 4) / 6, t3 / 6);
        }

        public float Sum(ReadOnlySpan<float> points, int stride) =>
            A * points[0] + B * points[stride] + C * points[2 * stride] + D * points[3 * stride];
    }
}
