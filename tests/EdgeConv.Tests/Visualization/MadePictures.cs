using EdgeConv.Converters.Data;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Tests.Visualization;

/// <summary>A data set of pictures made by a function.</summary>
internal sealed class MadePictures(int count, int side, Func<int, int, int, byte> pixel, Func<int, int> label, int classes) : IDataSet
{
    public string Name => "made";

    public IReadOnlyList<string> Classes { get; } = [.. Enumerable.Range(0, classes).Select(c => $"class {c}")];

    public int Count => count;

    public int Label(int index) => label(index);

    public Picture Load(int index) => new(
        Enumerable.Range(0, side * side).Select(i => pixel(index, i / side, i % side)).ToArray(), side, side, PixelFormat.Gray8);
}
