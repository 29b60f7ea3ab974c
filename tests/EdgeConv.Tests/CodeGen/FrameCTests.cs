using System.Text;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Preprocessing;
using EdgeConv.Runtime.Tests;
using EdgeConv.Tests.Cli;

namespace EdgeConv.Tests.CodeGen;

/// <summary>Camera frames in generated C give the bytes of the runtime's preprocessing, with the sanitizers watching.</summary>
public sealed class FrameCTests(TinyLeNet lenet) : IClassFixture<TinyLeNet>, IDisposable
{
    private static readonly string[] _strict =
        ["-O1", "-Wall", "-Wextra", "-Wconversion", "-pedantic", "-Werror", "-fsanitize=undefined,address", "-fno-sanitize-recover=all"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Random_frames_of_every_format_and_size_give_the_bytes_of_the_PC()
    {
        Random random = new(11);
        FrameProgram program = new(_folder);
        for (int i = 0; i < 36; i++)
        {
            program.Add(Record(random, random.Next(1, 33), random.Next(1, 33), (ColorOrder)(i % 3), (Crop)(i / 3 % 2), (Resize)(i / 6 % 3)));
            for (int k = 0; k < 40; k++)
            {
                program.AddFrame(random, k % FrameProgram.Formats, random.Next(1, 80), random.Next(1, 80));
            }
        }

        program.Check("gcc", [.. _strict, "-std=c99"]);
    }

    [Theory]
    [InlineData("gcc", "-std=c99")]
    [InlineData("g++", "-std=c++17", "-xc++")]
    [InlineData("clang", "-std=c99", "-fno-sanitize=all")]   // its sanitizers are a package of their own
    public void So_do_frames_of_the_sizes_that_cameras_have(string compiler, params string[] options)
    {
        SkipWithout(compiler);
        Random random = new(12);
        FrameProgram program = new(_folder);
        foreach ((int width, int height) in ((int, int)[])[(160, 120), (320, 240), (324, 244), (324, 324), (640, 480)])
        {
            foreach (Resize resize in Enum.GetValues<Resize>())
            {
                program.Add(Record(random, 96, 96, ColorOrder.Rgb, Crop.Center, resize));
                program.AddFrame(random, random.Next(FrameProgram.Formats), width, height);
                program.Add(Record(random, 28, 28, ColorOrder.Gray, Crop.Stretch, resize));
                program.AddFrame(random, random.Next(FrameProgram.Formats), width, height);
            }
        }

        program.Check(compiler, [.. _strict, .. options]);
    }

    [Fact]
    public void The_largest_frames_leave_no_number_of_32_bits()
    {
        Random random = new(13);
        FrameProgram program = new(_folder);
        foreach (Resize resize in Enum.GetValues<Resize>())
        {
            PictureLayout layout = new(3, 2, ColorOrder.Gray, Crop.Stretch, resize);
            program.Add(new PreprocessingRecord(layout, Table(random, layout)));
            program.AddFrame(random, 0, 32767, 256);
            program.AddFrame(random, 0, 256, 32767);
            program.AddFrame(random, 3, 4096, 2048);
        }

        program.Check("gcc", [.. _strict, "-std=c99"]);
    }

    [Fact]
    public void Frames_that_are_none_are_refused_and_their_rows_ignored()
    {
        using Model model = Model.Open(lenet.Model);
        Write(model);
        string main = _folder.Write("src/main.c", """
            #include "model_frame.h"
            static const uint8_t row[4];
            static int8_t input[28 * 28];
            int main(void)
            {
                const int32_t refused = edgeconv_frame_grey(row, 0, 1, 1, input) + edgeconv_frame_grey(row, 1, -1, 1, input)
                    + edgeconv_frame_begin(32768, 1) + edgeconv_frame_begin(4096, 2049);
                edgeconv_frame_row_grey(row, input);
                return refused == -4 && input[0] == 0 && edgeconv_frame_begin(4096, 2048) == 0 ? 0 : 1;
            }

            """u8.ToArray());
        CProgram.Run("gcc", [.. _strict, "-std=c99", "-o", _folder.Path("main"), main, _folder.Path("src", "model_frame.c")]);
        CProgram.Run(_folder.Path("main"));
    }

    [Fact]
    public void A_frame_and_then_the_network_is_one_program()
    {
        using Model model = Model.Open(lenet.ColorModel);
        Write(model);
        byte[] frame = new byte[160 * 120 * 2];
        new Random(14).NextBytes(frame);
        sbyte[] input = new sbyte[model.Input.Length], expected = new sbyte[model.Output.Length];
        new Preprocessor(model.Preprocessing!).Run(new Picture(frame, 160, 120, PixelFormat.Rgb565BigEndian), input);
        using Interpreter interpreter = new(model);
        interpreter.Invoke(input, expected);
        string main = _folder.Write("src/main.c", """
            #include <stdio.h>
            #include "model_frame.h"
            static uint8_t frame[160 * 120 * 2];
            static int8_t input[EDGECONV_INPUT_LENGTH], output[EDGECONV_OUTPUT_LENGTH];
            int main(int count, char **arguments)
            {
                FILE *file = fopen(arguments[count - 1], "rb");
                int32_t i;
                if (fread(frame, 1, sizeof frame, file) != sizeof frame || edgeconv_frame_rgb565(frame, 160, 120, 320, input) != 0) {
                    return 1;
                }
                edgeconv_init();
                edgeconv_run(input, output);
                for (i = 0; i < EDGECONV_OUTPUT_LENGTH; i++) {
                    printf("%d ", output[i]);
                }
                return fclose(file);
            }

            """u8.ToArray());
        CProgram.Run("gcc", [.. _strict, "-std=c99", "-o", _folder.Path("main"), main, _folder.Path("src", "model.c"), _folder.Path("src", "model_frame.c")]);
        Assert.Equal(string.Join(' ', expected) + " ", CProgram.Run(_folder.Path("main"), _folder.Write("frame.bin", frame)));
    }

    [Theory]
    [InlineData("grey", PixelFormat.Gray8, 324, 244, 640_000)]
    [InlineData("yuyv", PixelFormat.Yuyv, 160, 120, 850_000)]
    [InlineData("rgb565", PixelFormat.Rgb565BigEndian, 160, 120, 700_000)]
    public void An_emulated_Cortex_M4_makes_the_same_bytes_of_a_frame(string name, PixelFormat format, int width, int height, int mostInstructions)
    {
        McuEmulators.Need();
        using Model model = Model.Open(lenet.Model);
        Write(model);
        byte[] frame = new byte[format.ByteLength(width, height)];
        new Random(15).NextBytes(frame);
        sbyte[] input = new sbyte[model.Input.Length];
        new Preprocessor(model.Preprocessing!).Run(new Picture(frame, width, height, format), input);
        _folder.Write("frame.bin", frame);
        string main = _folder.Write("src/main.c", Encoding.UTF8.GetBytes($$"""
            #include "semihosting.h"
            #include "model_frame.h"
            #define SYSTICK ((volatile uint32_t *)0xE000E010u)
            static uint8_t frame[{{frame.Length}}];
            static int8_t input[EDGECONV_INPUT_LENGTH];
            int main(void)
            {
                const int from = host_open("frame.bin", HOST_READ), to = host_open("input.bin", HOST_WRITE);
                uint32_t ticks;
                if (host_read(from, frame, (int)sizeof frame) != (int)sizeof frame) {
                    return 2;
                }
                SYSTICK[1] = 0xFFFFFFu;
                SYSTICK[2] = 0;
                SYSTICK[0] = 5;
                ticks = SYSTICK[2];
                edgeconv_frame_{{name}}(frame, {{width}}, {{height}}, {{frame.Length / height}}, input);
                ticks = (ticks - SYSTICK[2]) & 0xFFFFFFu;
                return host_write(to, input, (int)sizeof input) + host_write(to, &ticks, 4) == (int)sizeof input + 4 ? 0 : 3;
            }

            """));
        string firmware = RepositoryFolder.Path("firmware", "cortex-m"), board = Path.Combine(firmware, "qemu");
        CProgram.Run("arm-none-eabi-gcc",
            "-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=soft", "-O2", "-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-ffreestanding", "-nostdlib",
            "-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections", $"-I{board}", "-T", Path.Combine(board, "mps.ld"), $"-L{firmware}",
            "-Wl,--defsym=FLASH_ORIGIN=0,--defsym=FLASH_LENGTH=0x400000,--defsym=RAM_ORIGIN=0x20000000,--defsym=RAM_LENGTH=0x400000",
            Path.Combine(firmware, "startup.c"), Path.Combine(board, "semihosting.c"), main, _folder.Path("src", "model_frame.c"), "-lgcc", "-o", _folder.Path("frame.elf"));
        CProgram.RunIn(_folder.Root, "qemu-system-arm", "-M", "mps2-an386", "-display", "none", "-monitor", "none", "-serial", "null",
            "-semihosting-config", "enable=on,target=native", "-icount", "shift=0", "-kernel", _folder.Path("frame.elf"));
        byte[] found = File.ReadAllBytes(_folder.Path("input.bin"));
        Assert.Equal((byte[])(Array)input, found[..^4]);
        Assert.InRange(BitConverter.ToInt32(found, found.Length - 4) * 40, 10_000, mostInstructions);   // 25 MHz, an instruction a nanosecond
    }

    [Fact]
    public void A_model_that_does_not_say_how_it_sees_pictures_has_no_such_files()
    {
        TestModel built = new();
        int x = built.Activation([1, 2, 2, 1]), y = built.Activation([1, 4]);
        using Model model = built.Then(new ReshapeOp("flatten", x, y)).Build();
        Assert.DoesNotContain(CExport.Write(model), file => file.Path.Contains("frame", StringComparison.Ordinal) || file.Text.Contains("_frame.c", StringComparison.Ordinal));
    }

    private static PreprocessingRecord Record(Random random, int width, int height, ColorOrder color, Crop crop, Resize resize)
    {
        PictureLayout layout = new(width, height, color, crop, resize);
        return new(layout, Table(random, layout));
    }

    private static sbyte[] Table(Random random, PictureLayout layout)
    {
        sbyte[] table = new sbyte[layout.Channels * PreprocessingRecord.EntriesAChannel];
        random.NextBytes((byte[])(Array)table);
        return table;
    }

    private static void SkipWithout(string compiler)
    {
        if (compiler == "clang")
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, compiler))), "no clang here");
        }
    }

    private void Write(Model model)
    {
        foreach (CodeFile file in CExport.Write(model).Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal)))
        {
            _folder.Write(file.Path, Encoding.UTF8.GetBytes(file.Text));
        }
    }
}
