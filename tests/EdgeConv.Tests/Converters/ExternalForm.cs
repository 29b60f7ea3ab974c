using System.Globalization;
using EdgeConv.Converters.Onnx;
using EdgeConv.Converters.Onnx.Proto;
using Google.Protobuf;

namespace EdgeConv.Tests.Converters;

/// <summary>Writes ONNX files with their weights in other files, as other exporters do: shapes and the like stay where they are.</summary>
internal static class ExternalForm
{
    private const int Page = 4096, Small = 100;

    /// <summary>Puts everything into MODEL.onnx.data, larger tensors at the beginning of a page.</summary>
    public static string WriteTogether(ModelProto model, string path, int least = Small)
    {
        string location = $"{Path.GetFileName(path)}.data";
        using FileStream data = File.Create(path + ".data");
        ModelProto copy = model.Clone();
        foreach (TensorProto tensor in OnnxDataFiles.Tensors(copy).Where(tensor => tensor.RawData.Length >= least))
        {
            int step = tensor.RawData.Length > Page ? Page : 1;
            data.Position = (data.Position + step - 1) / step * step;
            string offset = data.Position.ToString(CultureInfo.InvariantCulture);
            string length = tensor.RawData.Length.ToString(CultureInfo.InvariantCulture);
            tensor.RawData.WriteTo(data);
            PointTo(tensor, ("location", location), ("offset", offset), ("length", length));
        }

        return Write(copy, path);
    }

    /// <summary>Puts each tensor into a file of its own, in a folder below.</summary>
    public static string WriteEach(ModelProto model, string path, int least = Small)
    {
        Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(path)!, "weights"));
        ModelProto copy = model.Clone();
        foreach ((int i, TensorProto tensor) in OnnxDataFiles.Tensors(copy).Where(tensor => tensor.RawData.Length >= least).Index())
        {
            string location = $"weights/{i}.bin";
            File.WriteAllBytes(Path.Combine(Path.GetDirectoryName(path)!, location), tensor.RawData.ToByteArray());
            PointTo(tensor, ("location", location), ("checksum", "0123"));
        }

        return Write(copy, path);
    }

    /// <summary>Writes the file as it is, once its only initializer says where its data lies.</summary>
    public static string Write(ModelProto model, string path, params (string Key, string Value)[] entries)
    {
        PointTo(model.Graph.Initializer.Single(), entries);
        return Write(model, path);
    }

    /// <summary>Takes the data out of a tensor and says where it lies.</summary>
    public static void PointTo(TensorProto tensor, params (string Key, string Value)[] entries)
    {
        tensor.RawData = ByteString.Empty;
        tensor.DataLocation = TensorProto.Types.DataLocation.External;
        tensor.ExternalData.Clear();
        tensor.ExternalData.Add(entries.Select(entry => new StringStringEntryProto { Key = entry.Key, Value = entry.Value }));
    }

    private static string Write(ModelProto model, string path)
    {
        File.WriteAllBytes(path, model.ToByteArray());
        return path;
    }
}
