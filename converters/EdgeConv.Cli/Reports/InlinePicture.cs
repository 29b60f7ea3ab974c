using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Cli.Reports;

/// <summary>Pictures as addresses that hold their own bytes.</summary>
internal static class InlinePicture
{
    /// <summary>A PNG of a picture, as an address.</summary>
    public static string Png(in Picture picture) => Address(PngFile.Encode(picture));

    /// <summary>The bytes of a PNG file.</summary>
    public static string Address(byte[] png) => $"data:image/png;base64,{Convert.ToBase64String(png)}";
}
