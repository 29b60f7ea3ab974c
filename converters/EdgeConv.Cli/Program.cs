using System.Runtime.InteropServices;
using EdgeConv.Cli;
using EdgeConv.Cli.Screen;

// The first Ctrl-C asks the work to stop and clean up; a second one ends the process at once.
using CancellationTokenSource stop = new();
void Stop(PosixSignalContext context)
{
    context.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
}

using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
return App.Run(args, Terminal.ForProcess(), stop.Token);
