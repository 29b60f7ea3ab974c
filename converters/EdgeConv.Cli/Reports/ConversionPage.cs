using EdgeConv.Cli.Models;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;

namespace EdgeConv.Cli.Reports;

/// <summary>The report of `convert` as a page, and its parts for others.</summary>
internal static class ConversionPage
{
    /// <summary>The page.</summary>
    public static string Write(Model model, QuantizationReport report)
    {
        Html page = new($"{model.Name}: what quantization cost", "Made by edgeconv convert.");
        List<(string, string)> facts = [(Units.Bytes(model.FileBytes), "flash"), (Units.Bytes(model.ArenaBytes), "arena (RAM)")];
        if (report is { FloatAccuracy: { } real, Int8Accuracy: { } quantized, Agreement: { } agreement })
        {
            facts.InsertRange(0, [(Units.Percent(real), "accuracy, float"), (Units.Percent(quantized), "accuracy, int8"),
                (Units.Percent(agreement), "same class as float")]);
        }

        page.Section("Result",
            Html.Facts(facts), Html.Paragraph(ConversionReport.Accuracies(report), soft: true), Html.Paragraph(Choices(report), soft: true));
        if (report.MixedPrecision is { } mixed)
        {
            page.Section($"For a drop of at most {Units.Number(mixed.MaxDropPoints)} points",
                Html.Paragraph(ConversionReport.Cost(mixed)),
                Html.Table(ConversionReport.StepTitles, mixed.Steps.Select(ConversionReport.Step)));
        }

        if (report.ComparedImages > 0)
        {
            page.Section("How close each layer is to float",
                Html.Paragraph("Signal over quantization noise (SQNR) of each layer's output, both computed from the picture on. "
                    + "6 dB are one bit.", soft: true),
                Charts.Bars(report.Layers.Select(layer => (layer.Name, layer.SqnrDecibels)), "dB", "SQNR of each layer"));
        }

        if (report.Sensitivity is { } sensitivity)
        {
            page.Section("What each layer alone costs", Sensitivity(report, sensitivity));
        }

        if (report.ComparedImages > 0)
        {
            page.Section("What the layers' values are, and what is clipped",
                Html.Paragraph($"Float values on {Units.Count(report.ComparedImages)} pictures, counts on a logarithmic scale. "
                    + "The numbers are the ends of what the integers hold; what lies in the shaded parts is clipped.", soft: true),
                Charts.Histograms(report.Layers));
        }

        if (report.Int8Confusion is { } integers)
        {
            string floats = report.FloatConfusion is { } counts ? Charts.Confusion("float", report.Classes, counts) : "";
            page.Section("Confusion",
                Html.Paragraph($"Rows: true class. Columns: answer. {Units.Count(report.TestImages)} pictures.", soft: true),
                $"<div class=\"confusions\">{floats}{Charts.Confusion("int8", report.Classes, integers)}</div>");
        }

        page.Section("Quantization, layer by layer", Layers(report));
        page.Section("Layers", Summary(model));
        return page.ToString();
    }

    /// <summary>Ranges and errors a layer.</summary>
    public static string Layers(QuantizationReport report)
    {
        (IReadOnlyList<string> titles, IReadOnlyList<IReadOnlyList<string>> rows) = ConversionReport.Layers(report);
        return Html.Table(titles, rows);
    }

    /// <summary>Shapes and sizes a layer.</summary>
    public static string Summary(Model model)
    {
        ModelSummary summary = ModelSummary.Of(model);
        IEnumerable<IReadOnlyList<string>> rows = summary.Layers.Select(layer => (IReadOnlyList<string>)
        [
            layer.Name, layer.Kind, layer.ShapeText(),
            Units.Count(layer.Parameters), Units.Count(layer.Macs), Units.Count(layer.WeightBytes),
        ]);
        string totals = $"{Units.Count(summary.Parameters)} parameters, {Units.Count(summary.Macs)} multiply-accumulates.";
        return Html.Table(["layer", "kind", "output", ">parameters", ">MACs", ">bytes"], rows) + Html.Paragraph(totals, soft: true);
    }

    private static IEnumerable<string> Sensitivity(QuantizationReport report, IReadOnlyList<LayerSensitivity> sensitivity) =>
    [
        Html.Paragraph($"SQNR of the network's answer when everything but this layer stays float, on {Units.Count(report.ComparedImages)} "
            + "pictures. The most sensitive first.", soft: true),
        Charts.Bars(sensitivity.Select(layer => (layer.Name, layer.OutputSqnrDecibels)), "dB", "SQNR of the answer a layer"),
        Html.Table(ConversionReport.SensitivityTitles, sensitivity.Select(ConversionReport.Sensitivity)),
    ];

    private static string Choices(QuantizationReport report)
    {
        if (report.TakenOver)
        {
            return string.Join(' ', [report.Method is null
                ? "The network arrived quantized: its integers and scales are those of its file."
                : $"The network arrived partly quantized; the other ranges come from {Units.Count(report.CalibrationImages)} pictures.",
                .. report.Notes]);
        }

        string method = ConversionRun.Methods.First(m => m.Value == report.Method).Key;
        string more = (report.Equalized ? ", channels equalized" : "") + (report.BiasCorrected ? ", biases corrected" : "");
        string activations = report.Activations switch
        {
            ActivationScheme.Symmetric => "symmetric",
            ActivationScheme.PowerOfTwo => "power-of-two",
            _ => "asymmetric",
        };
        return $"Ranges by {method} on {Units.Count(report.CalibrationImages)} pictures, {activations} activations{more}.";
    }
}
