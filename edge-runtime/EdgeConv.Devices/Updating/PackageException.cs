namespace EdgeConv.Devices.Updating;

/// <summary>A package, signature or key that is not taken: one line that says what was found, what was expected and what to do.</summary>
public sealed class PackageException : Exception
{
    /// <param name="reason">Its kind.</param>
    /// <param name="message">The line.</param>
    public PackageException(UpdateReason reason, string message)
        : base(message) => Reason = reason;

    /// <summary>Its kind.</summary>
    public UpdateReason Reason { get; }
}
