using EdgeConv.Nano;

namespace EdgeConv.Tests.Firmware;

/// <summary>When a stream of outputs is a class, on the microcontroller.</summary>
public sealed class ClassDeciderTests
{
    private readonly ClassDecider _decider = new(margin: 10, frames: 2);

    [Fact]
    public void A_class_counts_once_two_frames_agree()
    {
        Assert.False(_decider.Update([0, 50, 10]));
        Assert.Equal(ClassDecider.None, _decider.Class);
        Assert.True(_decider.Update([0, 60, 10]));
        Assert.Equal(1, _decider.Class);
        Assert.False(_decider.Update([0, 50, 10]));
    }

    [Fact]
    public void One_other_frame_changes_nothing_two_do()
    {
        _decider.Update([50, 0, 0]);
        _decider.Update([50, 0, 0]);
        Assert.False(_decider.Update([0, 0, 50]));
        Assert.False(_decider.Update([50, 0, 0]));
        Assert.False(_decider.Update([0, 0, 50]));
        Assert.True(_decider.Update([0, 0, 50]));
        Assert.Equal(2, _decider.Class);
    }

    [Theory]
    [InlineData(0, 9, -1)]
    [InlineData(0, 10, 1)]
    [InlineData(-128, 127, 1)]
    [InlineData(127, -128, 0)]
    [InlineData(5, 5, -1)]
    public void The_largest_counts_by_a_margin(int first, int second, int expected)
    {
        _decider.Update([(sbyte)first, (sbyte)second]);
        _decider.Update([(sbyte)first, (sbyte)second]);
        Assert.Equal(expected, _decider.Class);
    }

    [Fact]
    public void Without_frames_there_is_no_class_after_a_while()
    {
        _decider.Update([50, 0]);
        _decider.Update([50, 0]);
        Assert.False(_decider.Miss());
        Assert.True(_decider.Miss());
        Assert.Equal(ClassDecider.None, _decider.Class);
    }

    [Fact]
    public void A_single_output_is_its_own_class()
    {
        _decider.Update([-128]);
        Assert.True(_decider.Update([-128]));
        Assert.Equal(0, _decider.Class);
    }
}
