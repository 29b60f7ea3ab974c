using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Converters.Graphs;

/// <summary>How a picture becomes the float input of a network: layout to bytes p, then (p / 255 - Mean[c]) / Deviation[c].</summary>
/// <param name="Layout">Crop, resize, colour order, size.</param>
/// <param name="Mean">A value a channel, on the scale 0 to 1.</param>
/// <param name="Deviation">A value a channel, on the scale 0 to 1.</param>
public sealed record PictureInput(PictureLayout Layout, float[] Mean, float[] Deviation);
