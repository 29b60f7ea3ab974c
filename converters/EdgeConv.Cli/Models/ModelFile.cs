using EdgeConv.Devices.Updating;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Format;

namespace EdgeConv.Cli.Models;

/// <summary>Opens model files with messages for people.</summary>
internal static class ModelFile
{
    /// <summary>Opens and checks a model.</summary>
    /// <exception cref="FailureException">Missing, unreadable or not a valid model; the message names the file.</exception>
    public static Model Open(string path)
    {
        if (Directory.Exists(path))
        {
            throw new FailureException($"'{path}' is a folder, a model file (.ecm) was expected. `edgeconv convert {path} -o model.ecm "
                + "--calibrate DATA` makes one from a run folder.");
        }

        if (!File.Exists(path))
        {
            throw new FailureException($"there is no model file '{path}'. "
                + "`edgeconv convert` makes one, `edgeconv quickstart` a first one.");
        }

        if (IsOnnx(path))
        {
            throw new FailureException($"'{path}' is an ONNX model, a .ecm was expected. "
                + $"`edgeconv convert {path} -o {Path.ChangeExtension(Path.GetFileName(path), ".ecm")} --calibrate DATA` converts it.");
        }

        if (IsTfLite(path))
        {
            throw new FailureException($"'{path}' is a TFLite model, a .ecm was expected. "
                + $"`edgeconv convert {path} -o {Path.ChangeExtension(Path.GetFileName(path), ".ecm")}` converts it.");
        }

        if (SignedModel.IsPackage(path))
        {
            throw new FailureException($"'{path}' is a package for boards, or a signature; the model that it was made from (.ecm) was expected. `edgeconv inspect` shows what is in a package.");
        }

        try
        {
            return Model.Open(path);
        }
        catch (ModelFormatException exception)
        {
            throw new FailureException(
                $"'{path}' is not a model that this version runs: {exception.Message}. Copy or convert it again.", exception);
        }
    }

    /// <summary>Whether a path names a TFLite model.</summary>
    public static bool IsTfLite(string path) => path.EndsWith(".tflite", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a path names an ONNX model.</summary>
    public static bool IsOnnx(string path) => path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase);
}
