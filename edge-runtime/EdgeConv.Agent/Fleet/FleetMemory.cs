using System.Text.Json;
using EdgeConv.Devices.Updating;

namespace EdgeConv.Agent.Fleet;

/// <summary>Where the last action stood, for an agent that is started again in the middle of it.</summary>
internal sealed record FleetMemory
{
    private const int MostBytes = 1 << 16;

    /// <summary>The action's id; empty where there was none.</summary>
    public string Action { get; init; } = "";

    /// <summary>Where it stands.</summary>
    public ActionStage Stage { get; init; }

    /// <summary>The model that is on trial for it, by its digest.</summary>
    public string ModelHash { get; init; } = "";

    /// <summary>How often it could not be fetched.</summary>
    public int Tries { get; init; }

    /// <summary>What the server is told at the end.</summary>
    public IReadOnlyList<string> Details { get; init; } = [];

    /// <summary>What it was told: each word once, since it counts what it is told of an action.</summary>
    public IReadOnlyList<string> Told { get; init; } = [];

    /// <summary>Reads the file; one that is missing or damaged is an empty memory: at worst a package is looked at twice.</summary>
    public static FleetMemory Load(string file)
    {
        try
        {
            return new FileInfo(file) is { Exists: true, Length: <= MostBytes } ? JsonSerializer.Deserialize(File.ReadAllBytes(file), DdiJson.Default.FleetMemory) ?? new() : new();
        }
        catch (JsonException)
        {
            return new();
        }
    }

    /// <summary>Writes it, whole or not at all.</summary>
    /// <param name="file">Where.</param>
    /// <param name="isDurable">It must be there after a power cut; a word that is told twice does no harm.</param>
    public void Save(string file, bool isDurable)
    {
        string folder = Path.GetDirectoryName(file)!;
        DurableFolder.Make(folder);
        string next = file + ".next";
        using (FileStream stream = new(next, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(stream, this, DdiJson.Default.FleetMemory);
            stream.Flush(isDurable);
        }

        File.Move(next, file, overwrite: true);
        if (isDurable)
        {
            DurableFolder.Sync(folder);
        }
    }
}

/// <summary>Where an action stands.</summary>
internal enum ActionStage
{
    /// <summary>It is being fetched, or waits for the server's word to go on.</summary>
    Open,

    /// <summary>Its model runs, and may yet go back.</summary>
    OnTrial,

    /// <summary>Done; the server is told so until it believes it.</summary>
    Succeeded,

    /// <summary>Not done, and not to be.</summary>
    Failed,

    /// <summary>The server wanted it stopped, and it was.</summary>
    Cancelled,
}
