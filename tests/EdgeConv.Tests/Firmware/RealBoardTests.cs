using System.Buffers.Binary;
using System.Diagnostics;
using System.Text.RegularExpressions;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Preprocessing;
using EdgeConv.Tests.Cli;
using EdgeConv.Tests.CodeGen;

namespace EdgeConv.Tests.Firmware;

/// <summary>firmware/cortex-m/build.sh: what it links for each real board is where that board's processor looks for it; one of them runs here.</summary>
public sealed partial class RealBoardTests(TinyLeNet lenet) : IClassFixture<TinyLeNet>, IDisposable
{
    private const uint Pico2Flash = 0x10000000;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("stm32f4-discovery", 0x08000000u, 0x20020000u, 1 << 20)]
    [InlineData("nrf52840-dk", 0u, 0x20040000u, 1 << 20)]
    [InlineData("pico2", Pico2Flash, 0x20080000u, 4 << 20)]
    public void Firmware_links_without_a_warning_and_begins_with_its_vectors(string board, uint flash, uint stackTop, int flashBytes)
    {
        (string output, string said) = Build(board);
        byte[] image = File.ReadAllBytes(Path.Combine(output, "firmware.bin"));
        Assert.InRange(image.Length, 60_000, Math.Min(flashBytes, 100_000));
        Assert.Equal(stackTop, Word(image, 0));
        Assert.Equal(Symbol(output, "reset") | 1, Word(image, 4));
        Assert.InRange(Word(image, 4), flash, flash + (uint)image.Length);
        Assert.All(Enumerable.Range(2, 14), vector => Assert.InRange(Word(image, 4 * vector), flash + 1, flash + (uint)image.Length));

        Match size = Sizes().Match(said);
        Assert.True(size.Success, said);
        Assert.Equal(image.Length, int.Parse(size.Groups[1].Value) + int.Parse(size.Groups[2].Value));
        Assert.InRange(int.Parse(size.Groups[3].Value), 2000, 8000);
        Assert.Contains("firmware.hex", Directory.GetFiles(output).Select(Path.GetFileName));
    }

    [Fact]
    public void The_Pico_2_finds_its_boot_block_in_the_first_4_KB()
    {
        byte[] image = File.ReadAllBytes(Path.Combine(Build("pico2").Output, "firmware.bin"));
        int at = Enumerable.Range(0, 1024).Select(word => 4 * word).First(offset => Word(image, offset) == 0xFFFFDED3);
        Assert.InRange(at, 64, 4096 - 20);
        Assert.Equal([0x10210142u, 0x000001FFu, 0u, 0xAB123579u], Enumerable.Range(1, 4).Select(word => Word(image, at + 4 * word)));
    }

    [Fact]
    public void The_UF2_file_is_the_image()
    {
        string output = Build("pico2").Output;
        byte[] image = File.ReadAllBytes(Path.Combine(output, "firmware.bin")), uf2 = File.ReadAllBytes(Path.Combine(output, "firmware.uf2"));
        int blocks = (image.Length + 255) / 256;
        Assert.Equal(512 * blocks, uf2.Length);
        List<byte> bytes = [];
        for (int i = 0; i < blocks; i++)
        {
            ReadOnlySpan<byte> block = uf2.AsSpan(512 * i, 512);
            uint[] expected = [0x0A324655, 0x9E5D5157, 0x2000, Pico2Flash + 256 * (uint)i, 256, (uint)i, (uint)blocks, 0xE48BFF59];
            for (int word = 0; word < expected.Length; word++)
            {
                Assert.Equal(expected[word], BinaryPrimitives.ReadUInt32LittleEndian(block[(4 * word)..]));
            }

            Assert.Equal(0x0AB16F30u, BinaryPrimitives.ReadUInt32LittleEndian(block[508..]));
            bytes.AddRange(block.Slice(32, 256));
        }

        Assert.Equal(image, bytes.Take(image.Length));
        Assert.All(bytes.Skip(image.Length), padding => Assert.Equal(0, padding));
    }

    [Fact]
    public void The_STM32F4_firmware_classifies_and_lights_its_LEDs_on_an_emulated_STM32F405()
    {
        using Model model = Model.Open(lenet.Model);
        using Interpreter interpreter = new(model);
        Random random = new(8);
        byte[] pixels = new byte[28 * 28];
        sbyte[] input = model.GoldenVectors[0].Input.ToArray(), output = new sbyte[model.Output.Length];
        List<int> classes = [];
        using EmulatedF4 board = new(Path.Combine(Build("stm32f4-discovery").Output, "firmware.elf"), _folder.Path("qemu.log"));
        Answers("selftest passed,");
        for (int i = 0; i < 3; i++)
        {
            random.NextBytes(pixels);
            new Preprocessor(model.Preprocessing!).Run(new Picture(pixels, 28, 28, PixelFormat.Gray8), input);
            board.Write(pixels);
            Answers("picture,");
        }

        // set and cleared bits of PD12 to PD15: all off at first
        Assert.Equal(classes.Prepend(-1).Select(number => $"0x{(uint)((number + 1) << 12) | (uint)(~(number + 1) & 15) << 28:x8}"), board.Leds);

        void Answers(string what)
        {
            interpreter.Invoke(input, output);
            classes.Add(Array.IndexOf(output, output.Max()));
            Assert.Equal($"{what} class {classes[^1]} {model.Labels[classes[^1]]}: {string.Join(' ', output)}", board.ReadLine());
        }
    }

    [Theory]
    [InlineData(2, "there is no board 'uno'", "uno", "x")]
    [InlineData(2, "expected BOARD MODEL_FOLDER", "pico2")]
    [InlineData(1, "edgeconv export MODEL.ecm --to c", "pico2", "nowhere")]
    [InlineData(1, "edgeconv export MODEL.ecm --to c", "stm32f407g-disc1", "nowhere")]
    [InlineData(1, "edgeconv export MODEL.ecm --to c", "nrf52840", "nowhere")]
    public void A_mistake_is_said(int code, string message, params string[] arguments)
    {
        using Process build = Process.Start(new ProcessStartInfo(RepositoryFolder.Path("firmware", "cortex-m", "build.sh"), arguments) { RedirectStandardError = true })!;
        string errors = build.StandardError.ReadToEnd();
        build.WaitForExit();
        Assert.Equal(code, build.ExitCode);
        Assert.Contains(message, errors);
    }

    private (string Output, string Said) Build(string board)
    {
        McuEmulators.Need();
        return BoardBuild.Run(_folder, lenet.Model, board);
    }

    private static uint Symbol(string output, string name)
    {
        string line = CProgram.Run("arm-none-eabi-nm", Path.Combine(output, "firmware.elf")).Split('\n').Single(line => line.EndsWith($" T {name}", StringComparison.Ordinal));
        return Convert.ToUInt32(line[..8], 16);
    }

    private static uint Word(byte[] image, int at) => BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(at));

    [GeneratedRegex(@"^ +(\d+)\s+(\d+)\s+(\d+)\s", RegexOptions.Multiline)]
    private static partial Regex Sizes();
}
