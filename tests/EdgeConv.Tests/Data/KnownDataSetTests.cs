using EdgeConv.Converters.Data;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Tests.Data;

/// <summary>Data sets that are not bundled, where this machine has them.</summary>
public sealed class KnownDataSetTests
{
    [Theory]
    [InlineData("fashion-mnist", 60000, 10000, 28, PixelFormat.Gray8)]
    [InlineData("cifar10", 50000, 10000, 32, PixelFormat.Rgb24)]
    [InlineData("sign-digits", 1653, 409, 100, PixelFormat.Rgb24)]
    public void It_opens_by_name(string name, int train, int test, int side, PixelFormat format)
    {
        IDataSet training = Open(name, Split.Train), testing = Open(name, Split.Test);
        Assert.Equal((train, test), (training.Count, testing.Count));
        Assert.Equal(10, training.Classes.Count);
        Assert.Equal(training.Classes, testing.Classes);
        Picture picture = testing.Load(testing.Count / 2);
        Assert.Equal((side, side, format), (picture.Width, picture.Height, picture.Format));
        Assert.Equal(10, Enumerable.Range(0, testing.Count).Select(testing.Label).Distinct().Count());
    }

    [Fact]
    public void A_seed_behind_the_name_chooses_other_test_pictures()
    {
        IDataSet first = Open("sign-digits", Split.Test), other = Open("sign-digits@2", Split.Test);
        Assert.Equal(first.Count, other.Count);
        Assert.NotEqual(Enumerable.Range(0, 40).Select(i => Sum(first.Load(i))), Enumerable.Range(0, 40).Select(i => Sum(other.Load(i))));
    }

    private static long Sum(Picture picture) => picture.Pixels.ToArray().Sum(p => (long)p);

    private static IDataSet Open(string name, Split split)
    {
        try
        {
            return DataSets.Open(name, split);
        }
        catch (DataSetException e) when (e.Message.Contains("is not on this machine"))
        {
            Assert.Skip(e.Message);
            throw;
        }
    }
}
