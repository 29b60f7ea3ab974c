using System.Text.Json;
using EdgeConv.Cli.Emulation;
using EdgeConv.Cli.Microcontrollers;
using EdgeConv.Cli.Verification;
using EdgeConv.Cli.Yardstick;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Runtime;
using EdgeConv.Tests.Cli;

namespace EdgeConv.Tests.CodeGen;

/// <summary>What `bench --on` counts of generated C on an emulated microcontroller.</summary>
public sealed class McuBenchTests(TinyLeNet lenet) : IClassFixture<TinyLeNet>
{
    [Fact]
    public void Every_layer_the_stack_and_the_flash_are_measured()
    {
        McuEmulators.Need();
        JsonElement bench = CliRun.Of("bench", lenet.Model, "--on", "cortex-m4", "--json").Json().GetProperty("results")[0];
        JsonElement[] layers = [.. bench.GetProperty("layers").EnumerateArray()];
        using Model model = Model.Open(lenet.Model);
        Assert.Equal(model.Operators.Select(op => op.Name), layers.Select(layer => layer.GetProperty("name").GetString()));
        Assert.Equal(416_520, bench.GetProperty("macs").GetInt64());
        Assert.Equal(layers.Sum(layer => layer.GetProperty("instructions").GetInt64()), bench.GetProperty("instructions").GetInt64());
        Assert.InRange(layers[0].GetProperty("instructionsPerMac").GetDouble(), 0.3, 3);
        Assert.All(layers, layer => Assert.NotEmpty(layer.GetProperty("algorithm").GetString()!));

        Assert.InRange(bench.GetProperty("stackBytes").GetInt32(), 40, bench.GetProperty("stackBound").GetInt32());
        Assert.Equal(CExport.Create(model, goal: new CGoal("cortex-m4")).ArenaBytes, bench.GetProperty("arenaBytes").GetInt32());
        Assert.InRange(bench.GetProperty("tableBytes").GetInt32(), 61_706, 61_706 * 5 / 4);
        Assert.InRange(bench.GetProperty("codeBytes").GetInt32(), 1000, 20_000);
    }

    [Fact]
    public void The_emulators_two_counters_agree_on_every_layer()
    {
        McuEmulators.Need();
        CancellationToken cancel = TestContext.Current.CancellationToken;
        using Model model = Model.Open(lenet.Model);
        EmulatedMcu m4 = EmulatedMcu.Open("cortex-m4", cancel);
        using EdgeConv.Cli.Files.TemporaryFolder folder = new();
        sbyte[] input = EdgeEngine.SomeInput(model);
        McuRun run = m4.Run(model, CExport.Create(model, goal: new CGoal("cortex-m4")), new ParityInputs("", 1, input.Length, input), folder, cancel).Single();
        ILookup<int, LayerBlock> layers = LayerBlock.Count(m4, model.Operators.Count, folder, cancel).ToLookup(block => block.Layer);
        Assert.Equal(Enumerable.Range(0, model.Operators.Count), layers.Select(layer => layer.Key).Order());
        Assert.All(layers, layer => Assert.InRange(
            layer.Sum(block => block.Instructions), run.Ticks[layer.Key] * m4.InstructionsATick - 100, run.Ticks[layer.Key] * m4.InstructionsATick + 100));
    }

    [Fact]
    public void Cycles_are_modelled_or_the_answer_says_what_to_install()
    {
        McuEmulators.Need();
        JsonElement bench = CliRun.Of("bench", lenet.Model, "--on", "cortex-m7,cortex-m4", "--json").Json();
        foreach (JsonElement result in bench.GetProperty("results").EnumerateArray())
        {
            if (result.GetProperty("cycles").ValueKind == JsonValueKind.Null)
            {
                Assert.Contains("apt-get install llvm-19", result.GetProperty("cyclesBy").GetString());
                continue;
            }

            // an M4 issues one instruction a cycle, an M7 two
            double least = result.GetProperty("processor").GetString() == "cortex-m7" ? 0.5 : 1;
            Assert.InRange(result.GetProperty("cycles").GetInt64() / (double)result.GetProperty("instructions").GetInt64(), least, 2);
        }
    }

