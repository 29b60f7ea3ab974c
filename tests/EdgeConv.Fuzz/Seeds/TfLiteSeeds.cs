using EdgeConv.Tests.TfLite.Models;

namespace EdgeConv.Fuzz.Seeds;

/// <summary>TensorFlow Lite files: one of each layer, int8 and int16, and a few networks.</summary>
internal static class TfLiteSeeds
{
    private const int Networks = 20;

    public static IEnumerable<byte[]> All() =>
        GeneratedModel.Layers.Keys
            .Concat(GeneratedModel.WideLayers.Select(l => $"{l} int16"))
            .Select(kind => GeneratedModel.Of(kind, 1))
            .Concat(Enumerable.Range(0, Networks).Select(i => GeneratedModel.Of("network", i)))
            .Select(model => model.File);
}
