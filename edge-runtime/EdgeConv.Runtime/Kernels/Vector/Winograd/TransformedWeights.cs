namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// Taps as they are, an eighth of what transformed weights are, which a thread transforms when it comes to a panel: quicker than to read so much from
/// far away. Taps are [panel][vector of weights][tap][32 weights], a vector being two input channels of sixteen output channels.
/// </summary>
internal sealed unsafe class TransformedWeights<T> : WinogradWeights
    where T : struct, IWinogradKernel
{
    private const int Area = WinogradTile.Taps * WinogradTile.Taps;
    private const int Lanes = 16;
    private const int Adjacent = 2;
    private const int VectorWeights = Lanes * Adjacent;
    private const int Skew = 32;    // elements: positions a power of two apart would share cache sets

    private readonly NativeBuffer _taps;

    public TransformedWeights(Conv2DOp op, KernelContext context, WinogradPlan plan)
        : base(op, context, plan)
    {
        _taps = new NativeBuffer((long)Panels * PanelVectors * Area * VectorWeights);
        Fill(op, context, plan);
    }

    public override long Bytes => _taps.Length;

    /// <summary>Kernels read two vectors behind the last.</summary>
    public override long RoomBytes => (T.Tile.Positions * Position + 2 * VectorWeights) * sizeof(short);

    public override nint Position => (nint)PanelGroups * GroupWeights + Skew;

    private int GroupVectors => GroupWeights / VectorWeights;

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
        sbyte* to = At(panel) + ((nint)group * GroupVectors + lane / Lanes) * Area * VectorWeights + lane % Lanes * Adjacent;
        for (int i = 0; i < Area; i++, piece += tap, to += VectorWeights)
        {
            for (int pair = 0; pair < Panel.Channels / Adjacent; pair++)
            {
                *(short*)(to + pair * pairVectors * Area * VectorWeights) = *(short*)(piece + pair * Adjacent);
            }
        }
    }

    private sbyte* At(int panel) => (sbyte*)_taps.Pointer + panel * PanelVectors * Area * VectorWeights;
}
