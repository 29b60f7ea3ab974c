using System.Text.Json;
using EdgeConv.Converters.Networks;

namespace EdgeConv.Tests.Cli;

public sealed class ModelsTests
{
    [Fact]
    public void Models_lists_every_network_with_its_costs()
    {
        CliRun run = CliRun.Of("models");
        Assert.True(run.Code == 0, run.Errors);
        Assert.All(KnownNetworks.Names, name => Assert.Contains($"  {name} ", run.Output));
        Assert.Contains("138,357,544", run.Output);
        JsonElement[] all = [.. CliRun.Of("models", "--json", "--classes", "3").Json().EnumerateArray()];
        Assert.Equal(KnownNetworks.Names, all.Select(n => n.GetProperty("name").GetString()));
        Assert.All(all, n => Assert.Equal(3, n.GetProperty("classes").GetInt32()));
        Assert.Equal(61_111, all[0].GetProperty("parameters").GetInt64()); // 7 * 85 fewer
    }

    [Fact]
    public void A_size_that_a_network_cannot_have_is_said_beside_it()
    {
        CliRun run = CliRun.Of("models", "--size", "16", "--json");
        JsonElement alexnet = run.Json().EnumerateArray().Single(n => n.GetProperty("name").GetString() == "alexnet");
        Assert.Contains("the picture is too small", alexnet.GetProperty("problem").GetString());
    }

    [Fact]
    public void A_written_network_file_is_inspected_with_each_layers_arithmetic()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Path("my.net");
        Assert.Equal(0, CliRun.Of("models", "lenet5", "--write", file, "--classes", "4").Code);
        CliRun run = CliRun.Of("inspect", file);
        Assert.True(run.Code == 0, run.Errors);
        Assert.Contains("(28 + 2*2 - 5)/1 + 1 = 28; 6 * (5*5*1 + 1) = 156", run.Output);
        Assert.Equal(61_196, CliRun.Of("inspect", file, "--json").Json().GetProperty("parameters").GetInt64());
        Assert.Equal(78_186, CliRun.Of("inspect", "resnet8", "--json").Json().GetProperty("parameters").GetInt64());

        File.AppendAllText(file, "conv 3 3x3\n");
        CliRun.Of("inspect", file).Failed(1, $"{file}(14,1)", "no picture left");
        CliRun.Of("inspect", "resnet8", "--board", "esp32").Failed(2, "--board needs a model file");
    }

    [Fact]
    public void A_network_with_random_weights_is_written_and_converted()
    {
        using var folder = new TemporaryFolder();
        new Trainer.TinyDigits(0, 40).WriteTo(folder, "digits");
        Assert.Equal(0, CliRun.Of("models", "alexnet-cifar", "--width", "0.1", "--write", folder.Path("a.onnx")).Code);
        CliRun run = CliRun.Of("convert", folder.Path("a.onnx"), "-o", folder.Path("a.ecm"), "--calibrate", folder.Path("digits"), "--no-test");
        Assert.True(run.Code == 0, run.Errors);
        Assert.True(File.Exists(folder.Path("a.ecm")));
    }

    [Theory]
    [InlineData("models lenet6", "Unknown model 'lenet6'")]
    [InlineData("models --write x.net", "--write needs the name")]
    [InlineData("models lenet5 --write x.txt", "ends in .net or .onnx")]
    [InlineData("models lenet5 --size 12x", "--size is 12x")]
    [InlineData("models lenet5 --channels 2", "--channels is 2; 1 or 3")]
    [InlineData("models lenet5 --width 0", "--width is 0")]
    [InlineData("models lenet5 --connection-table", "belongs to lenet5-1998")]
    [InlineData("models lenet5 --classes 0", "--classes is 0")]
    public void A_mistake_is_answered_in_a_line(string line, string expected) => CliRun.Of(line.Split(' ')).Failed(2, expected);
}
