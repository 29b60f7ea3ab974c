using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Networks;

/// <summary>A network and what it has learnt, without the graph that the converter works on.</summary>
/// <param name="Network">The layers.</param>
/// <param name="Weights">All parameters, in the order of <see cref="LayerWeights"/>.</param>
/// <param name="Statistics">All means and variances, in the order of <see cref="LayerWeights"/>.</param>
/// <param name="Picture">How pictures become its input; null where the file does not say.</param>
public sealed record TrainedNetwork(NetworkDescription Network, float[] Weights, float[] Statistics, PictureInput? Picture);
