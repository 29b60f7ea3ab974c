using EdgeConv.Converters.CodeGen;
using EdgeConv.Nano;

namespace EdgeConv.Tests.Firmware;

/// <summary>An image of weights on its way into the idle slot: refused where anything is wrong, and whatever happens, one sound slot is left.</summary>
public sealed class SlotWriterTests
{
    private const uint Code = 0xC0DE;
    private const int Capacity = 1024;

    [Fact]
    public void Power_that_goes_at_any_byte_leaves_the_old_weights_or_the_whole_new_ones()
    {
        byte[] older = Image(1, 700), used = Image(2, 650), next = Image(3, 600);
        HashSet<uint> seen = [];
        for (int bytes = 0; ; bytes++)
        {
            FlashSlots flash = new(used, older) { Power = bytes };
            bool isDone = Finishes(flash, next);
            flash.Power = int.MaxValue;
            SlotChoice choice = new(flash, Code);
            Assert.Equal(choice.Pick() == 1 ? 3u : 2u, choice.Version);
            seen.Add(choice.Version);
            Assert.True(choice.Version == 3 || (choice.Version == 2 && !isDone), $"version {choice.Version} after {bytes} bytes");
            if (isDone)
            {
                break;
            }
        }

        Assert.Equal([2u, 3u], seen.Order());

        static bool Finishes(FlashSlots flash, byte[] image)
        {
            try
            {
                Write(flash, image, used: 0, version: 2, piece: 97);
                return true;
            }
            catch (WeightSlotException error) when (error.Message.Contains("no power", StringComparison.Ordinal))
            {
                return false;
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(2000)]
    public void Pieces_of_any_size_make_the_image(int piece)
    {
        foreach (int length in new[] { 32, 33, 255, 256, 257, 512, Capacity })
        {
            FlashSlots flash = new(null, null);
            Assert.Equal(0, Write(flash, Image(0, length), used: -1, version: 0, piece));
            Assert.Null(new SlotCheck(flash, 0, Code).Problem);
            Assert.Equal(1, Write(flash, Image(1, length), used: 0, version: 0, piece));
            Assert.Equal(1u, new SlotCheck(flash, 1, Code).Header.Version);
        }
    }

    [Theory]
    [InlineData("is for other code: it says 0000C0DF, this program is 0000C0DE", true, 16, 1)]
    [InlineData("is no image of weights: it does not begin with ECWS", true, 0, 1)]
    [InlineData("has version 4, in use is 4: only a higher one is taken", true, 12, 1)]
    [InlineData("says that it has 4278190680 bytes, expected 32 to 1024", true, 7, 0xFF)]
    [InlineData("is damaged: the checksum is not its header's", false, 300, 1)]
    [InlineData("is damaged: the checksum is not its header's", false, 8, 1)]
    public void An_image_that_is_not_sound_is_refused_and_the_old_one_stays(string why, bool leavesOther, int at, byte bits)
    {
        byte[] used = Image(4, 500), older = Image(3, 500), image = Image(5, 600);
        image[at] ^= bits;
        FlashSlots flash = new(used, older);
        WeightSlotException error = Assert.Throws<WeightSlotException>(() => Write(flash, image, used: 0, version: 4, piece: 128));
        Assert.Equal($"the image {why}; the weights in use stay", error.Message);
        Assert.Null(new SlotCheck(flash, 0, Code).Problem);
        Assert.Equal(leavesOther, new SlotCheck(flash, 1, Code).Problem is null);
    }

    [Fact]
    public void An_image_that_is_cut_off_or_goes_on_is_refused()
    {
        byte[] image = Image(2, 600);
        Refused("ended after 599 bytes, it says 600", image[..^1]);
        Refused("ended after 31 bytes, before its header did", image[..31]);
        Refused("is longer than the 600 bytes that it says", [.. image, 0]);

        static void Refused(string why, byte[] image)
        {
            FlashSlots flash = new(Image(1, 500), null);
            Assert.Equal($"the image {why}; the weights in use stay", Assert.Throws<WeightSlotException>(() => Write(flash, image, used: 0, version: 1, piece: 100)).Message);
            Assert.Equal(0, new SlotChoice(flash, Code).Pick());
        }
    }

    [Fact]
    public void A_slot_that_does_not_keep_what_is_written_is_noticed_before_it_counts()
    {
        FlashSlots flash = new(Image(1, 500), null) { DeadByte = 400 };
        WeightSlotException error = Assert.Throws<WeightSlotException>(() => Write(flash, Image(2, 600), used: 0, version: 1, piece: 100));
        Assert.Equal("the image was not written as it came: slot 1 gives other bytes; the weights in use stay", error.Message);
        Assert.Equal("is no image of weights: it does not begin with ECWS", new SlotCheck(flash, 1, Code).Problem);
    }

    [Theory]
    [InlineData(100)]              // while it is erased
    [InlineData(Capacity + 300)]   // while it is written
    [InlineData(Capacity + 598)]   // within the first word, which comes last
    public void What_a_storage_throws_is_said_as_a_refusal(int power)
    {
        FlashSlots flash = new(Image(1, 500), null) { Power = power };
        WeightSlotException error = Assert.Throws<WeightSlotException>(() => Write(flash, Image(2, 600), used: 0, version: 1, piece: 100));
        Assert.Equal("the image cannot be written to slot 1: no power; the weights in use stay", error.Message);
    }

    [Fact]
    public void A_slot_that_cannot_be_read_leaves_the_other_one()
    {
        SlotChoice choice = new(new FlashSlots(Image(2, 500), Image(1, 500)) { Unreadable = 0 }, Code);
        Assert.Equal((1, 1u), (choice.Pick(), choice.Version));
        choice = new(new FlashSlots(Image(2, 500), null) { Unreadable = 0 }, Code);
        Assert.StartsWith("no slot has weights for this program: slot 0 cannot be read: no answer; slot 1 is ", Assert.Throws<WeightSlotException>(() => choice.Pick()).Message);
        WeightSlotException error = Assert.Throws<WeightSlotException>(() => Write(new FlashSlots(Image(1, 500), null) { Unreadable = 1 }, Image(2, 600), used: 0, version: 1, piece: 100));
        Assert.Equal("the image cannot be read back from slot 1: no answer; the weights in use stay", error.Message);
    }

    private static int Write(FlashSlots flash, byte[] image, int used, uint version, int piece)
    {
        SlotWriter writer = new(flash, used, version, Code);
        foreach (byte[] part in image.Chunk(piece))
        {
            writer.Add([7, .. part, 7], 1, part.Length);
        }

        return writer.Finish();
    }

    private static byte[] Image(uint version, int length)
    {
        byte[] tables = new byte[length - SlotImage.HeaderBytes];
        new Random(length).NextBytes(tables);
        return SlotImage.Write(tables, version, Code);
    }

    /// <summary>NOR flash: erased to ones byte by byte, and written once; without power at some byte.</summary>
    private sealed class FlashSlots : WeightSlots
    {
        private readonly byte[][] _bytes = [Erased(), Erased()];

        public FlashSlots(byte[]? first, byte[]? second)
        {
            first?.CopyTo(_bytes[0], 0);
            second?.CopyTo(_bytes[1], 0);
        }

        /// <summary>Bytes that may still be erased or written.</summary>
        public int Power { get; set; } = int.MaxValue;

        /// <summary>A byte that stays as it is; -1 for none.</summary>
        public int DeadByte { get; init; } = -1;

        /// <summary>A slot that throws when it is read; -1 for none.</summary>
        public int Unreadable { get; init; } = -1;

        public override int Capacity => SlotWriterTests.Capacity;

        public override int Read(int slot, int offset, byte[] into, int count)
        {
            if (slot == Unreadable)
            {
                throw new InvalidOperationException("no answer");
            }

            int there = Math.Min(count, Math.Max(0, Capacity - offset));
            _bytes[slot].AsSpan(offset, there).CopyTo(into);
            return there;
        }

        public override void Erase(int slot)
        {
            for (int i = 0; i < Capacity; i++)
            {
                Spend();
                _bytes[slot][i] = 0xFF;
            }
        }

        public override void Write(int slot, int offset, byte[] from, int start, int count)
        {
            for (int i = 0; i < count; i++)
            {
                Spend();
                Assert.Equal(0xFF, _bytes[slot][offset + i]);
                _bytes[slot][offset + i] = offset + i == DeadByte ? (byte)0xFF : from[start + i];
            }
        }

        private void Spend()
        {
            if (Power-- <= 0)
            {
                throw new InvalidOperationException("no power");
            }
        }

        private static byte[] Erased() => [.. Enumerable.Repeat((byte)0xFF, SlotWriterTests.Capacity)];
    }
}