    [Fact]
    public void The_table_names_what_is_counted_and_what_is_modelled()
    {
        McuEmulators.Need();
        CliRun size = CliRun.Of("bench", lenet.Model, "--on", "cortex-m4", "--optimize", "size");
        Assert.True(size.Code == 0, size.Errors);
        string[] words = ["emulated cortex-m4, C for size", "conv2", "fc3", "counted", "B of arena", "B of stack measured", "B of code", "no wait states"];
        Assert.All(words, word => Assert.Contains(word, size.Output));
        CliRun.Of("bench", lenet.Model, "--on", "cortex-m4", "--max-ram", "100").Failed(1, "--max-ram allows 100");
    }

    [Fact]
    public void A_folder_that_is_no_checkout_of_CMSIS_NN_is_said_to_be_none()
    {
        using TemporaryFolder folder = new();
        CliRun.Of("bench", lenet.Model, "--on", "cortex-m4", "--cmsis-nn", folder.Path("none")).Failed(1, folder.Path("none"), "git clone");
        CliRun.Of("bench", lenet.Model, "--on", "cortex-m4", "--cmsis-nn", folder.Root).Failed(1, folder.Root, "arm_nnfunctions.h");
    }

    [Fact]
    public void Layers_become_calls_of_CMSIS_NN_where_it_has_them()
    {
        using Model whole = Model.Open(lenet.Model), model = whole.LayerByLayer();
        CmsisNnCall?[] calls = [.. model.Operators.Select((op, index) => CmsisNnCall.Of(model, op, index))];
        Assert.All(model.Operators.Zip(calls), layer => Assert.Equal(layer.First is ReshapeOp, layer.Second is null));
        Assert.Contains(calls, call => call?.Call.StartsWith("arm_max_pool_s8(", StringComparison.Ordinal) == true);
        string program = CmsisNnHarness.Write([.. calls.OfType<CmsisNnCall>()]);
        Assert.Contains("arm_convolve_wrapper_s8(&context, &params, &quant, &in, first, &filter, weights, &bias_dims, bias, &out, output)", program);
        Assert.Contains("arm_fully_connected_wrapper_s8(", program);
        Assert.Contains($"static int8_t inputs[{28 * 28 * 6}]", program);
    }

    [Fact]
    public void The_stack_is_that_of_the_deepest_chain_of_calls()
    {
        const string graph = """
            graph: { title: "model.c"
            node: { title: "edgeconv_run" label: "edgeconv_run\nmodel.c:9:6\n16 bytes (static)" }
            node: { title: "deep" label: "deep\nmodel.c:1:6\n100 bytes (static)" }
            node: { title: "flat" label: "flat\nmodel.c:2:6\n110 bytes (static)" }
            node: { title: "model.c:below" label: "below\nmodel.c:3:6\n0 bytes (static)" }
            node: { title: "memcpy" label: "memcpy\n<built-in>" shape : ellipse }
            edge: { sourcename: "edgeconv_run" targetname: "deep" label: "model.c:10:1" }
            edge: { sourcename: "edgeconv_run" targetname: "flat" label: "model.c:11:1" }
            edge: { sourcename: "deep" targetname: "model.c:below" label: "model.c:12:1" }
            edge: { sourcename: "model.c:below" targetname: "deep" label: "model.c:13:1" }
            edge: { sourcename: "flat" targetname: "memcpy" label: "model.c:14:1" }
            }
            """;
        const string assembly = """
            00000000 <below>:
               0:	b5f0      	push	{r4, r5, r6, r7, lr}
               2:	ed2d 8b10 	vpush	{d8-d15}
               6:	b081      	sub	sp, #4
               8:	bdf0      	pop	{r4, r5, r6, r7, pc}
            00000010 <flat>:
              10:	b5f0      	push	{r4, r5, r6, r7, lr}
            """;
        Assert.Equal(16 + 100 + 88, McuFootprint.Deepest(graph, assembly));
    }
}
