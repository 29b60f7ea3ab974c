namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>Sixteen output channels or 32, for <see cref="Avx512Winograd{TWidth}"/>.</summary>
internal interface IAvx512Width : IVectorCount
{
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
