using System.Diagnostics;
using EdgeConv.Runtime;

// MODEL.ecm: runs it once on bytes that count up; prints the class, and for the stopwatch when it began, was ready and had its answer.
long begun = Stopwatch.GetTimestamp();
using Model model = Model.Open(args[0]);
using var net = new Interpreter(model);
long ready = Stopwatch.GetTimestamp();
Span<sbyte> input = net.Input;
for (int i = 0; i < input.Length; i++)
{
    input[i] = (sbyte)i;
}

net.Run();
long answered = Stopwatch.GetTimestamp();
ReadOnlySpan<sbyte> scores = net.Output;
int best = 0;
for (int i = 1; i < scores.Length; i++)
{
    best = scores[i] > scores[best] ? i : best;
}

Console.WriteLine($"class {best} by {net.Path}");
Console.WriteLine($"@ {begun} {ready} {answered}");
