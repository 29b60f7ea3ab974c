using System.Text.Json.Serialization;

namespace EdgeConv.Agent.Fleet;

// The messages of hawkBit's Direct Device Integration API, as far as an agent needs them. What a server says beyond it is not looked at.

/// <summary>What a poll answers.</summary>
internal sealed record DdiPoll(DdiConfig? Config, [property: JsonPropertyName("_links")] DdiPollLinks? Links);

/// <summary>How to poll.</summary>
internal sealed record DdiConfig(DdiPolling? Polling);

/// <summary>The pause between two polls, as hours:minutes:seconds.</summary>
internal sealed record DdiPolling(string? Sleep);

/// <summary>What there is to do.</summary>
internal sealed record DdiPollLinks(DdiLink? DeploymentBase, DdiLink? CancelAction, DdiLink? ConfigData, DdiLink? ConfirmationBase);

/// <summary>An address.</summary>
internal sealed record DdiLink(string? Href);

/// <summary>An update that the server wants here.</summary>
internal sealed record DdiAction(string? Id, DdiDeployment? Deployment);

/// <summary>How far to go, and what with: download and update are skip, attempt or forced.</summary>
internal sealed record DdiDeployment(string? Download, string? Update, string? MaintenanceWindow, IReadOnlyList<DdiChunk>? Chunks);

/// <summary>A software module.</summary>
internal sealed record DdiChunk(string? Part, string? Name, string? Version, IReadOnlyList<DdiArtifact>? Artifacts);

/// <summary>A file of it.</summary>
internal sealed record DdiArtifact(
    [property: JsonPropertyName("filename")] string? FileName, DdiHashes? Hashes, long Size, [property: JsonPropertyName("_links")] DdiArtifactLinks? Links);

/// <summary>The file's digests; of them only SHA-256 is good for anything.</summary>
internal sealed record DdiHashes(string? Sha256);

/// <summary>Where it is, with and without TLS.</summary>
internal sealed record DdiArtifactLinks(DdiLink? Download, [property: JsonPropertyName("download-http")] DdiLink? DownloadHttp);

/// <summary>The wish to have an action stopped.</summary>
internal sealed record DdiCancel(string? Id, DdiCancelled? CancelAction);

/// <summary>Which one.</summary>
internal sealed record DdiCancelled(string? StopId);

/// <summary>What became of an action, or how far it is.</summary>
internal sealed record DdiFeedback(string Id, string Time, DdiStatus Status);

/// <summary>Execution is one of <see cref="DdiExecution"/>.</summary>
internal sealed record DdiStatus(string Execution, DdiResult Result, IReadOnlyList<string> Details);

/// <summary>Finished is success, failure or none.</summary>
internal sealed record DdiResult(string Finished);

/// <summary>What a server may know about a board.</summary>
internal sealed record DdiAttributes(string Mode, IReadOnlyDictionary<string, string> Data);

/// <summary>The words for where an action stands.</summary>
internal static class DdiExecution
{
    public const string Proceeding = "proceeding";
    public const string Download = "download";
    public const string Downloaded = "downloaded";
    public const string Rejected = "rejected";
    public const string Closed = "closed";
}

/// <summary>Reads and writes the messages without reflection, which a native program does not have.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, MaxDepth = 32)]
[JsonSerializable(typeof(DdiPoll))]
[JsonSerializable(typeof(DdiAction))]
[JsonSerializable(typeof(DdiCancel))]
[JsonSerializable(typeof(DdiFeedback))]
[JsonSerializable(typeof(DdiAttributes))]
[JsonSerializable(typeof(FleetMemory))]
internal sealed partial class DdiJson : JsonSerializerContext;
