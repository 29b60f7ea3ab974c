using System.Text.Json;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters.Quantization;

namespace EdgeConv.Cli.Models;

/// <summary>The report that `convert` leaves beside a model file.</summary>
internal static class ReportFile
{
    /// <summary>The report, if it is of this model file; else why it was left out, or nothing at all where there is none.</summary>
    /// <param name="model">Path of the model file.</param>
    /// <param name="hash">SHA-256 of its bytes.</param>
    public static (QuantizationReport? Report, string? Note) Beside(string model, string hash)
    {
        string file = Path.ChangeExtension(model, ".report.json");
        if (!File.Exists(file))
        {
            return (null, null);
        }

        try
        {
            QuantizationReport? report = Terminal.FromJson<QuantizationReport>(File.ReadAllText(file));
            return report?.Origin is null ? (null, $"{Path.GetFileName(file)} is of a version that did not say which model it is of; it is left out.")
                : report.Origin.ModelSha256 != hash ? (null, $"{Path.GetFileName(file)} is of another model file; it is left out.")
                : (report, null);
        }
        catch (JsonException error)
        {
            return (null, $"{Path.GetFileName(file)} cannot be read ({error.Message}); it is left out.");
        }
    }
}
