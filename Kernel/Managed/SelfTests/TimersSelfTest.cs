using System.Diagnostics;
using System.Globalization;
using GuestOS.Kernel.SelfTests.Time;

namespace GuestOS.Kernel.SelfTests;

/// <summary><c>timers:SECONDS</c>: threads sleep for 1 ms to 1 s, over and over; how late they wake up goes into a histogram.</summary>
internal sealed class TimersSelfTest : ISelfTest
{
    private const int MostSeconds = 24 * 60 * 60;
    private const int ThreadsPerProcessor = 2;

    private static readonly int[] Durations = [1, 2, 3, 5, 8, 10, 20, 35, 50, 100, 200, 350, 500, 1000];

    public string Name => "timers";

    public Task<bool> RunAsync(KernelSystem system, IReadOnlyList<string> arguments)
    {
        int seconds = SelfTestTime.Parse(arguments, MostSeconds);
        int cpus = system.Machine.Processors.Processors.Count;
        var histogram = new LatenessHistogram();
        var threads = new Thread[cpus * ThreadsPerProcessor];
        long end = Stopwatch.GetTimestamp() + (seconds * Stopwatch.Frequency);
        for (int i = 0; i < threads.Length; i++)
        {
            int seed = i;
            threads[i] = new Thread(() => Sleep(seed, end, histogram)) { Name = string.Create(CultureInfo.InvariantCulture, $"timers {i}"), IsBackground = true };
        }

        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        string? error = histogram.Early != 0 ? string.Create(CultureInfo.InvariantCulture, $"{histogram.Early} timers fired before their time")
            : histogram.Total == 0 ? "no timer fired" : null;
        system.Machine.Events.Write(
            "timers",
            new("seconds", seconds),
            new("cpus", cpus),
            new("threads", threads.Length),
            new("fired", histogram.Total),
            new("early", histogram.Early),
            new("within1ms", histogram.Within(TimeSpan.FromMilliseconds(1))),
            new("medianNs", histogram.Quantile(0.5)),
            new("p99Ns", histogram.Quantile(0.99)),
            new("worstNs", histogram.Worst),
            new("histogram", histogram.ToString()),
            new("result", error is null ? "ok" : "error"),
            new("error", error));
        return Task.FromResult(error is null);
    }

    private static void Sleep(int seed, long end, LatenessHistogram histogram)
    {
        var random = new Random(seed);
        while (Stopwatch.GetTimestamp() < end)
        {
            int milliseconds = Durations[random.Next(Durations.Length)];
            long start = Stopwatch.GetTimestamp();
            Thread.Sleep(milliseconds);
            histogram.Add((long)(Stopwatch.GetElapsedTime(start).TotalNanoseconds - (milliseconds * 1e6)));
        }
    }
}
