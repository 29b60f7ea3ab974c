namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// Taps as they are, an eighth of what transformed weights are, which a thread transforms when it comes to a panel: quicker than to read so much from
/// far away. Taps are [panel][vector][tap][weights of a vector], a vector being two input channels of eight or sixteen output channels.
/// </summary>
internal sealed unsafe class TransformedWeights<T> : WinogradWeights
    where T : struct, IWinogradKernel
{
    private const int Area = WinogradTile.Taps * WinogradTile.Taps;
    private const int Adjacent = 2;
    private const int Skew = 32;    // elements: positions a power of two apart would share cache sets

    private static readonly int _vector = T.WeightVector;
    private static readonly int _lanes = T.WeightVector / Adjacent;
    private readonly NativeBuffer _taps;

    public TransformedWeights(Conv2DOp op, KernelContext context, WinogradPlan plan, ReadOnlySpan<sbyte> weights)
        : base(op, context, plan)
    {
        _taps = new NativeBuffer((long)Panels * PanelVectors * Area * _vector);
        Fill(op, context, plan, weights);
    }

    public override long Bytes => _taps.Length;

    public override long RoomBytes => T.Tile.Positions * Position * sizeof(short);

    public override nint Position => (nint)PanelGroups * GroupWeights + Skew;

    private int GroupVectors => GroupWeights / _vector;

    private nint PanelVectors => (nint)PanelGroups * GroupVectors;

    public override short* Of(int panel, byte* room)
    {
        T.TransformWeights(At(panel), PanelVectors, (short*)room, Position);
        return (short*)room;
    }

    public override void Dispose() => _taps.Dispose();

    protected override void Put(int panel, int lane, int group, sbyte* piece, nint tap)
    {
        int pairVectors = GroupVectors / (Panel.Channels / Adjacent);
        sbyte* to = At(panel) + ((nint)group * GroupVectors + lane / _lanes) * Area * _vector + lane % _lanes * Adjacent;
        for (int i = 0; i < Area; i++, piece += tap, to += _vector)
        {
            for (int pair = 0; pair < Panel.Channels / Adjacent; pair++)
            {
                *(short*)(to + pair * pairVectors * Area * _vector) = *(short*)(piece + pair * Adjacent);
            }
        }
    }

    private sbyte* At(int panel) => (sbyte*)_taps.Pointer + panel * PanelVectors * Area * _vector;
}
