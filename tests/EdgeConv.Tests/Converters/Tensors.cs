namespace EdgeConv.Tests.Converters;

/// <summary>Random data, orders of elements and comparisons that several tests share.</summary>
internal static class Tensors
{
    public static float[] Random(Random random, int length, double deviation = 1)
    {
        var values = new float[length];
        for (int i = 0; i < length; i++)
        {
            double u = 1 - random.NextDouble(), v = random.NextDouble();
            values[i] = (float)(deviation * Math.Sqrt(-2 * Math.Log(u)) * Math.Cos(2 * Math.PI * v));
        }

        return values;
    }

    /// <summary>[1, C, H, W] to [1, H, W, C]; rows stay as they are.</summary>
    public static T[] ToNhwc<T>(T[] nchw, IReadOnlyList<int> nhwcShape)
    {
        if (nhwcShape.Count != 4)
        {
            return nchw;
        }

        (int h, int w, int c) = (nhwcShape[1], nhwcShape[2], nhwcShape[3]);
        var result = new T[nchw.Length];
        for (int i = 0; i < nchw.Length; i++)
        {
            result[(i % (h * w) * c) + (i / (h * w))] = nchw[i];
        }

        return result;
    }

    /// <summary>Fails with the place and both values when an element is off by more than the tolerance relative to the largest.</summary>
    public static void AssertClose(float[] expected, float[] actual, double relative, string what)
    {
        Assert.True(expected.Length == actual.Length, $"{what}: {actual.Length} values, expected {expected.Length}");
        double size = Math.Max(expected.Max(e => Math.Abs((double)e)), 1e-6);
        for (int i = 0; i < expected.Length; i++)
        {
            bool close = Math.Abs((double)expected[i] - actual[i]) <= relative * size;
            Assert.True(close, $"{what}: element {i} is {actual[i]}, expected {expected[i]}");
        }
    }

    public static int IndexOfMax<T>(IReadOnlyList<T> values)
        where T : IComparable<T> => Enumerable.Range(0, values.Count).Aggregate((a, b) => values[b].CompareTo(values[a]) > 0 ? b : a);
}
