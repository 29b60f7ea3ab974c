using System.Globalization;
using System.Text;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Tests.CodeGen;

/// <summary>One C program out of the frame functions of many preprocessing records; it runs on frames of a file, whole and row by row.</summary>
internal sealed class FrameProgram(TemporaryFolder folder)
{
    private static readonly PixelFormat[] _formats =
        [PixelFormat.Gray8, PixelFormat.Yuyv, PixelFormat.Yuyv, PixelFormat.Rgb565BigEndian, PixelFormat.Rgb565];

    private readonly List<PreprocessingRecord> _records = [];
    private readonly MemoryStream _frames = new();
    private readonly List<(sbyte[] Input, string What)> _expected = [];

    /// <summary>How many kinds of frames there are.</summary>
    public static int Formats => _formats.Length;

    /// <summary>Adds a record.</summary>
    public void Add(PreprocessingRecord record)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"f{_records.Count}");
        foreach (CodeFile file in FrameC.Write(record, "a / model */", name, name, include: null))
        {
            folder.Write(file.Path, Encoding.UTF8.GetBytes(file.Text));
        }

        _records.Add(record);
    }

    /// <summary>Adds a frame of random pixels for the last record.</summary>
    /// <param name="random">Gives them.</param>
    /// <param name="format">Which kind, from 0.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    public void AddFrame(Random random, int format, int width, int height)
    {
        int row = (int)_formats[format].RowBytes(width), stride = row + random.Next(2) * random.Next(9);
        byte[] pixels = new byte[stride * (height - 1) + row];
        random.NextBytes(pixels);
        Picture picture = new(pixels, width, height, _formats[format]) { Stride = stride, Yuv = format == 2 ? YuvRule.Bt601Full : YuvRule.Bt601 };
        sbyte[] input = new sbyte[_records[^1].Layout.ByteLength];
        new Preprocessor(_records[^1]).Run(picture, input);
        _expected.Add((input, $"{format}: {picture.Width}x{picture.Height}, {stride} bytes a row, {_records[^1].Layout}"));
        foreach (int word in (int[])[_records.Count - 1, format, width, height, stride, row, input.Length])
        {
            _frames.Write(BitConverter.GetBytes(word));
        }

        _frames.Write(pixels);
    }

    /// <summary>Compiles, runs, and compares.</summary>
    public void Check(string compiler, params string[] options)
    {
        string source = folder.Write("src/main.c", Encoding.UTF8.GetBytes(Main())), program = folder.Path("frames");
        folder.Write("src/edgeconv_frame.h", File.ReadAllBytes(RepositoryFolder.Path("firmware", "cortex-m", "include", "edgeconv_frame.h")));
        string frames = folder.Write("frames.bin", _frames.ToArray()), inputs = folder.Path("inputs.bin");
        CProgram.Run(compiler, [.. options, "-o", program, source]);
        CProgram.Run(program, frames, inputs);
        ReadOnlySpan<sbyte> found = (sbyte[])(Array)File.ReadAllBytes(inputs);
        foreach ((sbyte[] input, string what) in _expected)
        {
            Assert.True(found[..input.Length].SequenceEqual(input), $"a whole frame of format {what}");
            Assert.True(found.Slice(input.Length, input.Length).SequenceEqual(input), $"row by row, a frame of format {what}");
            found = found[(2 * input.Length)..];
        }

        Assert.Equal(0, found.Length);
    }

    // Each frame and each row is a block of memory of its own, so that the sanitizer sees a byte too far.
    private string Main()
    {
        string[] names = ["grey", "yuyv", "yuyv_full", "rgb565", "rgb565_little"];
        string List(string suffix) => string.Join(",\n    ", Enumerable.Range(0, _records.Count).Select(i => $"{{ {string.Join(", ", names.Select(n => $"f{i}_frame_{suffix}{n}"))} }}"));
        return $$"""
            #include <stdio.h>
            #include <stdlib.h>
            #include <string.h>
            {{string.Concat(Enumerable.Range(0, _records.Count).Select(i => $"#include \"f{i}_frame.c\"\n"))}}
            typedef int32_t (*whole)(const uint8_t *, int32_t, int32_t, int32_t, int8_t *);
            typedef int32_t (*begin)(int32_t, int32_t);
            typedef void (*next)(const uint8_t *, int8_t *);
            static const whole wholes[][{{Formats}}] = { {{List("")}} };
            static const next nexts[][{{Formats}}] = { {{List("row_")}} };
            static const begin begins[] = { {{string.Join(", ", Enumerable.Range(0, _records.Count).Select(i => $"f{i}_frame_begin"))}} };

            int main(int count, char **arguments)
            {
                FILE *frames = fopen(arguments[count - 2], "rb"), *inputs = fopen(arguments[count - 1], "wb");
                int32_t head[7], y;
                while (fread(head, sizeof head, 1, frames) == 1) {
                    const size_t length = (size_t)(head[4] * (head[3] - 1) + head[5]), row_length = (size_t)head[5], input_length = (size_t)head[6];
                    uint8_t *frame = (uint8_t *)malloc(length);
                    int8_t *input = (int8_t *)malloc(input_length);
                    if (fread(frame, 1, length, frames) != length || wholes[head[0]][head[1]](frame, head[2], head[3], head[4], input) != 0) {
                        return 2;
                    }
                    fwrite(input, 1, input_length, inputs);
                    memset(input, 0, input_length);
                    if (begins[head[0]](head[2], head[3]) != 0) {
                        return 3;
                    }
                    for (y = 0; y < head[3]; y++) {
                        uint8_t *row = (uint8_t *)malloc(row_length);
                        memcpy(row, frame + y * head[4], row_length);
                        nexts[head[0]][head[1]](row, input);
                        free(row);
                    }
                    fwrite(input, 1, input_length, inputs);
                    free(frame);
                    free(input);
                }
                return fclose(inputs) + fclose(frames);
            }

            """;
    }
}
