using System.Text;

namespace EdgeConv.Tests;

/// <summary>Text that threads write while the test reads it.</summary>
internal sealed class SharedLog : TextWriter
{
    private readonly StringBuilder _text = new();
    private readonly Lock _turn = new();

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value)
    {
        lock (_turn)
        {
            _text.Append(value);
        }
    }

    public override void Write(string? value)
    {
        lock (_turn)
        {
            _text.Append(value);
        }
    }

    public override void WriteLine(string? value) => Write(value + NewLine);

    public override string ToString()
    {
        lock (_turn)
        {
            return _text.ToString();
        }
    }
}
