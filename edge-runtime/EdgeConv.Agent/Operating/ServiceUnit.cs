using System.Text;

namespace EdgeConv.Agent.Operating;

/// <summary>The systemd unit that keeps the agent running: started with the machine, watched, restarted, and allowed no more than it needs.</summary>
internal sealed record ServiceUnit(string Agent, string Config)
{
    /// <summary>The unit's file name.</summary>
    public const string FileName = "edgeconv-agent.service";

    /// <summary>Where the agent may always write: systemd makes it, and gives it to the agent.</summary>
    public const string StateFolder = "/var/lib/edgeconv";

    /// <summary>The model, where it is not the one that the configuration names.</summary>
    public string? Model { get; init; }

    /// <summary>The account, or null for one that systemd makes for as long as the agent runs.</summary>
    public string? User { get; init; }

    /// <summary>Groups that have the camera and the lines; only those that exist, since systemd stops at others.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>Folders beside the state folder that rules write to.</summary>
    public IReadOnlyList<string> Writes { get; init; } = [];

    /// <summary>A service of the user's own manager, which can do without root, and cannot fence anything in.</summary>
    public bool IsUsersOwn { get; init; }

    /// <summary>The unit's text.</summary>
    public string Text()
    {
        StringBuilder text = new();
        text.Append($"""
            # Written by edgeconv-agent install; edgeconv-agent uninstall takes it away.
            [Unit]
            Description=EdgeConv, classifies what a camera sees
            After=network.target
            StartLimitIntervalSec=0

            [Service]
            Type=notify
            ExecStart={Quote(Agent)} run {(Model is null ? "" : $"{Quote(Model)} ")}--config {Quote(Config)}
            # After a crash as after a stop: no line stays on.
            ExecStopPost=-{Quote(Agent)} safe --config {Quote(Config)}
            WatchdogSec=30
            Restart=always
            RestartSec=2
            # A mistake in the configuration does not get better by trying again.
            RestartPreventExitStatus=2
            TimeoutStartSec=60
            TimeoutStopSec=15
            StateDirectory=edgeconv
            UMask=0027
            NoNewPrivileges=yes

            """);
        if (!IsUsersOwn)
        {
            AppendAccount(text);
            text.Append(Fence);
        }

        text.Append($"""

            [Install]
            WantedBy={(IsUsersOwn ? "default.target" : "multi-user.target")}

            """);
        return text.ToString();
    }

    // Video devices and GPIO chips, and what libcamera needs for a CSI camera. No other device, no capability, no file to write but its own.
    private const string Fence = """
        DevicePolicy=closed
        DeviceAllow=char-video4linux rw
        DeviceAllow=char-media rw
        DeviceAllow=char-dma_heap rw
        DeviceAllow=char-gpiochip rw
        ProtectSystem=strict
        PrivateTmp=yes
        ProtectProc=invisible
        ProtectClock=yes
        ProtectHostname=yes
        ProtectKernelLogs=yes
        ProtectKernelModules=yes
        ProtectKernelTunables=yes
        ProtectControlGroups=yes
        CapabilityBoundingSet=
        AmbientCapabilities=
        RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
        RestrictNamespaces=yes
        RestrictRealtime=yes
        RestrictSUIDSGID=yes
        RemoveIPC=yes
        LockPersonality=yes
        MemoryDenyWriteExecute=yes
        SystemCallArchitectures=native
        SystemCallFilter=@system-service
        SystemCallFilter=~@privileged
        SystemCallErrorNumber=EPERM

        """;

    private void AppendAccount(StringBuilder text)
    {
        text.Append(User is null ? "DynamicUser=yes\n" : $"User={User}\n");
        if (Groups.Count > 0)
        {
            text.Append($"SupplementaryGroups={string.Join(' ', Groups)}\n");
        }

        // One's own account may keep the model at home; nobody else's may look there.
        text.Append(User is null ? "ProtectHome=yes\n" : "ProtectHome=read-only\n");
        foreach (string folder in Writes)
        {
            text.Append($"ReadWritePaths=-{Quote(folder)}\n");
        }
    }

    /// <summary>A path as one word of a unit: with quotes where it has blanks, and what systemd would replace doubled.</summary>
    private static string Quote(string path)
    {
        string text = path.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("%", "%%", StringComparison.Ordinal).Replace("$", "$$", StringComparison.Ordinal);
        return text.Any(char.IsWhiteSpace) || text.Length != path.Length ? $"\"{text}\"" : text;
    }
}
