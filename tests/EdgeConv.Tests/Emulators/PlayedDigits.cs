using EdgeConv.Converters.Data;
using EdgeConv.Devices.Deciding;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Tests.Emulators;

/// <summary>What is played into the emulated board's camera: MNIST digits as large as a frame, in the formats of cameras.</summary>
internal sealed class PlayedDigits
{
    public const int Width = 320;
    public const int Height = 240;
    private const float Sure = 0.9f;
    private const float Unsure = 0.55f;

    private readonly byte[][] _digits = new byte[10][];

    /// <summary>Chooses them for a model.</summary>
    public PlayedDigits(string modelPath)
    {
        using Model model = Model.Open(modelPath);
        using FrameClassifier classifier = new(model, KernelPath.Default);
        IDataSet data = DataSets.Open("mnist", Split.Test);
        byte[]? doubtful = null;
        for (int i = 0; doubtful is null || _digits.Any(digit => digit is null); i++)
        {
            byte[] frame = Enlarge(data.Load(i).Pixels.Span);
            int label = data.Label(i);
            if (_digits[label] is null && Formats.All(format => Best(frame, format) is { Confidence: > Sure } best && best.Class == label))
            {
                _digits[label] = frame;
            }

            doubtful ??= Formats.All(format => Best(frame, format).Confidence < Unsure) ? frame : null;
        }

        Doubtful = doubtful;

        (int Class, float Confidence) Best(byte[] gray, string format)
        {
            int best = classifier.Run(Frame(gray, format));
            return (best, classifier.Confidences[best]);
        }
    }

    /// <summary>Fourccs, as the kernel names them.</summary>
    public static IReadOnlyList<string> Formats { get; } = ["GREY", "YUYV", "RGB3"];

    /// <summary>A picture that the model is not sure of, whatever the format.</summary>
    public byte[] Doubtful { get; }

    /// <summary>Of each class, grey pixels of a digit that the model is sure of here.</summary>
    public byte[] this[int digit] => _digits[digit];

    /// <summary>What a camera of that format would send of a grey picture.</summary>
    public static Picture Frame(byte[] gray, string format) => format switch
    {
        "GREY" => new Picture(gray, Width, Height, PixelFormat.Gray8),
        "RGB3" => new Picture((byte[])[.. gray.SelectMany(value => (byte[])[value, value, value])], Width, Height, PixelFormat.Rgb24),
        _ => new Picture((byte[])[.. gray.SelectMany(value => (byte[])[(byte)(16 + value * 219 / 255), 128])], Width, Height, PixelFormat.Yuyv),
    };

    private static byte[] Enlarge(ReadOnlySpan<byte> digit)
    {
        byte[] frame = new byte[Width * Height];
        for (int i = 0; i < frame.Length; i++)
        {
            frame[i] = digit[i / Width * 28 / Height * 28 + i % Width * 28 / Width];
        }

        return frame;
    }
}
