namespace EdgeConv.Converters.Networks;

/// <summary>Size of what flows between layers, without the batch; a vector has height and width 1.</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Channels">Channels, or the length of a vector.</param>
public readonly record struct FeatureShape(int Height, int Width, int Channels)
{
    /// <summary>Number of values.</summary>
    public int Length => Height * Width * Channels;

    /// <summary>True when there is no picture left.</summary>
    public bool IsVector => Height == 1 && Width == 1;

    /// <summary>28x28x1, or the length of a vector.</summary>
    public override string ToString() => IsVector ? $"{Channels}" : $"{Height}x{Width}x{Channels}";
}
