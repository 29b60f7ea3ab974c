using EdgeConv.Devices.Updating;

namespace EdgeConv.Tests.Devices.Updating;

/// <summary>The power goes.</summary>
internal sealed class PowerCut : Exception;

/// <summary>
/// A disk that the power leaves at a chosen instant: what was not brought to it by then is gone, half there or there, as the test wants. Every
/// write passes four instants, every rename and removal three.
/// </summary>
internal sealed class ForgetfulDisk : ISlotDisk
{
    /// <summary>Ways in which what was not synced may be found again.</summary>
    public const int Fates = 10;

    private readonly Dictionary<string, Content> _names = [];
    private readonly Dictionary<string, Content> _stableNames = [];
    private readonly int _cutAt;
    private readonly int _fate;
    private int _instant;

    /// <param name="cutAt">The instant of the power cut; -1 for never.</param>
    /// <param name="fate">What becomes of what was not synced.</param>
    public ForgetfulDisk(int cutAt = -1, int fate = 0) => (_cutAt, _fate) = (cutAt, fate);

    /// <summary>Instants that have passed.</summary>
    public int Instants => _instant;

    /// <summary>A disk whose writes do not reach it before the names do: a test of the test.</summary>
    public bool IsLazy { get; init; }

    /// <summary>Bytes that it holds.</summary>
    public long Size { get; init; } = long.MaxValue;

    public long Free => Size - _names.Values.Sum(content => (long)content.Bytes.Length);

    /// <summary>What is found after the cut.</summary>
    public ForgetfulDisk Survivors()
    {
        ForgetfulDisk disk = new() { Size = Size };
        foreach ((string name, Content content) in _fate % 2 == 0 ? _stableNames : _names)
        {
            byte[] bytes = content.Found(_fate / 2);
            disk._names[name] = disk._stableNames[name] = new Content { Bytes = bytes, Stable = bytes };
        }

        return disk;
    }

    public byte[]? Read(string name) => _names.GetValueOrDefault(name)?.Bytes;

    public void Write(string name, Action<Stream> write)
    {
        using MemoryStream stream = new();
        write(stream);
        byte[] bytes = stream.ToArray();
        Content content = _names.TryGetValue(name, out Content? there) ? there : _names[name] = new Content();
        content.Bytes = [];
        Pass();
        content.Bytes = bytes[..(bytes.Length / 2)];
        Pass();
        content.Bytes = bytes;
        Pass();
        content.Stable = IsLazy ? content.Stable : bytes;
        Pass();
    }

    public void Rename(string from, string to)
    {
        Pass();
        _names[to] = _names[from];
        _names.Remove(from);
        Pass();
        SyncNames();
        Pass();
    }

    public void Delete(string name)
    {
        Pass();
        _names.Remove(name);
        Pass();
        SyncNames();
        Pass();
    }

    private void SyncNames()
    {
        _stableNames.Clear();
        foreach ((string name, Content content) in _names)
        {
            _stableNames.Add(name, content);
        }
    }

    private void Pass()
    {
        if (_instant++ == _cutAt)
        {
            throw new PowerCut();
        }
    }

    private sealed class Content
    {
        /// <summary>As programs see it.</summary>
        public byte[] Bytes { get; set; } = [];

        /// <summary>As it was synced last; null where it never was.</summary>
        public byte[]? Stable { get; set; }

        public byte[] Found(int fate) => ReferenceEquals(Bytes, Stable) ? Bytes : fate switch
        {
            0 => [],
            1 => Bytes,
            2 => Bytes[..(Bytes.Length / 3)],
            3 => new byte[Bytes.Length],
            _ => Stable ?? [],
        };
    }
}
