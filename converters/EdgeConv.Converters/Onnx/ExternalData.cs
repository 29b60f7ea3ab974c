using System.Globalization;
using EdgeConv.Converters.Onnx.Proto;

namespace EdgeConv.Converters.Onnx;

/// <summary>Where a tensor has its data outside the ONNX file: the entries of its external_data.</summary>
/// <param name="Location">The data file, by a path from the ONNX file's folder.</param>
/// <param name="Offset">Where the data begins in it.</param>
/// <param name="Length">Bytes; null for all to the end of the file.</param>
internal readonly record struct ExternalData(string Location, long Offset, long? Length)
{
    /// <summary>Whether a tensor has its data in another file.</summary>
    public static bool IsIn(TensorProto tensor) => tensor.DataLocation == TensorProto.Types.DataLocation.External;

    /// <summary>Reads the entries. A checksum is left unread: it is of the whole data file, and exporters write none.</summary>
    /// <exception cref="OnnxImportException">They name no file in the ONNX file's folder, or the numbers are none.</exception>
    public static ExternalData Of(TensorProto tensor, string file)
    {
        (string location, long offset, long? length) = ("", 0, null);
        foreach (StringStringEntryProto entry in tensor.ExternalData)
        {
            switch (entry.Key)
            {
                case "location":
                    location = entry.Value;
                    break;
                case "offset":
                    offset = Number(entry, tensor, file);
                    break;
                case "length":
                    length = Number(entry, tensor, file);
                    break;
            }
        }

        if (location.Length == 0)
        {
            throw new OnnxImportException($"{file}: the data of '{tensor.Name}' is in another file, and it does not say in which (its location is empty). "
                + "Export the network anew.");
        }

        return LeadsOut(location)
            ? throw new OnnxImportException($"{file}: the data of '{tensor.Name}' is said to be in '{location}'; only a file in the folder of {file} is "
                + "read, named by a relative path without '..'.")
            : new ExternalData(location, offset, length);
    }

    private static long Number(StringStringEntryProto entry, TensorProto tensor, string file) =>
        long.TryParse(entry.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw new OnnxImportException($"{file}: the data of '{tensor.Name}' is in another file, with the {entry.Key} '{entry.Value}'; "
                + "a whole number of bytes is expected.");

    // Paths of Windows as well, wherever this runs: a file is refused everywhere or nowhere.
    private static bool LeadsOut(string location) =>
        location.Contains('\0') || location[0] is '/' or '\\' || location.AsSpan(1).StartsWith(":") || location.Split('/', '\\').Contains("..");
}
