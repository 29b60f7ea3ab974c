namespace EdgeConv.Agent.Configuring;

/// <summary>Where the agent keeps what it must know after a restart.</summary>
internal static class StateFolder
{
    /// <summary>systemd's StateDirectory, or the user's own.</summary>
    public static string Path
    {
        get
        {
            if (Environment.GetEnvironmentVariable("STATE_DIRECTORY") is { Length: > 0 } given)
            {
                return given.Split(':')[0];
            }

            string? user = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
            string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
            return System.IO.Path.Combine(user is { Length: > 0 } ? user : System.IO.Path.Combine(home, ".local", "state"), "edgeconv");
        }
    }
}
