using System.Globalization;
using EdgeConv.Runtime.Preprocessing;
using StbImageWriteSharp;

namespace EdgeConv.Devices.Frames;

/// <summary>
/// Saves frames for training: FOLDER/CLASS/TIME-NUMBER.png, one folder a class, as the trainer reads it. Every frame is whole and as the camera
/// gave it, without loss: grey, or the red, green and blue that a network would see. A file appears complete or not at all, and none is ever replaced.
/// </summary>
public sealed class FrameFolder
{
    private readonly string _folder;
    private readonly PictureColors _colors = new();
    private readonly ImageWriter _writer = new();
    private readonly MemoryStream _file = new();
    private byte[] _pixels = [];

    /// <summary>Makes the folder of a class.</summary>
    /// <param name="root">Where the folders of all classes are.</param>
    /// <param name="className">One folder's name.</param>
    /// <exception cref="FrameException">The class is no name for a folder that the trainer reads.</exception>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be made.</exception>
    public FrameFolder(string root, string className)
    {
        if (!IsClassName(className))
        {
            throw new FrameException($"class '{className}' is no name for a folder; expected letters, digits, blanks, '-', '_' and '.', no '.' at the start.");
        }

        _folder = Path.Combine(root, className);
        Directory.CreateDirectory(_folder);
    }

    /// <summary>How many were saved.</summary>
    public int Count { get; private set; }

    /// <summary>Whether a class can be a folder of that name anywhere, and is none that data sets leave out.</summary>
    public static bool IsClassName(string name) =>
        name.Length is > 0 and <= 100 && name[0] is not ('.' or ' ') && name[^1] is not ('.' or ' ') && name != "__MACOSX"
        && name.All(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_' or '.');

    /// <summary>Saves one frame.</summary>
    /// <returns>The file.</returns>
    /// <exception cref="IOException">The disk does not take it; nothing is left behind.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder does not take it.</exception>
    public string Save(in Picture picture)
    {
        Encode(picture);
        // Time sorts; the random part keeps two cameras, or two programs, apart. Not from the cryptographic generator: that needs OpenSSL.
        string time = DateTime.UtcNow.ToString("yyyyMMdd'T'HHmmss.fff", CultureInfo.InvariantCulture);
        string name = $"{time}-{Count:D6}-{Guid.NewGuid().ToString("N")[..8]}";
        string target = Path.Combine(_folder, name + ".png");
        // Data sets leave out what begins with a dot, should the power go now.
        string temporary = Path.Combine(_folder, $".{name}.tmp");
        try
        {
            using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                stream.Write(_file.GetBuffer(), 0, (int)_file.Length);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, target, overwrite: false);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        Count++;
        return target;
    }

    private void Encode(in Picture picture)
    {
        PixelFormat format = PictureColors.FileFormat(picture.Format);
        int bytes = checked((int)format.ByteLength(picture.Width, picture.Height));
        if (_pixels.Length != bytes)
        {
            _pixels = new byte[bytes];
        }

        _colors.Convert(picture, _pixels);
        _file.SetLength(0);
        _writer.WritePng(
            _pixels, picture.Width, picture.Height, format == PixelFormat.Gray8 ? ColorComponents.Grey : ColorComponents.RedGreenBlue, _file);
    }
}
