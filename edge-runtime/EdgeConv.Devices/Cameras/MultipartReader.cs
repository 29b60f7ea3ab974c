using System.Globalization;
using System.Text;
using EdgeConv.Devices.Frames;

namespace EdgeConv.Devices.Cameras;

/// <summary>Parts of a multipart/x-mixed-replace stream (RFC 2046, section 5.1), each of them a JPEG; with a Content-Length or without.</summary>
internal sealed class MultipartReader(Stream stream, string boundary)
{
    private const int MostLine = 4096;
    private const int MostLines = 64;
    private const int MostFrame = 32 << 20;

    private readonly byte[] _delimiter = Encoding.ASCII.GetBytes("\r\n--" + boundary.TrimStart('-'));
    private byte[] _buffer = new byte[64 << 10];
    private int _start;
    private int _end;

    /// <summary>Reads the next part.</summary>
    /// <exception cref="FrameException">The stream ends, or is no such stream.</exception>
    public void Read(FrameBuffer frame)
    {
        int? length = ReadHeader();
        if (length is null)
        {
            ReadToDelimiter(frame);
            return;
        }

        Span<byte> bytes = frame.Resize(length.Value);
        int have = Math.Min(length.Value, _end - _start);
        _buffer.AsSpan(_start, have).CopyTo(bytes);
        _start += have;
        if (stream.ReadAtLeast(bytes[have..], length.Value - have, throwOnEndOfStream: false) < length.Value - have)
        {
            throw new FrameException("the stream ends within a frame.");
        }
    }

    /// <summary>Up to the empty line behind a boundary's headers.</summary>
    /// <returns>The part's length, where it says so.</returns>
    private int? ReadHeader()
    {
        int? length = null;
        bool isInPart = false;
        for (int lines = 0; lines < MostLines; lines++)
        {
            string line = ReadLine();
            if (!isInPart)
            {
                // Some servers write the boundary's own hyphens twice, some once.
                isInPart = line.StartsWith("--", StringComparison.Ordinal) && line.TrimStart('-').StartsWith(boundary.TrimStart('-'), StringComparison.Ordinal);
            }
            else if (line.Length == 0)
            {
                return length;
            }
            else if (line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
            {
                length = int.TryParse(line.AsSpan("Content-Length:".Length).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int value)
                    && value is > 0 and <= MostFrame
                    ? value
                    : throw new FrameException($"a frame says '{line}'; expected 1 to {MostFrame} bytes.");
            }
        }

        throw new FrameException("no frame begins where one should; expected a stream of JPEG (multipart/x-mixed-replace).");
    }

    private string ReadLine()
    {
        for (int seen = 0; ;)
        {
            int at = _buffer.AsSpan(_start + seen, _end - _start - seen).IndexOf((byte)'\n');
            if (at >= 0)
            {
                string line = Encoding.Latin1.GetString(_buffer, _start, seen + at).TrimEnd('\r');
                _start += seen + at + 1;
                return line;
            }

            seen = _end - _start;
            if (seen > MostLine)
            {
                throw new FrameException("no frame begins where one should; expected a stream of JPEG (multipart/x-mixed-replace).");
            }

            Fill();
        }
    }

    private void ReadToDelimiter(FrameBuffer frame)
    {
        for (int seen = 0; ;)
        {
            int from = Math.Max(0, seen - _delimiter.Length);
            int at = _buffer.AsSpan(_start + from, _end - _start - from).IndexOf(_delimiter);
            if (at >= 0)
            {
                int length = from + at;
                _buffer.AsSpan(_start, length).CopyTo(frame.Resize(length));
                // The boundary's line itself is the next header's.
                _start += length + 2;
                return;
            }

            seen = _end - _start;
            if (seen > MostFrame)
            {
                throw new FrameException($"a frame has more than {MostFrame} bytes.");
            }

            Fill();
        }
    }

    private void Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, 2 * _buffer.Length);
        }

        int read = stream.Read(_buffer, _end, _buffer.Length - _end);
        _end += read > 0 ? read : throw new FrameException("the stream ends.");
    }
}
