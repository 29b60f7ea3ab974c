using System.Globalization;
using System.Text;

namespace EdgeConv.Devices.Updating;

/// <summary>A slot and what is in it.</summary>
internal sealed record Slot(string File, InstalledPackage Package);

/// <summary>Which slot runs, and how its trial does: one small file that is replaced as a whole, so that a switch is one rename.</summary>
internal sealed record SlotState
{
    private const string Magic = "edgeconv-slots 1";

    /// <summary>How the newest package does.</summary>
    public TrialState State { get; init; }

    /// <summary>What runs.</summary>
    public Slot? Current { get; init; }

    /// <summary>What a trial that fails goes back to.</summary>
    public Slot? Previous { get; init; }

    /// <summary>The package that failed its trial.</summary>
    public InstalledPackage? Failed { get; init; }

    /// <summary>The highest version that was confirmed here.</summary>
    public long Highest { get; init; }

    /// <summary>Starts of the trial that did not end well, or have not ended.</summary>
    public int Starts { get; init; }

    /// <summary>Why it failed.</summary>
    public string Note { get; init; } = "";

    /// <summary>Whether a model failed its trial here: the last one that did, or the one that runs for want of a better.</summary>
    /// <param name="hash">The model's.</param>
    public bool HasFailed(string hash) => Failed?.ModelHash == hash || (State == TrialState.NoWayBack && Current?.Package.ModelHash == hash);

    /// <summary>The file's bytes.</summary>
    public byte[] Bytes()
    {
        StringBuilder text = new();
        text.Append(Magic).Append('\n');
        text.Append(CultureInfo.InvariantCulture, $"state {(int)State}\nhighest {Highest}\nstarts {Starts}\n");
        Add("current", Current?.Package, Current?.File);
        Add("previous", Previous?.Package, Previous?.File);
        Add("failed", Failed, "-");
        text.Append("note ").Append(string.Concat(Note.Select(letter => char.IsControl(letter) ? ' ' : letter))).Append("\nend\n");
        return Encoding.UTF8.GetBytes(text.ToString());

        void Add(string key, InstalledPackage? package, string? file) => text.Append(CultureInfo.InvariantCulture,
            $"{key} {(package is null ? "-" : $"{file} {package.Version} {package.ModelHash} {package.Name}")}\n");
    }

    /// <summary>Reads a file.</summary>
    /// <returns>Null where it is damaged.</returns>
    public static SlotState? Parse(ReadOnlySpan<byte> bytes)
    {
        string[] lines = Encoding.UTF8.GetString(bytes).Split('\n');
        string Value(int line, string key) => lines[line].StartsWith(key + " ", StringComparison.Ordinal) ? lines[line][(key.Length + 1)..] : throw new FormatException(key);
        long Number(int line, string key) => long.Parse(Value(line, key), NumberStyles.None, CultureInfo.InvariantCulture);
        Slot? At(int line, string key) => Value(line, key) is var text && text == "-" ? null : Slot(text.Split(' ', 4));
        try
        {
            SlotState state = new()
            {
                State = (TrialState)Number(1, "state"),
                Highest = Number(2, "highest"),
                Starts = (int)Number(3, "starts"),
                Current = At(4, "current"),
                Previous = At(5, "previous"),
                Failed = At(6, "failed")?.Package,
                Note = Value(7, "note"),
            };
            // One way to write it, as with heads: a file that was cut or changed is not this.
            return state.Bytes().AsSpan().SequenceEqual(bytes) ? state : null;
        }
        catch (Exception error) when (error is FormatException or IndexOutOfRangeException or OverflowException)
        {
            return null;
        }
    }

    private static Slot Slot(string[] words) =>
        new(words[0], new InstalledPackage(words[3], long.Parse(words[1], NumberStyles.None, CultureInfo.InvariantCulture), words[2]));
}
