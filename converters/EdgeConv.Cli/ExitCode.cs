namespace EdgeConv.Cli;

/// <summary>What the process says when it ends.</summary>
public static class ExitCode
{
    /// <summary>Everything that was asked for was done.</summary>
    public const int Done = 0;

    /// <summary>The work failed, or a check found a difference.</summary>
    public const int Failed = 1;

    /// <summary>The command line or the environment asks for something that does not exist.</summary>
    public const int Usage = 2;

    /// <summary>Ctrl-C.</summary>
    public const int Interrupted = 130;
}

/// <summary>The command line is wrong; the message says what was found, what was expected and what to do. Exit code 2.</summary>
public sealed class UsageException(string message) : Exception(message);

/// <summary>The work cannot be done; the message says what was found, what was expected and what to do. Exit code 1.</summary>
public sealed class FailureException(string message, Exception? inner = null) : Exception(message, inner);
