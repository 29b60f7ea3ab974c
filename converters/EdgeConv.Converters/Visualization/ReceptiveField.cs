using EdgeConv.Runtime;

namespace EdgeConv.Converters.Visualization;

/// <summary>
/// Rows (or columns) of the picture that a layer's row p depends on: Start + p * Stride and the Size - 1 behind it. They may lie outside
/// the picture, where padding is seen.
/// </summary>
/// <param name="Size">How many.</param>
/// <param name="Stride">Pixels of the picture from one of the layer's rows to the next; 0 where each sees the whole picture.</param>
/// <param name="Start">First one for p = 0.</param>
public readonly record struct FieldAxis(int Size, int Stride, int Start)
{
    /// <summary>What a row behind one more window sees: (kernel - 1) strides more, and padding moves the start.</summary>
    internal FieldAxis Through(int span, int stride, int padBefore) =>
        new(Size + ((span - 1) * Stride), Stride * stride, Start - (padBefore * Stride));

    /// <summary>What a row that reads both sees.</summary>
    internal FieldAxis Union(FieldAxis other)
    {
        int start = Math.Min(Start, other.Start);
        return new(Math.Max(Start + Size, other.Start + other.Size) - start, Stride, start);
    }
}

/// <summary>The part of the picture that an output of a layer depends on, by the output's place.</summary>
/// <param name="Rows">Along the height.</param>
/// <param name="Columns">Along the width.</param>
public readonly record struct ReceptiveField(FieldAxis Rows, FieldAxis Columns)
{
    /// <summary>What one output sees, in pixels of the picture; may reach over its border.</summary>
    public FieldOfView At(int row, int column) =>
        new(Rows.Start + (row * Rows.Stride), Columns.Start + (column * Columns.Stride), Rows.Size, Columns.Size);

    internal ReceptiveField Through(Window w) =>
        new(Rows.Through(w.SpanH, w.StrideH, w.PadTop), Columns.Through(w.SpanW, w.StrideW, w.PadLeft));
}

/// <summary>A rectangle of the picture.</summary>
/// <param name="Top">First row; negative above the picture.</param>
/// <param name="Left">First column; negative left of the picture.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
public readonly record struct FieldOfView(int Top, int Left, int Height, int Width)
{
    /// <summary>Whether two have at least half of their pixels in common.</summary>
    public bool IsNear(FieldOfView other)
    {
        int Shared(int a, int aSize, int b, int bSize) => Math.Max(0, Math.Min(a + aSize, b + bSize) - Math.Max(a, b));
        long shared = (long)Shared(Top, Height, other.Top, other.Height) * Shared(Left, Width, other.Left, other.Width);
        return 2 * shared >= Math.Max((long)Height * Width, (long)other.Height * other.Width);
    }
}
