using System.Text.Json;
using System.Text.RegularExpressions;
using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx;
using EdgeConv.Runtime.Preprocessing;
using EdgeConv.Tests.Converters;

namespace EdgeConv.Tests.Cli;

/// <summary>`visualize` from the outside.</summary>
public sealed class VisualizeCommandTests(TinyLeNet lenet) : IClassFixture<TinyLeNet>
{
    [Fact]
    public void The_page_stands_alone_and_its_pictures_decode()
    {
        string page = lenet.At("alone.html");
        CliRun run = CliRun.Of("visualize", lenet.Onnx, "--data", lenet.Pictures, "-o", page, "--model", lenet.Model);
        Assert.True(run.Code == 0, run.Errors);
        Assert.Contains("conv1", run.Output);
        Assert.Contains("14x14", run.Output);

        string text = File.ReadAllText(page);
        Assert.DoesNotContain("http", text);
        Assert.DoesNotContain("<script", text);
        Assert.DoesNotContain(" src=\"", text);
        MatchCollection pictures = Regex.Matches(text, @"url\(data:image/png;base64,([^)]*)\)");
        Assert.Equal(text.Split("url(").Length - 1, pictures.Count);
        Assert.True(pictures.Count >= 8, $"{pictures.Count} pictures");
        Assert.All(pictures, match => PictureFile.Decode(System.Convert.FromBase64String(match.Groups[1].Value), "picture of the page"));
        foreach (string heading in (string[])["conv1", "conv2", "Filters of the first layer", "What speaks for the answer", "Confusion"])
        {
            Assert.Contains(heading, text);
        }

        Assert.DoesNotContain("Training", text);
    }

    [Fact]
    public void Programs_get_the_ranking_of_all_units_and_no_model_is_needed()
    {
        JsonElement json = CliRun.Of(
            "visualize", lenet.Onnx, "--data", lenet.Pictures, "-o", lenet.At("json.html"), "--images", "10", "--units", "2", "--json").Json();
        Assert.Equal(10, json.GetProperty("images").GetInt32());
        JsonElement[] layers = [.. json.GetProperty("layers").EnumerateArray()];
        Assert.Equal([6, 16], layers.Select(layer => layer.GetProperty("units").GetArrayLength()));
        Assert.Equal([5, 14], layers.Select(layer => layer.GetProperty("receptiveField").GetProperty("rows").GetProperty("size").GetInt32()));
        foreach (JsonElement layer in layers)
        {
            int[] changed = [.. layer.GetProperty("units").EnumerateArray().Select(unit => unit.GetProperty("changed").GetInt32())];
            Assert.Equal(changed.OrderDescending(), changed);
            JsonElement first = layer.GetProperty("units")[0].GetProperty("float")[0];
            Assert.InRange(first.GetProperty("picture").GetInt32(), 0, 29);
        }

        Assert.Equal(4, File.ReadAllText(lenet.At("json.html")).Split("class=\"unit\"").Length - 1);
    }

    [Fact]
    public void A_run_folder_brings_its_curve_and_a_picture_of_one_s_own_comes_first()
    {
        string run = Directory.CreateDirectory(lenet.At("run-with-metrics")).FullName, page = lenet.At("curve.html");
        File.Copy(lenet.Onnx, Path.Combine(run, "model.onnx"));
        File.WriteAllText(Path.Combine(run, "metrics.json"), """
            { "epochs": [ { "trainLoss": 1.5, "validationLoss": 1.25, "trainAccuracy": 0.5, "validationAccuracy": 0.625 },
              { "trainLoss": 1, "validationLoss": 0.75, "trainAccuracy": 0.75, "validationAccuracy": 0.875 } ], "testAccuracy": 0.8 }
            """);
        Assert.Equal(0, CliRun.Of("visualize", run, "--data", lenet.Pictures, "-o", page, "--picture", lenet.Picture).Code);
        string text = File.ReadAllText(page);
        Assert.Contains("validation 0.750", text);
        Assert.Contains("validation 87.50 %", text);
        Assert.Contains("your picture", text);

        File.WriteAllText(Path.Combine(run, "metrics.json"), "{ \"epochs\": [");
        CliRun broken = CliRun.Of("visualize", run, "--data", lenet.Pictures, "-o", page);
        Assert.Equal(0, broken.Code);
        Assert.Contains("has no training curve", broken.Errors);
    }

    [Theory]
    [InlineData("residual")]
    [InlineData("inception")]
    [InlineData("separable")]
    [InlineData("mobile")]
    public void Networks_with_branches_and_colours_are_shown(string architecture)
    {
        string onnx = lenet.At($"{architecture}.onnx"), page = lenet.At($"{architecture}.html");
        Graph graph = new ArchitectureBuilder(11).Build(architecture).Import();
        float[] half = [0.5f, 0.5f, 0.5f];
        OnnxWriter.Write(graph with { Picture = new PictureInput(new PictureLayout(16, 16, ColorOrder.Bgr), half, half) }, onnx);
        JsonElement json = CliRun.Of("visualize", onnx, "--data", lenet.Pictures, "-o", page, "--units", "3", "--json").Json();
        Assert.Equal(30, json.GetProperty("images").GetInt32());
        int layers = json.GetProperty("layers").GetArrayLength();
        Assert.True(layers >= 4, $"{layers} layers");
        Assert.Contains("sheet-maps0", File.ReadAllText(page));
    }

    [Fact]
    public void Mistakes_are_named()
    {
        string page = lenet.At("mistakes.html");
        string[] good = ["visualize", lenet.Onnx, "--data", lenet.Pictures, "-o", page];
        CliRun.Of([.. good, "--images", "0"]).Failed(2, "--images is 0");
        CliRun.Of([.. good, "--units", "0"]).Failed(2, "--units is 0");
        CliRun.Of([.. good, "--model", lenet.ColorModel]).Failed(1, "takes pictures as", "Name the .ecm that was converted from this network");
        CliRun.Of([.. good, "--picture", lenet.At("missing.png")]).Failed(1, "missing.png");
        CliRun.Of("visualize", lenet.Model, "--data", lenet.Pictures, "-o", page).Failed(1, "is a model file already; expected the run folder");
        CliRun.Of("visualize", lenet.Onnx, "--data", lenet.At("nowhere"), "-o", page).Failed(1, "nowhere");
        Assert.False(File.Exists(page));
    }

    [Fact]
    public void Ctrl_C_leaves_nothing()
    {
        string page = lenet.At("stopped.html");
        using CancellationTokenSource stop = new();
        stop.Cancel();
        CliRun run = CliRun.Of(stop.Token, "visualize", lenet.Onnx, "--data", lenet.Pictures, "-o", page, "--model", lenet.Model);
        Assert.Equal(130, run.Code);
        Assert.Empty(Directory.GetFiles(lenet.Folder, "*stopped*"));
    }
}
