namespace EdgeConv.Trainer;

/// <summary>Training cannot go on for a reason that the user can change; the message says what was found and what to do.</summary>
public class TrainingException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>What was asked for does not exist or does not go together; the process ends as with a mistyped option.</summary>
public sealed class UsageException(string message) : TrainingException(message);
