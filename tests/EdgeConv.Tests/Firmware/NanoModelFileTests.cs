using System.Text;
using EdgeConv.Nano;
using EdgeConv.Tests.Agent;
using RuntimeCrc = EdgeConv.Runtime.Format.Crc32C;

namespace EdgeConv.Tests.Firmware;

/// <summary>The microcontroller's checksum and model file check against the runtime's.</summary>
public sealed class NanoModelFileTests
{
    private static readonly byte[] _file = BrightestPixelModel.Write();

    [Fact]
    public void The_checksum_is_Castagnoli()
    {
        byte[] check = Encoding.ASCII.GetBytes("123456789");
        Assert.Equal(0xE3069283u, Crc32C.Compute(check, 0, check.Length, 0));
        byte[] random = new byte[1000];
        new Random(5).NextBytes(random);
        uint first = Crc32C.Compute(random, 0, 333, 0);
        Assert.Equal(RuntimeCrc.Compute(random), Crc32C.Compute(random, 333, 667, first));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(23)]
    [InlineData(100_000)]
    public void A_whole_file_passes_in_pieces_of_any_size(int piece)
    {
        ModelFileCheck check = new();
        for (int at = 0; at < _file.Length; at += piece)
        {
            check.Add(_file, at, Math.Min(piece, _file.Length - at));
        }

        Assert.Null(check.Problem());
    }

    [Fact]
    public void Every_flipped_bit_and_every_truncation_is_found()
    {
        for (int i = 0; i < _file.Length * 8; i++)
        {
            byte[] damaged = [.. _file];
            damaged[i / 8] ^= (byte)(1 << (i % 8));
            Assert.NotNull(Problem(damaged, damaged.Length));
        }

        for (int length = 0; length < _file.Length; length++)
        {
            Assert.NotNull(Problem(_file, length));
        }
    }

    [Theory]
    [InlineData(0, "not an EdgeConv model")]
    [InlineData(8, "format version")]
    [InlineData(10, "rounding rule")]
    [InlineData(16, "the header says")]
    [InlineData(21, "checksum")]
    public void The_problem_is_named(int at, string expected)
    {
        byte[] damaged = [.. _file];
        damaged[at] ^= 0x40;
        Assert.Contains(expected, Problem(damaged, damaged.Length));
    }

    private static string? Problem(byte[] file, int length)
    {
        ModelFileCheck check = new();
        check.Add(file, 0, length);
        return check.Problem();
    }
}
