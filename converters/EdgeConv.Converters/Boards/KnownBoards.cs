using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeConv.Converters.CodeGen;

namespace EdgeConv.Converters.Boards;

/// <summary>A board that is not known, or a list of boards that is not good; the message says what was found and what to do.</summary>
public sealed class BoardException(string message) : Exception(message);

/// <summary>The boards of boards.json, checked once when they are first asked for.</summary>
public static class KnownBoards
{
    private sealed record Document(IReadOnlyList<BoardSpeed> Speeds, IReadOnlyList<Board> Boards);

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    private static readonly Lazy<Document> _document = new(() =>
    {
        using Stream stream = typeof(KnownBoards).Assembly.GetManifestResourceStream("boards.json")!;
        using StreamReader reader = new(stream);
        return Parse(reader.ReadToEnd());
    });

    /// <summary>All boards, in the order of the file.</summary>
    public static IReadOnlyList<Board> All => _document.Value.Boards;

    /// <summary>A board by its id, in any case.</summary>
    /// <exception cref="BoardException">Unknown; the message lists the ones that are known.</exception>
    public static Board Find(string id) =>
        All.FirstOrDefault(board => board.Id.Equals(id, StringComparison.OrdinalIgnoreCase))
        ?? throw new BoardException($"unknown board '{id}'; known are {string.Join(", ", All.Select(board => board.Id))}. "
            + "`edgeconv boards` shows what they have.");

    /// <summary>What a board's processor does in a cycle.</summary>
    public static BoardSpeed Speed(Board board) => _document.Value.Speeds.Single(speed => speed.Name == board.Speed);

    /// <summary>Checks a list of boards as text.</summary>
    /// <exception cref="BoardException">It is not one; the message names board and field.</exception>
    internal static void Check(string json) => Parse(json);

    private static Document Parse(string json)
    {
        Document document;
        try
        {
            document = JsonSerializer.Deserialize<Document>(json, _json) ?? throw new BoardException("boards.json is null");
        }
        catch (JsonException exception)
        {
            throw new BoardException($"boards.json: {exception.Message}");
        }

        HashSet<string> speeds = [], ids = new(StringComparer.OrdinalIgnoreCase);
        foreach (BoardSpeed speed in document.Speeds)
        {
            Require(speeds.Add(speed.Name), speed.Name, "name", "is there twice");
            foreach ((string field, Rate rate) in Rates(speed))
            {
                Require(rate.Low > 0 && rate.Low <= rate.High, speed.Name, field, $"is {rate.Low} to {rate.High}, not a range above 0");
            }

            Require(speed.Source.Length > 0, speed.Name, "source", "is empty");
        }

        foreach (Board board in document.Boards)
        {
            Require(board.Id.Length > 0 && board.Id.All(c => c is '-' or (>= 'a' and <= 'z') or (>= '0' and <= '9')), board.Id, "id",
                "is not made of a-z, 0-9 and '-'");
            Require(ids.Add(board.Id), board.Id, "id", "is there twice");
            Require(board.Cores > 0, board.Id, "cores", $"is {board.Cores}");
            Require(board.ClockHz is >= 1_000_000 and <= 10_000_000_000, board.Id, "clockHz", $"is {board.ClockHz}, not a clock in Hz");
            Require(board.ModelRamBytes > 0 && board.ModelRamBytes <= board.RamBytes, board.Id, "modelRamBytes",
                $"is {board.ModelRamBytes}, not within the {board.RamBytes} of ramBytes");
            Require(board.ModelFlashBytes > 0 && board.ModelFlashBytes <= board.FlashBytes, board.Id, "modelFlashBytes",
                $"is {board.ModelFlashBytes}, not within the {board.FlashBytes} of flashBytes");
            Require(speeds.Contains(board.Speed), board.Id, "speed", $"is '{board.Speed}', which is not among the speeds");
            BoardSpeed its = document.Speeds.Single(speed => speed.Name == board.Speed);
            Require(board.Target == BoardTarget.Agent ? its.Rates is not null : its.CyclesAStep is not null, board.Id, "speed",
                $"is '{board.Speed}', which has no {(board.Target == BoardTarget.Agent ? "rates" : "cyclesAStep")}");
            Require(board.Target != BoardTarget.CortexM || CGoal.Cpus.Contains(board.Speed), board.Id, "speed", $"is '{board.Speed}', expected one of {string.Join(", ", CGoal.Cpus)}");
            Require(board.Target != BoardTarget.Agent || board.Simd is BoardSimd.Neon or BoardSimd.DotProduct, board.Id, "simd",
                "is not one that the agent's kernels know");
            Require(board.Source.Length > 0 && board.Budget.Length > 0, board.Id, "source or budget", "is empty");
        }

        return document;
    }

    private static IEnumerable<(string Field, Rate Rate)> Rates(BoardSpeed speed)
    {
        if (speed.CyclesAStep is { } cycles)
        {
            yield return ("cyclesAStep", cycles);
        }

        foreach (LayerKind kind in speed.Rates is null ? [] : Enum.GetValues<LayerKind>())
        {
            yield return ($"rates of {kind}", speed.Rates!.Of(kind));
        }

        if (speed.Rates is { } rates)
        {
            yield return ("rates of elements", rates.Elements);
        }
    }

    private static void Require(bool isGood, string entry, string field, string problem)
    {
        if (!isGood)
        {
            throw new BoardException($"boards.json: {field} of '{entry}' {problem}");
        }
    }
}
