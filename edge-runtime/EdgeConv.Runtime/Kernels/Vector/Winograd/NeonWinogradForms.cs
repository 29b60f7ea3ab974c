namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>Which four of eight channels.</summary>
internal interface IHalf
{
    static abstract int First { get; }
}

internal struct LowerChannels : IHalf
{
    public static int First => 0;
}

/// <summary>These come second: bytes of both are stored.</summary>
internal struct UpperChannels : IHalf
{
    public static int First => 4;
}

/// <summary>Whether a layer's clamp is more than int8's own.</summary>
internal interface INeonClamp
{
    static abstract bool Clamps { get; }
}

/// <summary>A clamp inside int8.</summary>
internal struct Clamping : INeonClamp
{
    public static bool Clamps => true;
}

/// <summary>The narrowing's own saturation is the clamp.</summary>
internal struct Saturating : INeonClamp
{
    public static bool Clamps => false;
}
