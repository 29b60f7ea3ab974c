using EdgeConv.Tests.Cli;
using EdgeConv.Tests.CodeGen;
using EdgeConv.Tests.Firmware;

namespace EdgeConv.Tests.Samples;

/// <summary>The samples for microcontrollers: they link for their boards, and run where they can here.</summary>
public sealed class FirmwareSampleTests(TinyLeNet lenet) : IClassFixture<TinyLeNet>, IDisposable
{
    private const int Side = 112, Box = 80;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("stm32f4-discovery", "stm32-camera-to-led")]
    [InlineData("pico2", "pico2-digit-pad")]
    public void A_sample_links_for_its_board_without_a_warning(string board, string sample)
    {
        string output = Build(board, sample);
        Assert.InRange(new FileInfo(Path.Combine(output, "firmware.bin")).Length, 60_000, 100_000);
    }

    [Fact]
    public void Without_a_camera_the_STM32_sample_says_so_and_stops()
    {
        using EmulatedF4 board = new(Path.Combine(Build("stm32f4-discovery", "stm32-camera-to-led"), "firmware.elf"), _folder.Path("qemu.log"));
        Assert.Equal("no OV7670 answers on PD6 and PD7", board.ReadLine());
        Assert.True(SpinWait.SpinUntil(() => board.Leds.LastOrDefault() == "0x0000f000", 60_000), "all LEDs on");
    }

    [Fact]
    public void A_drawing_becomes_the_same_picture_wherever_it_was_drawn()
    {
        (int X, int Y)[] seven = [(20, 10), (60, 10), (40, 90)];
        byte[] first = Picture(seven);
        Assert.Equal(first, Picture([.. seven.Select(p => (p.X + 130, p.Y + 70))]));
        Assert.Equal(first, Picture([.. seven.Select(p => (p.X * 2, p.Y * 2))]));
        Assert.NotEqual(first, Picture([.. seven.Select(p => (90 - p.X, p.Y))]));
    }

    [Fact]
    public void A_drawing_is_as_large_as_a_digit_of_MNIST_and_has_its_mass_in_the_middle()
    {
        Random random = new(9);
        for (int i = 0; i < 20; i++)
        {
            byte[] picture = Picture([.. Enumerable.Range(0, random.Next(1, 8)).Select(_ => (random.Next(256), random.Next(256)))]);
            Assert.All(picture, pixel => Assert.True(pixel is 0 or 255));
            (int X, int Y)[] ink = [.. Enumerable.Range(0, Side * Side).Where(at => picture[at] != 0).Select(at => (at % Side, at / Side))];
            int width = ink.Max(p => p.X) - ink.Min(p => p.X) + 1, height = ink.Max(p => p.Y) - ink.Min(p => p.Y) + 1;
            Assert.InRange(Math.Max(width, height), ink.Length > 200 ? Box - 2 : 1, Box + 2);

            // the mass is moved by whole pixels, and no further than the picture's edge
            bool isAtEdge = ink.Min(p => Math.Min(p.X, p.Y)) < 2 || ink.Max(p => Math.Max(p.X, p.Y)) > Side - 3;
            Assert.True(isAtEdge || Math.Abs(ink.Average(p => p.X) - Side / 2) < 1.5 && Math.Abs(ink.Average(p => p.Y) - Side / 2) < 1.5, $"drawing {i}");
        }
    }

    private string Build(string board, string sample)
    {
        McuEmulators.Need();
        return BoardBuild.Run(_folder, lenet.Model, board, Directory.GetFiles(RepositoryFolder.Path("hw-samples", sample), "*.c")).Output;
    }

    private byte[] Picture((int X, int Y)[] points)
    {
        string program = _folder.Path("strokes");
        if (!File.Exists(program))
        {
            string sample = RepositoryFolder.Path("hw-samples", "pico2-digit-pad");
            string main = _folder.Write("main.c", """
                #include <stdio.h>
                #include <stdlib.h>
                #include "strokes.h"
                int main(int count, char **arguments)
                {
                    int i;
                    FILE *picture = fopen(arguments[1], "wb");
                    strokes_clear();
                    for (i = 2; i + 1 < count; i += 2) {
                        strokes_add((uint8_t)atoi(arguments[i]), (uint8_t)atoi(arguments[i + 1]));
                    }
                    strokes_lift();
                    fwrite(strokes_picture(), 1, STROKES_SIDE * STROKES_SIDE, picture);
                    return fclose(picture);
                }

                """u8.ToArray());
            CProgram.Run("gcc", "-std=c99", "-O1", "-Wall", "-Wextra", "-Wconversion", "-pedantic", "-Werror", "-fsanitize=undefined,address",
                "-fno-sanitize-recover=all", $"-I{sample}", "-o", program, main, Path.Combine(sample, "strokes.c"));
        }

        string picture = _folder.Path("picture.bin");
        CProgram.Run(program, [picture, .. points.SelectMany(p => (string[])[$"{p.X}", $"{p.Y}"])]);
        return File.ReadAllBytes(picture);
    }
}
