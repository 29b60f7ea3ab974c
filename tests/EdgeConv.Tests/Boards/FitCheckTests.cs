using EdgeConv.Converters.Boards;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Tests.Cli;

namespace EdgeConv.Tests.Boards;

/// <summary>Bytes are exact, estimates have ends, and a model that is too large is told by its layer.</summary>
public sealed class FitCheckTests(TinyLeNet lenet) : IClassFixture<TinyLeNet>
{
    [Fact]
    public void LeNet_fits_an_esp32_to_the_byte()
    {
        using Model model = Model.Open(lenet.Model);
        Fit fit = FitCheck.Run(model, KnownBoards.Find("esp32"));
        Assert.True(fit.Fits, string.Join(" ", fit.Problems));
        Assert.Equal(new FileInfo(lenet.Model).Length, fit.FlashBytes);
        Assert.Equal(1_968, fit.ArenaBytes);   // 28x28 and 14x14x6, 784 + 1,176, on 16 bytes: the convolution's 28x28x6 is stored nowhere
        Assert.Null(fit.Working);
        Assert.Null(fit.StackBytes);
        Assert.Equal(1_968, fit.RamBytes);
        Assert.Equal("conv2", fit.Time.SlowestLayer);
        // measured on a nanoCLR: 0.7 s as generated code, 3.2 s as unrolled loops
        Assert.InRange(fit.Time.LowSeconds, 0.65, 0.8);
        Assert.InRange(fit.Time.HighSeconds, 3.1, 3.4);
    }

    [Fact]
    public void LeNet_counts_are_the_known_ones()
    {
        using Model model = Model.Open(lenet.Model);
        LayerCost[] layers = [.. model.Operators.Select(step => LayerCost.Of(model, step))];
        Assert.Equal(416_520, layers.Sum(layer => layer.Macs));
        Assert.Equal(61_706, layers.Sum(layer => layer.Parameters));
    }

    // Instructions of one inference, counted under emulation on the board's path; these cores retire 0.5-1 and 1.7-2.6 a cycle.
    [Theory]
    [InlineData("rpi3", 209_047, 0.7)]
    [InlineData("rpi5", 138_116, 2.1)]
    public void The_range_holds_what_was_counted_for_LeNet(string id, double instructions, double perCycle)
    {
        using Model model = Model.Open(lenet.Model);
        Fit fit = FitCheck.Run(model, KnownBoards.Find(id));
        Assert.InRange(instructions / perCycle / fit.Board.ClockHz, fit.Time.LowSeconds, fit.Time.HighSeconds);
    }

    [Theory]
    [MemberData(nameof(BoardIds))]
    public void LeNet_fits_every_board_and_its_time_is_a_range(string id)
    {
        using Model model = Model.Open(lenet.Model);
        Fit fit = FitCheck.Run(model, KnownBoards.Find(id));
        Assert.True(fit.Fits, string.Join(" ", fit.Problems));
        Assert.True(0 < fit.Time.LowSeconds && fit.Time.LowSeconds < fit.Time.Seconds && fit.Time.Seconds < fit.Time.HighSeconds);
        Assert.Equal(fit.Time.HighSeconds, fit.Time.Seconds * fit.Time.Factor, 1e-9);
        Assert.Equal(fit.Board.Target == BoardTarget.Agent, fit.Working is { PackedBytes: > 0, ScratchBytes: > 0 });
        Assert.Equal(fit.Board.Target == BoardTarget.Agent, fit.StackBytes == Interpreter.StackBytes);
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
        Assert.Equal([4 * 4 * 4 * 9, 4 * 4 * 3 * 4, 4 * 4 * 3 * 5 * 4], layers.Select(layer => layer.Macs));
    }
}
