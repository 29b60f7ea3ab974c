using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx;
using EdgeConv.Runtime.Preprocessing;
using EdgeConv.Trainer.Networks;
using EdgeConv.Trainer.Pictures;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using TorchSharp;

namespace EdgeConv.Tests.Trainer;

[Collection("torch")]
public sealed class OnnxParityTests
{
    [Theory]
    [InlineData("lenet5")]
    [InlineData("lenet5-1998")]
    public void The_exported_file_computes_in_ONNX_Runtime_what_torch_computes(string name)
    {
        const int Count = 16;
        NetworkDescription network = KnownNetworks.Create(name, 10);
        using var torchNetwork = new TorchNetwork(network, seed: 5);
        PictureLayout layout = Some.Picture.Layout with { Width = network.Input.Width, Height = network.Input.Height };
        PictureInput picture = Some.Picture with { Layout = layout };
        var samples = PictureSamples.Load(new TinyDigits(0, Count), layout, TestContext.Current.CancellationToken);
        var filler = new BatchFiller(samples, picture);
        using Batch batch = filler.Create(Count);
        filler.Fill(batch, [.. Enumerable.Range(0, Count)]);
        float[] expected;
        using (torch.no_grad())
        using (torch.Tensor scores = torchNetwork.Forward(batch.Pictures))
            expected = scores.data<float>().ToArray();

        using var folder = new TemporaryFolder();
        string path = folder.Path("model.onnx");
        OnnxWriter.Write(GraphExport.Create(network, torchNetwork.Flat.data<float>().ToArray(), picture, ["0", "1"]), path);
        using var session = new InferenceSession(path);
        float[] pictures = batch.Pictures.data<float>().ToArray();
        int size = network.Input.Length;
        for (int i = 0; i < Count; i++)
        {
            var input = new DenseTensor<float>(pictures.AsMemory(i * size, size), [1, 1, network.Input.Height, network.Input.Width]);
            using var results = session.Run([NamedOnnxValue.CreateFromTensor(session.InputNames[0], input)]);
            float[] actual = results[0].AsTensor<float>().ToArray();
            for (int c = 0; c < 10; c++) Assert.Equal(expected[i * 10 + c], actual[c], 1e-4f);
        }

        Graph read = OnnxReader.Read(path);
        Assert.Equal(picture.Layout, read.Picture!.Layout);
        Assert.Equal(["0", "1"], read.Labels);
    }
}
