using EdgeConv.Converters.Onnx.Proto;
using Google.Protobuf;

namespace EdgeConv.Converters.Onnx;

/// <summary>Where an ONNX file has its weights: in itself, or in files beside it, as PyTorch's exporter puts them into model.onnx.data.</summary>
public static class OnnxWeights
{
    /// <summary>The files beside an ONNX file that have weights of it.</summary>
    /// <returns>Full paths without links, in order.</returns>
    /// <exception cref="OnnxImportException">The file cannot be read, or one of them is missing, too short or elsewhere.</exception>
    public static IReadOnlyList<string> Files(string path) => OnnxFile.Use(path, (model, data) =>
    {
        data.Attach(model);
        return data.Paths.ToArray();
    });

    /// <summary>What is wrong with the files beside an ONNX file, for those who have another engine read it.</summary>
    /// <returns>Null where nothing is, or the file itself is no ONNX file.</returns>
    public static string? Problem(string path)
    {
        try
        {
            return OnnxFile.Use(path, (model, data) =>
            {
                try
                {
                    data.Attach(model);
                    return null;
                }
                catch (OnnxImportException e)
                {
                    return e.Message;
                }
            });
        }
        catch (OnnxImportException)
        {
            return null;
        }
    }

    /// <summary>Copies an ONNX file; weights that are beside it are in the copy itself.</summary>
    /// <exception cref="OnnxImportException">They cannot be read.</exception>
    /// <exception cref="IOException">The file cannot be copied.</exception>
    public static void CopyWhole(string path, string copy)
    {
        if (Files(path).Count == 0)
        {
            File.Copy(path, copy);
            return;
        }

        // Not by OnnxFile, which leaves out what we do not know.
        using FileStream source = File.OpenRead(path), target = new(copy, FileMode.CreateNew);
        using var data = new OnnxDataFiles(path);
        ModelProto model = ModelProto.Parser.ParseFrom(source);
        data.Attach(model);
        model.WriteTo(target);
    }
}
