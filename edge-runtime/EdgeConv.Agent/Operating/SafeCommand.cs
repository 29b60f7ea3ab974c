using System.Device.Gpio;
using EdgeConv.Agent.Configuring;
using EdgeConv.Devices.Acting;
using EdgeConv.Devices.Gpio;

namespace EdgeConv.Agent.Operating;

/// <summary>Switches the lines of all rules off: what systemd runs after every end of the agent, since a killed process cannot do it itself.</summary>
internal static class SafeCommand
{
    /// <summary>safe --config FILE.</summary>
    /// <exception cref="ConfigurationException">The file makes no sense.</exception>
    /// <exception cref="GpioException">There are no lines here.</exception>
    public static void Execute(Arguments arguments, TextWriter output) => Execute(arguments, output, GpioChips.Open);

    /// <summary>The same on another board.</summary>
    internal static void Execute(Arguments arguments, TextWriter output, Func<string?, GpioController> open)
    {
        arguments.ExpectWords();
        string file = arguments.Option("--config") ?? throw new UsageException("safe needs --config FILE.");
        AgentSettings settings = AgentSettings.Read(file, looksAtFiles: false);
        IReadOnlyList<OutputLine> lines = RuleActions.LinesOf(settings.Rules);
        if (lines.Count == 0)
        {
            output.WriteLine("no rule switches a line");
            return;
        }

        using GpioController controller = open(settings.Gpio.Chip);
        string names = string.Join(", ", lines.Select(line => line.Number));
        try
        {
            using OutputLines off = new(controller, lines);
            output.WriteLine($"off: {names}");
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            throw new FailureException($"lines {names}: {error.Message}");
        }
    }
}
