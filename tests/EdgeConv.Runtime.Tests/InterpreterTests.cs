using System.Runtime.InteropServices;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Runtime.Tests;

/// <summary>What users of the three lines rely on.</summary>
public sealed class InterpreterTests
{
    [Theory]
    [MemberData(nameof(Paths.Names), MemberType = typeof(Paths))]
    public void Invoke_allocates_nothing(string path)
    {
        using Model model = TestNetworks.LeNet5(pooled: true).Build();
        using var net = new Interpreter(model, KernelPath.Parse(path));
        sbyte[] input = new sbyte[784], output = new sbyte[10];
        net.Invoke(input, output);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++)
        {
            net.Invoke(input, output);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void LeNet5_gives_the_same_bytes_at_every_layer_of_every_path(bool pooled)
    {
        using Model model = TestNetworks.LeNet5(pooled: pooled).Build();
        var random = new Random(5);
        sbyte[] input = [.. Enumerable.Range(0, 784).Select(_ => (sbyte)random.Next(-128, 128))];
        using var reference = new Interpreter(model, KernelPath.Reference);
        foreach (KernelPath path in Paths.Supported)
        {
            using var net = new Interpreter(model, path);
            net.SetInput(input);
            reference.SetInput(input);
            for (int i = 0; i < model.Operators.Count; i++)
            {
                net.RunOperator(i);
                reference.RunOperator(i);
                int output = model.Operators[i].Output;
                Paths.AssertSame(reference.Activation(output).ToArray(), net.Activation(output).ToArray(), $"{model.Operators[i].Name} on {path}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Paths.Names), MemberType = typeof(Paths))]
    public void In_place_it_gives_the_same_bytes_and_allocates_nothing(string path)
    {
        using Model model = TestNetworks.LeNet5(pooled: true).Build();
        using var net = new Interpreter(model, KernelPath.Parse(path));
        Random random = new(7);
        sbyte[] input = new sbyte[784];
        long allocated = 0;
        for (int run = 0; run < 5; run++)
        {
            random.NextBytes(MemoryMarshal.AsBytes(input.AsSpan()));
            sbyte[] expected = TestModel.Run(model, input, KernelPath.Reference);
            long before = GC.GetAllocatedBytesForCurrentThread();
            input.CopyTo(net.Input);
            net.Run();
            bool isSame = net.Output.SequenceEqual(expected);
            allocated += run == 0 ? 0 : GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(isSame);
        }

        Assert.Equal(0, allocated);
    }

    [Fact]
    public void Two_interpreters_of_one_model_do_not_disturb_each_other()
    {
        using Model model = TestNetworks.LeNet5().Build();
        var random = new Random(6);
        sbyte[][] inputs = [.. Enumerable.Range(0, 40).Select(_ => Enumerable.Range(0, 784).Select(_ => (sbyte)random.Next(-128, 128)).ToArray())];
        sbyte[][] expected = [.. inputs.Select(x => TestModel.Run(model, x, KernelPath.Default))];
        sbyte[][] found = new sbyte[inputs.Length][];
        Parallel.For(0, inputs.Length, i => found[i] = TestModel.Run(model, inputs[i], KernelPath.Default));
        Assert.Equal(expected, found);
    }

    [Fact]
    public void A_span_of_another_length_is_refused()
    {
        using Model model = TestNetworks.LeNet5().Build();
        using var net = new Interpreter(model);
        Assert.Contains("783", Assert.Throws<ArgumentException>(() => net.Invoke(new sbyte[783], new sbyte[10])).Message);
        Assert.Contains("11", Assert.Throws<ArgumentException>(() => net.Invoke(new sbyte[784], new sbyte[11])).Message);
    }

    [Fact]
    public void A_disposed_interpreter_says_so()
    {
        using Model model = TestNetworks.LeNet5().Build();
        var net = new Interpreter(model);
        net.Dispose();
        Assert.Throws<ObjectDisposedException>(() => net.Invoke(new sbyte[784], new sbyte[10]));
        Assert.Throws<ObjectDisposedException>(net.Run);
        Assert.Throws<ObjectDisposedException>(() => net.Input.Length);
    }

    [Fact]
    public void A_mapped_model_may_be_disposed_twice()
    {
        Model model = Model.Open(Path.Combine(AppContext.BaseDirectory, "Golden", "v1.ecm"));
        model.Dispose();
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => model.Int8Data(8));
    }

    [Fact]
    public void An_unknown_path_is_an_error_that_lists_the_known_ones()
    {
        string message = Assert.Throws<KernelPathException>(() => KernelPath.Parse("Neno")).Message;
        Assert.Contains("Neno", message);
        Assert.Contains("Reference", message);
    }

    [Fact]
    public void A_path_that_the_processor_lacks_is_an_error()
    {
        foreach (KernelPath path in KernelPath.All.Where(p => !p.IsSupported))
        {
            Assert.Contains("cannot run", Assert.Throws<KernelPathException>(() => KernelPath.Parse(path.Name)).Message);
        }
    }

    [Fact]
    public void A_self_test_names_the_first_layer_that_differs()
    {
        using Model bare = TestNetworks.LeNet5().Build();
        GoldenVector golden = SelfTest.Record(bare, new sbyte[784]);
        uint[] hashes = [.. golden.LayerHashes];
        hashes[2] ^= 1;
        var spec = TestNetworks.LeNet5().Spec() with { GoldenVectors = [golden with { LayerHashes = hashes }] };
        using Model model = Model.Load(Format.ModelWriter.Write(spec));
        Assert.Equal(new Divergence(0, 2, "conv2"), SelfTest.Run(model, KernelPath.Default));
    }
}
