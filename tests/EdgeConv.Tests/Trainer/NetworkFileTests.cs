using EdgeConv.Converters.Networks;

namespace EdgeConv.Tests.Trainer;

public sealed class NetworkFileTests
{
    private const string Start = "input 8x8x3\n";

    public static TheoryData<string> Names => [.. KnownNetworks.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_known_network_reads_back_from_its_own_text(string name)
    {
        var options = new NetworkOptions { Classes = 12, ConnectionTable = name == "lenet5-1998" };
        NetworkDescription network = KnownNetworks.Create(name, options);
        string text = NetworkText.Write(network);
        NetworkDescription read = NetworkParser.Parse(text, "x.net");
        Assert.Equal(text, NetworkText.Write(read));
        Assert.Equal(network.Place().Select(Facts), read.Place().Select(Facts));

        static (string, FeatureShape, long, long, int) Facts(PlacedLayer layer) =>
            (layer.Name, layer.Output, layer.Parameters, layer.Macs, layer.Sources.Sum());
    }

    [Fact]
    public void A_file_describes_a_network_with_branches()
    {
        NetworkDescription network = NetworkParser.Parse("""
            # a small one
            input 28x28x1
            conv 8 3x3 pad same nobias
            bn
            trunk: relu
            dw 3x3 pad 1
            add trunk
            thin: conv 4 1x1 from trunk
            concat add1            # 8 + 4 channels
            maxpool 2x2
            lrn 3 alpha 0.01
            dropout 0.25
            gap
            fc classes
            """, "models/tiny.net", new NetworkOptions { Classes = 5 });
        Assert.Equal("tiny", network.Name);
        Assert.Equal("14x14x12", network.Place()[7].Output.ToString());
        Assert.Equal(5, network.Classes);
        Assert.Equal([5, 4], network.Place()[6].Sources);
    }

    [Theory]
    [InlineData(Start + "cnv 6 5x5", "my.net(2,1): 'cnv' is no layer; there are conv, dw")]
    [InlineData(Start + "  conv six 5x5", "my.net(2,8): the number of filters is 'six'; a whole number from 1 to 65536 is expected")]
    [InlineData(Start + "conv 6", "my.net(2,7): the size of the window, such as 3x3 is missing")]
    [InlineData(Start + "conv 6 5x3", "my.net(2,8): '5x3' is no window")]
    [InlineData(Start + "conv 6 3x3 strid 2", "my.net(2,12): 'strid' is not expected; stride, pad")]
    [InlineData(Start + "conv 6 2x2 pad same", "my.net(2,16): a 2x2 window has no middle")]
    [InlineData(Start + "relu 3", "my.net(2,6): '3' is not expected here")]
    [InlineData(Start + "relu\n\nconv 6 11x11", "my.net(4,1): my, layer conv1: A 11x11 window does not fit its input of 8x8x3")]
    [InlineData(Start + "add tail", "my.net(2,1): my, layer add1: There is no layer tail before it. Before it are picture.")]
    [InlineData(Start + "a: relu\na: relu", "my.net(3,1): my, layer a: There are two layers of the name a")]
    [InlineData(Start + "conv 6 3x3\nadd picture", "my.net(3,1): my, layer add1: 6x6x6 and 8x8x3 cannot be added")]
    [InlineData(Start + "fc 10\nconv 6 1x1", "my.net(3,1): my, layer conv1: Behind a fully connected layer there is no picture left")]
    [InlineData(Start + "conv 2 3x3 table 0,1|2,3", "my.net(2,1): my, layer conv1: The table connects input channel 3")]
    [InlineData(Start + "conv 2 3x3 table 0,1", "my.net(2,18): the table has 1 rows for 2 filters")]
    [InlineData(Start + "dropout 2", "my.net(2,9): the part that becomes 0 is '2'")]
    [InlineData(Start + "softmax", "my.net(2,1): softmax is not written down")]
    [InlineData(Start + "relu\nconv 4 2x2 whiten", "my.net(3,1): my, layer conv1: Whitening is of pictures")]
    [InlineData("input 8x8", "my.net(1,7): '8x8' is no size")]
    [InlineData("relu", "my.net(1,1): input ROWSxCOLUMNSxCHANNELS is expected before the first layer")]
    [InlineData("# nothing\n", "my.net has no layers")]
    public void A_mistake_is_said_with_line_and_column(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<NetworkException>(() => NetworkParser.Parse(text, "my.net")).Message);

    [Fact]
    public void A_last_layer_of_another_length_than_the_classes_is_said()
    {
        var error = Assert.Throws<NetworkException>(() => NetworkParser.Parse(Start + "fc 10", "my.net", new NetworkOptions { Classes = 3 }));
        Assert.Contains("my.net(2,1): the network ends in fc1 of size 10, 3 classes are expected. Let its last layer be 'fc classes'", error.Message);
    }

    [Fact]
    public void Cut_or_scrambled_files_are_errors_and_nothing_worse()
    {
        string text = NetworkText.Write(KnownNetworks.Create("resnet8", 10));
        for (int length = 0; length < text.Length; length += 3) Try(text[..length]);
        var random = new Random(5);
        for (int i = 0; i < 500; i++)
        {
            char[] characters = text.ToCharArray();
            for (int k = 0; k < 3; k++) characters[random.Next(characters.Length)] = (char)random.Next(32, 127);
            Try(new string(characters));
        }

        static void Try(string text)
        {
            try
            {
                NetworkParser.Parse(text, "x.net");
            }
            catch (NetworkException)
            {
                // As it should be.
            }
        }
    }
}
