using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Networks;
using EdgeConv.Runtime.Preprocessing;
using EdgeConv.Trainer.Training;
using EdgeConv.Trainer.Transfer;

namespace EdgeConv.Tests.Trainer;

/// <summary>Networks to take over, and settings to do it with.</summary>
internal static class Transfers
{
    public static TrainingSettings Settings { get; } =
        Some.Settings with { Augmentation = "", Transfer = new TransferSettings { From = "test", Copies = 3 } };

    public static PictureInput Picture(FeatureShape input) => new(
        new PictureLayout(input.Width, input.Height, input.Channels == 1 ? ColorOrder.Gray : ColorOrder.Rgb),
        [.. Enumerable.Repeat(0.5f, input.Channels)], [.. Enumerable.Repeat(0.25f, input.Channels)]);

    /// <summary>A known network with weights of the seed, for 28x28 grey pictures.</summary>
    public static TrainedNetwork Source(string name, ulong seed = 11)
    {
        NetworkDescription network = KnownNetworks.Create(
            name, new NetworkOptions { Height = 28, Width = 28, Channels = 1, Classes = 5, Factor = name.StartsWith("lenet") ? 1 : 0.5 });
        return new TrainedNetwork(network, LayerWeights.Initial(network, seed), LayerWeights.InitialStatistics(network), Picture(network.Input));
    }

    public static TransferNetwork Network(string name, int? frozen, int classes = 10, int grid = 3, ulong seed = 11, int? size = null) =>
        TransferNetwork.Create(Source(name, seed), new NetworkOptions { Classes = classes, Height = size, Width = size },
            new TransferSettings { From = "test", Frozen = frozen, Grid = grid }, 1);
}
