using EdgeConv.Agent.Configuring;

namespace EdgeConv.Agent.Serving;

/// <summary>How the page is served.</summary>
/// <param name="Address">Where.</param>
/// <param name="TokenFile">Holds the token, and is made where it is missing; only asked for beyond this machine.</param>
/// <param name="Frames">Folder of the labelled frames.</param>
internal sealed record ServeOptions(ServeAddress Address, string TokenFile, string Frames)
{
    /// <summary>Connections at a time; more are closed at once.</summary>
    public int MostConnections { get; init; } = 100;

    /// <summary>Pictures a second that are encoded while someone looks.</summary>
    public double PicturesASecond { get; init; } = 8;

    /// <summary>The least time between frames that are looked at.</summary>
    public TimeSpan Period { get; init; }

    /// <summary>From what the command line or the configuration says; what it leaves out is kept in the state folder.</summary>
    /// <exception cref="UsageException">The address is none.</exception>
    public static ServeOptions Create(string address, string? tokenFile, string? frames)
    {
        string state = StateFolder.Path;
        return new ServeOptions(ServeAddress.Parse(address), tokenFile ?? Path.Combine(state, "token"), frames ?? Path.Combine(state, "frames"));
    }
}
