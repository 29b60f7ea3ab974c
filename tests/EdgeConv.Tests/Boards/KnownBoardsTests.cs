using EdgeConv.Converters.Boards;

namespace EdgeConv.Tests.Boards;

/// <summary>boards.json: what it has, and what its loader refuses.</summary>
public sealed class KnownBoardsTests
{
    private const string Speeds = """
        { "name": "cortex-m4", "cyclesAStep": { "low": 1, "high": 2 }, "source": "a test" },
        { "name": "s", "rates": { "convolution": { "low": 1, "high": 2 }, "deep": { "low": 1, "high": 2 }, "depthwise": { "low": 1, "high": 2 },
          "fullyConnected": { "low": 1, "high": 2 }, "wide": { "low": 1, "high": 2 }, "elements": { "low": 1, "high": 2 } }, "source": "a test" }
        """;

    private const string Entry = """
        { "id": "b", "name": "B", "processor": "P", "cores": 1, "clockHz": 1000000, "ramBytes": 10, "flashBytes": 10, "modelRamBytes": 5,
          "modelFlashBytes": 5, "simd": "none", "target": "cortex-m", "speed": "cortex-m4", "cameras": [], "source": "S", "budget": "T" }
        """;

    [Theory]
    [InlineData("rpi-zero-2w", "Neon")]
    [InlineData("rpi3", "Neon")]
    [InlineData("rpi4", "Neon")]
    [InlineData("rpi5", "NeonDp")]
    [InlineData("pico", null)]
    [InlineData("pico2", null)]
    [InlineData("esp32", null)]
    [InlineData("esp32-s3", null)]
    [InlineData("stm32f407g-disc1", null)]
    [InlineData("stm32f746g-disco", null)]
    [InlineData("stm32h747i-disco", null)]
    [InlineData("nrf52840", null)]
    [InlineData("nano-33-ble", null)]
    public void Boards_are_found_by_id_in_any_case(string id, string? path)
    {
        Board board = KnownBoards.Find(id.ToUpperInvariant());
        Assert.Equal(id, board.Id);
        Assert.Equal(path, board.Path?.Name);
        Assert.NotEmpty(KnownBoards.Speed(board).Source);
    }

    [Fact]
    public void An_unknown_board_is_an_error_that_lists_the_known_ones()
    {
        BoardException error = Assert.Throws<BoardException>(() => KnownBoards.Find("esp8266"));
        Assert.Contains("'esp8266'", error.Message);
        Assert.All(KnownBoards.All, board => Assert.Contains(board.Id, error.Message));
    }

    [Theory]
    [InlineData("\"cores\": 1", "\"cores\": 0", "cores of 'b'")]
    [InlineData("\"clockHz\": 1000000", "\"clockHz\": 240", "clockHz of 'b'")]
    [InlineData("\"modelRamBytes\": 5", "\"modelRamBytes\": 11", "modelRamBytes of 'b'")]
    [InlineData("\"modelFlashBytes\": 5", "\"modelFlashBytes\": 0", "modelFlashBytes of 'b'")]
    [InlineData("\"simd\": \"none\"", "\"simd\": \"sse\"", "simd")]
    [InlineData("\"target\": \"cortex-m\", \"speed\": \"cortex-m4\"", "\"target\": \"agent\", \"speed\": \"s\"", "simd of 'b'")]
    [InlineData("\"target\": \"cortex-m\"", "\"target\": \"agent\"", "which has no rates")]
    [InlineData("\"speed\": \"cortex-m4\"", "\"speed\": \"s\"", "which has no cyclesAStep")]
    [InlineData("\"speed\": \"cortex-m4\"", "\"speed\": \"t\"", "speed of 'b'")]
    [InlineData("\"cyclesAStep\": { \"low\": 1", "\"cyclesAStep\": { \"low\": 3", "cyclesAStep of 'cortex-m4'")]
    [InlineData("\"id\": \"b\"", "\"id\": \"B b\"", "id of 'B b'")]
    [InlineData("\"source\": \"S\"", "\"source\": \"\"", "source or budget of 'b'")]
    [InlineData("\"name\": \"B\", ", "", "name")]
    [InlineData("\"name\": \"B\"", "\"name\": \"B\", \"psram\": 1", "psram")]
    [InlineData("\"convolution\": { \"low\": 1", "\"convolution\": { \"low\": 3", "rates of Convolution of 's'")]
    public void A_wrong_entry_is_refused_by_name(string right, string wrong, string named)
    {
        string good = $$"""{ "speeds": [{{Speeds}}], "boards": [{{Entry}}] }""";
        KnownBoards.Check(good);
        Assert.Contains(right, good);
        BoardException error = Assert.Throws<BoardException>(() => KnownBoards.Check(good.Replace(right, wrong)));
        Assert.Contains(named, error.Message);
    }

    [Fact]
    public void The_same_id_twice_is_refused() =>
        Assert.Throws<BoardException>(() => KnownBoards.Check($$"""{ "speeds": [{{Speeds}}], "boards": [{{Entry}}, {{Entry}}] }"""));
}
