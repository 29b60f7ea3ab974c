using System.Globalization;
using EdgeConv.Converters.Data;
using EdgeConv.Runtime.Preprocessing;
using EdgeConv.Tests.Samples;

namespace EdgeConv.Tests.Emulators;

/// <summary>
/// MNIST digits played into the virtual camera of a real kernel, through V4L2 into the agent, and into the samples, out of the GPIO lines of the
/// emulated chip, of its PWM and of an I2C bus: ten digits in three formats, with the camera taken away, its signal changed, the agent killed and
/// started again, a button that stops it, and frames saved.
/// </summary>
public sealed class BoardTests(BoardRun board) : IClassFixture<BoardRun>
{
    [Fact]
    public void Ten_digits_in_three_formats_raise_their_lines_and_the_saved_frames_are_the_played_ones()
    {
        IReadOnlyList<string> said = Part("agent");
        Assert.Equal(30 + 3 + 1, said.Count(line => line == "HOST ok"));
        Assert.Equal(3, said.Count(line => line == "@EXIT 0"));
        Assert.Equal(["@RESTART 137"], said.Where(line => line.StartsWith("@RESTART", StringComparison.Ordinal)));
        Assert.Equal(4, said.Count(line => line == "HOST wired"));
        Assert.Contains(said, line => line.Contains("It was unplugged", StringComparison.Ordinal));
        Assert.Contains(said, line => line.Contains("changes its picture", StringComparison.Ordinal));
        Assert.Contains(said, line => line.Contains("v4l2:/dev/video2  vivid", StringComparison.Ordinal));
        Assert.Contains(said, line => line.StartsWith("@FIRST", StringComparison.Ordinal) && line.Contains("real", StringComparison.Ordinal));
        int[] kilobytes = [.. said.Where(line => line.StartsWith("@PEAK", StringComparison.Ordinal)).Select(line => int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture))];
        Assert.Equal(3, kilobytes.Length);
        Assert.All(kilobytes, peak => Assert.InRange(peak, 1, 40 * 1024));
        foreach (string format in PlayedDigits.Formats)
        {
            Picture saved = PictureFile.Decode(SavedFile(said, format), format);
            Picture played = PlayedDigits.Frame(board.Digits[3], format);
            byte[] expected = new byte[saved.Pixels.Length];
            new PictureColors().Convert(played, expected);
            Assert.Equal((played.Width, played.Height, PictureColors.FileFormat(played.Format)), (saved.Width, saved.Height, saved.Format));
            Assert.Equal(expected, saved.Pixels.ToArray());
        }
    }

    [Fact]
    public void A_sample_lights_the_lamp_of_what_it_sees_and_says_what_its_page_says()
    {
        IReadOnlyList<string> said = Part("camera-to-led");
        Assert.Equal(10 + 1 + 1, said.Count(line => line == "HOST ok"));
        string[] changes = [.. said.Where(line => line.Contains("LED on GPIO ", StringComparison.Ordinal)).Select(line => line.Split(',')[0])];
        Assert.Equal(["7", "3", "0", "1", "2", "4", "5", "6", "8", "9"], changes);
        EndsWellAndSaysWhatItsPageSays("camera-to-led", said);
    }

    [Fact]
    public void A_sample_shows_what_it_sees_on_a_display_behind_the_kernels_own_I2C_and_says_what_its_page_says()
    {
        IReadOnlyList<string> said = Part("class-on-display");
        Assert.Equal(["@SHOWS 7", "@SHOWS doubtful", "@SHOWS 3", "@SHOWS doubtful"], said.Where(line => line.StartsWith("@SHOWS", StringComparison.Ordinal)));
        Assert.Contains("@WITHOUT 1", said);
        Assert.Contains(said, line => line.StartsWith("class-on-display: nothing answers at address 0x3C of I2C bus 1; expected an SSD1306", StringComparison.Ordinal));
        Assert.Contains("@OTHER 1", said);
        Assert.Contains("class-on-display: the model tells 3 classes apart; expected ten digits.", said);
        EndsWellAndSaysWhatItsPageSays("class-on-display", [.. said.SkipWhile(line => line != "@OTHER 1").Skip(1)]);
    }

    [Fact]
    public void A_sample_turns_a_servo_by_the_kernels_own_PWM_to_what_it_sees_and_says_what_its_page_says()
    {
        IReadOnlyList<string> said = Part("camera-to-servo");
        Assert.Equal(["@PULSE 1925", "@PULSE 1165", "@PULSE none"], said.Where(line => line.StartsWith("@PULSE", StringComparison.Ordinal)));
        Assert.Equal(3, said.Count(line => line == "HOST ok"));
        EndsWellAndSaysWhatItsPageSays("camera-to-servo", said);
    }

    private static void EndsWellAndSaysWhatItsPageSays(string sample, IReadOnlyList<string> said)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', said));
        Assert.Contains("@EXIT 0", said);
        string[] shown = SamplePage.Block(sample, $"$ ./{sample} ").TrimEnd().Split('\n');
        // Beside the script's own lines, and the answers to them, which the serial line echoes.
        IEnumerable<string> samples = said.Where(line => line is not ("" or "ok") && line[0] != '@' && !line.StartsWith("HOST ", StringComparison.Ordinal));
        Assert.Equal(shown[1..], samples.Take(shown.Length - 1));
    }

    private static byte[] SavedFile(IReadOnlyList<string> said, string format)
    {
        IEnumerable<string> lines = said.SkipWhile(line => line != $"@FILE {format}").Skip(1).TakeWhile(line => line != "@ENDFILE");
        return Convert.FromBase64String(string.Concat(lines));
    }

    /// <summary>A part of what the board said, in which nothing went wrong.</summary>
    private IReadOnlyList<string> Part(string name)
    {
        Assert.SkipWhen(board.WhyNot is not null, board.WhyNot ?? "");
        IReadOnlyList<string> said = board.Part(name);
        Assert.True(said.Count > 0, $"no part '{name}' in\n{string.Join('\n', board.Said)}");
        Assert.DoesNotContain(said, line => line.StartsWith("BOARD ", StringComparison.Ordinal) || line.StartsWith("HOST bad", StringComparison.Ordinal));
        return said;
    }
}
