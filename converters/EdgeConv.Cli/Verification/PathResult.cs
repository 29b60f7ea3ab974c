namespace EdgeConv.Cli.Verification;

/// <summary>What a comparison of one kernel path on one target found.</summary>
/// <param name="Target">host, or the emulated CPU.</param>
/// <param name="Path">The kernel path; null when the target could not run at all.</param>
/// <param name="Inputs">Inputs compared.</param>
/// <param name="Problem">Null when every byte was the reference's; else the first difference, with its layer.</param>
/// <param name="Seconds">Wall clock.</param>
public sealed record PathResult(string Target, string? Path, int Inputs, string? Problem, double Seconds)
{
    /// <summary>Instructions an inference, where the target counts them; 0 where not.</summary>
    public long Instructions { get; init; }

    /// <summary>True when nothing differed.</summary>
    public bool Identical => Problem is null;
}
