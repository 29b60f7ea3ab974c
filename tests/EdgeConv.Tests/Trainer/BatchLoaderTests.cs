using EdgeConv.Converters.Augmentation;
using EdgeConv.Converters.Data;
using EdgeConv.Trainer.Pictures;

namespace EdgeConv.Tests.Trainer;

[Collection("torch")]
public sealed class BatchLoaderTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Any_number_of_workers_gives_the_same_batches(bool channelsLast)
    {
        using PictureSamples samples = PictureSamples.Load(new TinyDigits(0, 200), Some.Picture.Layout);
        List<float[]> one = Batches(samples, 1, channelsLast);
        Assert.Equal(2 * 12, one.Count);
        Assert.Equal(one.Count, one.Select(batch => batch.Sum()).Distinct().Count()); // no batch twice, and epochs differ
        Assert.Equal(one, Batches(samples, 2, channelsLast));
        Assert.Equal(one, Batches(samples, 4, channelsLast));
    }

    private static List<float[]> Batches(PictureSamples samples, int workers, bool channelsLast)
    {
        AugmentationPlan plan = AugmentationPlan.Parse("handwriting noise=10 flip")!;
        using var loader = new BatchLoader(new BatchFiller(samples, Some.Picture), samples.Count, 16, plan, 5, workers, channelsLast);
        return [.. new[] { 1, 2 }.SelectMany(epoch => loader.Epoch(epoch).Select(batch =>
            batch.Pictures.contiguous().data<float>().Concat(batch.Labels.data<long>().Select(l => (float)l)).ToArray()))];
    }
}
