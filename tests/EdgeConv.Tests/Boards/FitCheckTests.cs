using EdgeConv.Arm64Bench;
using EdgeConv.BenchNetworks;
using EdgeConv.Converters.Boards;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Converters.CodeGen.Nano;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Tests.Cli;

namespace EdgeConv.Tests.Boards;

/// <summary>Bytes are exact, estimates have ends, and a model that is too large is told by its layer.</summary>
public sealed class FitCheckTests(TinyLeNet lenet) : IClassFixture<TinyLeNet>
{
    [Fact]
    public void An_esp32_needs_what_is_exported_for_it()
    {
        using Model model = Model.Open(lenet.Model);
        Fit fit = FitCheck.Run(model, KnownBoards.Find("esp32"));
        NanoProject project = NanoExport.Create(model, new NanoGoal(Board: fit.Board));
        Assert.True(fit.Fits, string.Join(" ", fit.Problems));
        Assert.Equal((project.FlashBytes, project.RamBytes), (fit.FlashBytes, fit.RamBytes));
        Assert.Equal((project.Time!.LowSeconds, project.Time.HighSeconds), (fit.Time!.LowSeconds, fit.Time.HighSeconds));
    }

    [Theory]
    [InlineData("pico", "cortex-m0plus")]
    [InlineData("pico2", "cortex-m33")]
    [InlineData("nrf52840", "cortex-m4")]
    [InlineData("stm32f746g-disco", "cortex-m7")]
    public void A_Cortex_M_needs_what_is_exported_for_it(string id, string cpu)
    {
        using Model model = Model.Open(lenet.Model);
        Fit fit = FitCheck.Run(model, KnownBoards.Find(id));
        CProject project = CExport.Create(model, goal: new CGoal(cpu));
        Assert.Equal(project.TableBytes, fit.Flash.Single(need => need.Name == "tables").Bytes);
        Assert.Equal(project.ArenaBytes, fit.RamBytes);
        Assert.Equal(project.Choices.Sum(layer => layer.Instructions) * KnownBoards.Speed(fit.Board).CyclesAStep!.Low / fit.Board.ClockHz, fit.Time!.LowSeconds, 1e-12);
    }

    [Fact]
    public void LeNet_counts_are_the_known_ones()
    {
        using Model model = Model.Open(lenet.Model);
        LayerCost[] layers = [.. model.Operators.Select(step => LayerCost.Of(model, step))];
        Assert.Equal(416_520, layers.Sum(layer => layer.Macs));
        Assert.Equal(61_706, layers.Sum(layer => layer.Parameters));
    }

    // Of the large networks only the layers, which are the first five rows of the bench.
    public static TheoryData<string, string> Modelled => new(
        from cpu in new[] { "a53", "a72", "a76" }
        from network in BenchNetwork.All
        where network.Name is not ("alexnet" or "vgg16")
        select (cpu, network.Name));

    [Theory]
    [MemberData(nameof(Modelled))]
    public void The_range_holds_what_the_bench_modelled(string cpu, string network)
    {
        BenchResults results = BenchResults.Read(RepositoryFolder.Path("tests", "arm64-bench", "results"), cpu)!;
        Board board = KnownBoards.All.First(board => board.Speed == $"cortex-{cpu}");
        using Model model = Model.Load(Lowering.Lower(BenchNetwork.Quantize(BenchNetwork.Parse(network).Build()), new LoweringOptions()));
        TimeEstimate time = TimeEstimate.Of([.. model.Operators.Select(step => LayerCost.Of(model, step))], board);
        Assert.InRange(results.Ours(network)!.MostCycles / (double)board.ClockHz, time.LowSeconds, time.HighSeconds);
    }

    [Theory]
    [MemberData(nameof(BoardIds))]
    public void LeNet_fits_every_board_and_its_time_is_a_range(string id)
    {
        using Model model = Model.Open(lenet.Model);
        Fit fit = FitCheck.Run(model, KnownBoards.Find(id));
        Assert.True(fit.Fits, string.Join(" ", fit.Problems));
        Assert.True(0 < fit.Time!.LowSeconds && fit.Time.LowSeconds < fit.Time.Seconds && fit.Time.Seconds < fit.Time.HighSeconds);
        Assert.Equal(fit.Time.HighSeconds, fit.Time.Seconds * fit.Time.Factor, 1e-9);
        Assert.Equal(fit.Board.Target == BoardTarget.Agent, fit.Memory.Any(need => need.Name == "packed"));
    }

    public static TheoryData<string> BoardIds => [.. KnownBoards.All.Select(board => board.Id)];

    [Fact]
    public void Working_bytes_are_the_interpreters_on_every_path_of_this_machine()
    {
        using Model model = Model.Open(lenet.Model);
        foreach (KernelPath path in KernelPath.All.Where(path => path.IsSupported))
        {
            using Interpreter interpreter = new(model, path);
            Assert.Equal(interpreter.WorkingMemory, path.WorkingMemory(model));
        }
    }

    [Fact]
    public void AlexNet_weights_do_not_fit_an_esp32_and_fc6_is_why()
    {
        using Model model = Model.Load(BoardModels.AlexNetHead());
        Fit fit = FitCheck.Run(model, KnownBoards.Find("esp32"));
        string problem = Assert.Single(fit.Problems);
        Assert.Null(fit.Time);
        Assert.Contains("'fc6'", problem);
        Assert.Contains("37,797,888 bytes", problem);   // 9216 x 4096 and three int32 a channel
        Assert.Contains("such as rpi-zero-2w", problem);
        Assert.True(FitCheck.Run(model, KnownBoards.Find("rpi4")).Fits);
    }

    [Fact]
    public void Activations_that_do_not_fit_name_the_layer_where_the_arena_is_fullest()
    {
        using Model model = new BoardModels(1, 64, 64, 3).Conv("stem", 8, 3).Conv("wide", 64, 3).Conv("last", 4, 3).Build();
        string problem = Assert.Single(FitCheck.Run(model, KnownBoards.Find("esp32")).Problems);
        Assert.Contains("memory", problem);
        // 62 x 62 x 8 in, 60 x 60 x 64 out
        Assert.Contains("'wide', 261,152 bytes", problem);
        Assert.Contains("such as stm32f746g-disco", problem);
    }

    [Fact]
    public void Both_limits_are_reported_at_once()
    {
        using Model model = new BoardModels(1, 128, 128, 8).Conv("conv", 8, 3).Conv("big", 1024, 17).Build();
        Fit fit = FitCheck.Run(model, KnownBoards.Find("pico"));
        Assert.Equal(2, fit.Problems.Count);
        Assert.All(fit.Problems, problem => Assert.Contains("'big'", problem));
    }

    [Fact]
    public void Kinds_of_layers_are_told_apart_and_counted()
    {
        using Model model = new BoardModels(1, 6, 6, 4).Conv("dw", 4, 3, groups: 4).Conv("point", 3, 1).Up("up", 5).Build();
        LayerCost[] layers = [.. model.Operators.Select(step => LayerCost.Of(model, step))];
        Assert.Equal([LayerKind.Depthwise, LayerKind.Convolution, LayerKind.Convolution], layers.Select(layer => layer.Kind));
        using Model deep = new BoardModels(1, 6, 6, 16).Conv("deep", 3, 3).Build();
        Assert.Equal(LayerKind.DeepConvolution, LayerCost.Of(deep, deep.Operators[0]).Kind);
        Assert.Equal([4 * 4 * 4 * 9, 4 * 4 * 3 * 4, 4 * 4 * 3 * 5 * 4], layers.Select(layer => layer.Macs));
    }
}
