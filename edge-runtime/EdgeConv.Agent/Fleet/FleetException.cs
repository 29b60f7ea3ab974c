namespace EdgeConv.Agent.Fleet;

/// <summary>The server, or the way to it, did not do what it should. What was under way is tried again later.</summary>
internal class FleetException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>When the server wants to be asked again, or null.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The server does not know the action, or not any more.</summary>
    public bool IsGone { get; init; }
}

/// <summary>What the server wants cannot be done, now or later; it is told so.</summary>
internal sealed class RefusedUpdateException(string message) : FleetException(message);
