// Figures that a timed test would get wrong on a noisy machine: printed, not judged. See bench/figures.
using System.Diagnostics;
using System.Globalization;
using Acceptance.Bench;
using Acceptance.Platform.Twins;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Console.WriteLine($"cores: {Environment.ProcessorCount}");

if (args is ["registry"])
{
    // In a process of its own: its peak memory is this figure's.
    await RegistryFigure.MeasureAsync(1L << 30, rounds: 3, Console.Out);
    return;
}

if (args is ["storage"])
{
    await StorageFigure.MeasureAsync(1L << 30, rounds: 4, Console.Out);
    return;
}

if (args is ["bigquery"])
{
    await BigQueryFigure.MeasureAsync(5_000_000, rounds: 3, Console.Out);
    return;
}

if (args is ["waiting", var seconds, var milliseconds])
{
    await WaitingFigure.MeasureAsync(
        "CloudRun",
        TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)),
        TimeSpan.FromMilliseconds(double.Parse(milliseconds, CultureInfo.InvariantCulture)),
        Console.Out);
    return;
}

var clock = Stopwatch.StartNew();
await using (await EmbeddedTwin.StartAsync(new Dictionary<string, string>(), CancellationToken.None))
{
    Console.WriteLine($"twin start, first in a process: {clock.ElapsedMilliseconds} ms (at most 500)");
}

clock.Restart();
await using (await EmbeddedTwin.StartAsync(new Dictionary<string, string>(), CancellationToken.None))
{
    Console.WriteLine($"twin start, second in a process: {clock.ElapsedMilliseconds} ms");
}

// Once without being counted, on a twin of its own: a figure of the code, not of its compilation.
await LockFigure.MeasureAsync(200, TimeSpan.Zero, connections: 16, rounds: 2);

const int entries = 1000;
var latency = TimeSpan.FromMilliseconds(20);
foreach (var connections in new[] { 8, 16 })
{
    foreach (var round in await LockFigure.MeasureAsync(entries, latency, connections, rounds: 4))
    {
        Console.WriteLine($"NX-06, {entries} entries, {latency.TotalMilliseconds} ms an answer, {connections} connections, {round} (at most 1.3)");
    }
}
