using System.Device.Gpio;
using System.Device.Gpio.Drivers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace EdgeConv.Devices.Gpio;

/// <summary>A GPIO chip of the kernel.</summary>
/// <param name="Number">N of /dev/gpiochipN.</param>
/// <param name="Label">What its driver calls it.</param>
/// <param name="Lines">How many lines it has.</param>
public sealed record GpioChip(int Number, string Label, int Lines);

/// <summary>Finds the chip that a board's header is wired to, and opens it by the libgpiod that is there.</summary>
public static class GpioChips
{
    private const string Devices = "/dev";
    private const string Prefix = "gpiochip";

    // The Raspberry Pi 5's header is wired to its RP1; the others' to the processor. The chip's number differs from kernel to kernel.
    private static readonly string[] _headers = ["pinctrl-rp1", "pinctrl-bcm"];

    /// <summary>All chips that can be opened.</summary>
    public static IReadOnlyList<GpioChip> Find() => [.. Directory.EnumerateFileSystemEntries(Devices, Prefix + "*")
        .Select(path => int.TryParse(Path.GetFileName(path).AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? Describe(path, number) : null)
        .OfType<GpioChip>().OrderBy(chip => chip.Number)];

    /// <summary>The chip of that label, name, path or number; without one that of the header, or the only one.</summary>
    /// <exception cref="GpioException">There is none, or several and none of a header.</exception>
    public static GpioChip Choose(IReadOnlyList<GpioChip> chips, string? wanted)
    {
        string known = chips.Count == 0 ? "none that can be opened (root may, and the group gpio)"
            : string.Join(", ", chips.Select(chip => $"{Prefix}{chip.Number} \"{chip.Label}\" with {chip.Lines} lines"));
        if (wanted is not null)
        {
            string name = wanted.StartsWith(Devices + "/", StringComparison.Ordinal) ? wanted[(Devices.Length + 1)..] : wanted;
            return chips.FirstOrDefault(chip => chip.Label == name || $"{Prefix}{chip.Number}" == name || chip.Number.ToString(CultureInfo.InvariantCulture) == name)
                ?? throw new GpioException($"no GPIO chip \"{wanted}\" here; there is {known}.");
        }

        return _headers.Select(header => chips.FirstOrDefault(chip => chip.Label.StartsWith(header, StringComparison.Ordinal))).FirstOrDefault(chip => chip is not null)
            ?? (chips.Count == 1 ? chips[0] : throw new GpioException($"no GPIO chip of a Raspberry Pi's header here; there is {known}.{(chips.Count == 0 ? "" : " Name one: [gpio] chip = \"label\".")}"));
    }

    /// <summary>Opens a chip.</summary>
    /// <param name="wanted">Label, name, path or number; null for the header's.</param>
    /// <exception cref="GpioException">No such chip, or no libgpiod.</exception>
    public static GpioController Open(string? wanted)
    {
        GpioChip chip = Choose(Find(), wanted);
        try
        {
            return new GpioController(Driver(chip.Number));
        }
        catch (Exception error) when (error is not (OutOfMemoryException or GpioException))
        {
            throw new GpioException($"{Prefix}{chip.Number} \"{chip.Label}\" cannot be opened ({error.Message}).");
        }
    }

    /// <summary>The interface of libgpiod 2 is in libgpiod.so.3 (Debian 13), that of libgpiod 1 in libgpiod.so.2 (Debian 12).</summary>
    private static GpioDriver Driver(int chip)
    {
        if (NativeLibrary.TryLoad("libgpiod.so.3", out nint _))
        {
            return new LibGpiodV2Driver(chip);
        }

        return NativeLibrary.TryLoad("libgpiod.so.2", out nint _) ? new LibGpiodDriver(chip)
            : throw new GpioException("no libgpiod here; install it: apt-get install libgpiod3, or libgpiod2 before Debian 13.");
    }

    private static unsafe GpioChip? Describe(string path, int number)
    {
        // struct gpiochip_info of linux/gpio.h: name, label, number of lines.
        const uint getChipInfo = 0x8044B401;
        const int nameLength = 32;
        int file = LibC.Open(path, LibC.ReadWrite | LibC.CloseOnExec);
        if (file < 0)
        {
            return null;
        }

        byte* info = stackalloc byte[2 * nameLength + sizeof(uint)];
        int result = LibC.Ioctl(file, getChipInfo, info);
        _ = LibC.Close(file);
        ReadOnlySpan<byte> label = new(info + nameLength, nameLength);
        int end = label.IndexOf((byte)0);
        return result < 0 ? null : new GpioChip(number, Encoding.UTF8.GetString(end < 0 ? label : label[..end]), (int)*(uint*)(info + 2 * nameLength));
    }
}

/// <summary>GPIO lines that cannot be had.</summary>
public sealed class GpioException(string message) : Exception(message);
