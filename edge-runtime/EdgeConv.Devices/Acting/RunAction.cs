using System.ComponentModel;
using System.Diagnostics;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Devices.Acting;

/// <summary>Runs a program: without a shell, so that no class name means anything to one; never two at once, the newest waits.</summary>
internal sealed class RunAction(string name, RunRule rule, Action<string> say) : BackgroundAction<ActionEvent>(name, room: 1, say)
{
    /// <inheritdoc/>
    protected override ActionEvent Prepare(ActionEvent what, in Picture? picture) => what;

    /// <inheritdoc/>
    protected override async Task Work(ActionEvent job, CancellationToken stop)
    {
        ProcessStartInfo start = new(rule.Words[0]) { RedirectStandardInput = true, UseShellExecute = false };
        foreach (string word in rule.Words.Skip(1))
        {
            start.ArgumentList.Add(job.Fill(word));
        }

        foreach ((string field, string value) in job.Fields())
        {
            start.Environment["EDGECONV_" + field.ToUpperInvariant()] = value;
        }

        using Process process = Start(start);
        process.StandardInput.Close();
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(rule.Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{rule.Words[0]} was still running after {rule.Limit.TotalSeconds:0.###} s and was ended.");
        }

        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{rule.Words[0]} ended with code {process.ExitCode}.");
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception error)
        {
            throw new InvalidOperationException($"{start.FileName} cannot be started ({error.Message}).");
        }
    }
}
