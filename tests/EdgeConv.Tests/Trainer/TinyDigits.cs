using EdgeConv.Converters.Data;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Tests.Trainer;

/// <summary>A few pictures of MNIST, for trainings that last a second.</summary>
internal sealed class TinyDigits(int first, int count) : IDataSet
{
    private static readonly Lazy<IDataSet> _mnist = new(() => DataSets.Open("mnist", Split.Test));

    public string Name => "tiny digits";

    public IReadOnlyList<string> Classes => _mnist.Value.Classes;

    public int Count => count;

    public int Label(int index) => _mnist.Value.Label(first + index);

    public Picture Load(int index) => _mnist.Value.Load(first + index);

    /// <summary>Writes them as a folder of PGM files, one folder a class.</summary>
    public void WriteTo(TemporaryFolder folder, string name)
    {
        for (int i = 0; i < count; i++) folder.Write($"{name}/{Label(i)}/{i:D4}.pgm", [.. "P5 28 28 255\n"u8, .. Load(i).Pixels.Span]);
    }
}
