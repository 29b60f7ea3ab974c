namespace EdgeConv.Cli.Deployment;

/// <summary>How the agent is kept running on the board.</summary>
internal enum DeployService
{
    /// <summary>By the machine's systemd; needs root there.</summary>
    System,

    /// <summary>By the user's own systemd.</summary>
    User,

    /// <summary>Not at all: it is only put there.</summary>
    None,
}

/// <summary>What deploy was asked for.</summary>
/// <param name="Target">The board.</param>
internal sealed record DeployOptions(DeployTarget Target)
{
    /// <summary>The model file; null to roll back.</summary>
    public string? Model { get; init; }

    /// <summary>The private key that signs the model, or null for the signature beside it, if there is one.</summary>
    public string? Key { get; init; }

    /// <summary>The model's version number, or null for that of its signature or package, or the time.</summary>
    public long? ModelVersion { get; init; }

    /// <summary>The configuration, or null for the one that is there, or a new one.</summary>
    public string? Config { get; init; }

    /// <summary>The camera of a new configuration.</summary>
    public string Camera { get; init; } = "v4l2:/dev/video0";

    /// <summary>The agent, or null for the checkout's.</summary>
    public string? Agent { get; init; }

    /// <summary>Who starts it there.</summary>
    public DeployService Service { get; init; }

    /// <summary>The folder there, or null for /opt/edgeconv, or edgeconv at the user's home.</summary>
    public string? Folder { get; init; }

    /// <summary>A file instead of ~/.ssh/config.</summary>
    public string? SshConfig { get; init; }
}

/// <summary>What deploy did.</summary>
/// <param name="Host">The board.</param>
/// <param name="Folder">Its folder.</param>
/// <param name="Version">The version that runs now.</param>
/// <param name="Previous">The one that --rollback brings back, or null.</param>
/// <param name="SelfTest">What the agent said of the model there.</param>
internal sealed record DeployResult(string Host, string Folder, string Version, string? Previous, string SelfTest);
