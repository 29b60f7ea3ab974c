using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Runtime.Tests;

/// <summary>
/// Runs a model an operator at a time over an arena and a scratch memory full of rubbish, and watches every byte: an operator writes its
/// output and nothing else, and what lies about does not change it.
/// </summary>
internal sealed class GuardedRun : IDisposable
{
    private readonly Interpreter _net;
    private readonly Random _rubbish;
    private readonly string _what;
    private byte[] _before = [];

    public GuardedRun(Model model, KernelPath path, sbyte[] input, string what = "", int threads = 1)
    {
        _what = what;
        _net = new Interpreter(model, path, threads, worthwhile: 0);
        _rubbish = new Random(path.Name.Sum(c => c));   // another rubbish on each path: who reads it gets other results
        _rubbish.NextBytes(_net.Arena);
        _net.SetInput(input);
    }

    /// <summary>Bytes of an activation as they are now.</summary>
    public sbyte[] Activation(int tensor) => _net.Activation(tensor).ToArray();

    /// <summary>Elements of an activation as they are now.</summary>
    public int[] Elements(int tensor)
    {
        ReadOnlySpan<sbyte> bytes = _net.Activation(tensor);
        int[] elements = new int[_net.Model.Tensors[tensor].Length];
        bool isWide = bytes.Length == 2 * elements.Length;
        for (int i = 0; i < elements.Length; i++)
        {
            elements[i] = isWide ? (byte)bytes[2 * i] | bytes[2 * i + 1] << 8 : bytes[i];
        }

        return elements;
    }

    /// <summary>Runs one operator.</summary>
    public void Step(int index)
    {
        ModelOperator op = _net.Model.Operators[index];
        TensorInfo output = _net.Model.Tensors[op.Output];
        if (_before.Length != _net.Arena.Length)
        {
            _before = new byte[_net.Arena.Length];
        }

        _net.Arena.CopyTo(_before);
        _net.Scratch.Fill((byte)_rubbish.Next(256));
        _net.RunOperator(index);
        (int start, int end) = (output.Offset, output.Offset + output.ByteLength);
        AssertUntouched(_before.AsSpan(0, start), _net.Arena[..start], 0, op, start, end);
        AssertUntouched(_before.AsSpan(end), _net.Arena[end..], end, op, start, end);
    }

    public void Dispose() => _net.Dispose();

    private void AssertUntouched(ReadOnlySpan<byte> before, ReadOnlySpan<byte> now, int first, ModelOperator op, int start, int end)
    {
        int at = before.CommonPrefixLength(now);
        Assert.True(at == before.Length, at == before.Length ? "" : $"{_what} {op} on {_net.Path} wrote arena byte {first + at}, "
            + $"{before[at]} became {now[at]}; its output is {start}..{end}");
    }
}
