using System.Collections.Concurrent;
using EdgeConv.Converters;
using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Networks;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Preprocessing;
using EdgeConv.Tests.Trainer;

namespace EdgeConv.Tests.CodeGen.Nano;

/// <summary>Known networks with their initial weights, quantized on some of MNIST's pictures; each made once.</summary>
public sealed class NanoModels : IDisposable
{
    private readonly ConcurrentDictionary<string, Model> _models = new();

    /// <summary>A known network for 28x28 grey pictures, or one that a file describes.</summary>
    public Model this[string name] => _models.GetOrAdd(name, name => Train(name, 1));

    /// <summary>MNIST's test pictures as a model's inputs.</summary>
    public static sbyte[][] Digits(Model model, int count)
    {
        IDataSet data = DataSets.Open("mnist", Split.Test);
        Preprocessor preprocessor = new(model.Preprocessing!);
        sbyte[][] inputs = new sbyte[count][];
        for (int i = 0; i < count; i++)
        {
            inputs[i] = new sbyte[model.Input.Length];
            preprocessor.Run(data.Load(i), inputs[i]);
        }

        return inputs;
    }

    /// <summary>A known network with other weights, and so with other ranges, for another seed.</summary>
    /// <param name="name">Of the network.</param>
    /// <param name="seed">Of its weights.</param>
    /// <param name="side">Of its pictures, or null for what it is known for.</param>
    /// <param name="factor">Its filters, as a multiple of its own.</param>
    public static Model Train(string name, ulong seed, int? side = null, double factor = 1)
    {
        int size = side ?? (name == "lenet5-1998" ? 32 : 28);
        NetworkOptions options = KnownNetworks.IsFile(name) ? new() : new() { Height = size, Width = size, Channels = 1, Classes = 10, Factor = factor };
        NetworkDescription network = KnownNetworks.Open(name, options);
        PictureInput picture = new(new PictureLayout(network.Input.Width, network.Input.Height, ColorOrder.Gray), [0.1307f], [0.3081f]);
        var graph = NetworkGraph.Create(network, LayerWeights.Initial(network, seed), LayerWeights.InitialStatistics(network), picture, []);
        return Model.Load(Converter.Convert(graph, new TinyDigits(0, 40), null, new ConversionOptions()).File);
    }

    public void Dispose()
    {
        foreach (Model model in _models.Values)
        {
            model.Dispose();
        }
    }
}
