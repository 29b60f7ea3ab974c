namespace EdgeConv.Fuzz;

/// <summary>What a loader did with one file.</summary>
/// <param name="Problem">How it broke its contract, or null.</param>
/// <param name="Key">The same for all files that break it in one way.</param>
/// <param name="Loaded">Whether the file was accepted.</param>
/// <param name="Seconds">What loading took.</param>
/// <param name="Bytes">What loading allocated.</param>
internal sealed record Verdict(string? Problem, string Key, bool Loaded, double Seconds, long Bytes);
