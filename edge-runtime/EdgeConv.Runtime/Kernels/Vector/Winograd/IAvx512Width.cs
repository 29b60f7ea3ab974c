namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>Vectors of sixteen output channels that <see cref="Avx512Winograd{TWidth}"/> multiplies together.</summary>
internal interface IAvx512Width
{
    static abstract int Vectors { get; }

    static abstract WinogradProcessor Processor { get; }
}

/// <summary>Sixteen output channels.</summary>
internal struct OneVector : IAvx512Width
{
    public static int Vectors => 1;

    public static WinogradProcessor Processor => WinogradProcessor.Avx512;
}

/// <summary>32 output channels.</summary>
internal struct TwoVectors : IAvx512Width
{
    public static int Vectors => 2;

    public static WinogradProcessor Processor => WinogradProcessor.Avx512Wide;
}
