namespace EdgeConv.Tests.Samples;

/// <summary>The page of the sample with a display; what the sample does is tried on the emulated board.</summary>
public sealed class DisplayPageTests
{
    [Fact]
    public void The_page_shows_the_display_as_it_is() => Assert.Equal(SamplePage.Block("class-on-display", "   \u2588"), DisplayPicture.Text(7, 55..73));
}
