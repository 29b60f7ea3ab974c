using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Visualization;

/// <summary>What a layer makes of one picture.</summary>
/// <param name="Layer">Its name.</param>
/// <param name="Kind">Conv2D, MaxPool...</param>
/// <param name="Shape">NHWC.</param>
/// <param name="Float">Its output in the float network.</param>
/// <param name="Int8">Its output in the int8 network, as real numbers.</param>
public sealed record FeatureMaps(string Layer, string Kind, IReadOnlyList<int> Shape, float[] Float, float[] Int8)
{
    /// <summary>The maps of every layer whose output is still a picture, in running order.</summary>
    /// <param name="twins">The two networks.</param>
    /// <param name="run">Of these two.</param>
    /// <param name="hwc">The picture, as the layout has it.</param>
    public static IReadOnlyList<FeatureMaps> Of(Twins twins, TwinRun run, byte[] hwc)
    {
        List<FeatureMaps> maps = [];
        run.Run(hwc, (index, real, int8) =>
        {
            Node node = twins.Float.Nodes[index];
            if (node.Output.Shape is [_, var height, var width, _] && height * width > 1 && int8.Length == real.Length)
            {
                maps.Add(new FeatureMaps(node.Name, node.Operation.Kind, node.Output.Shape, [.. real], [.. int8]));
            }
        });
        return maps;
    }
}
