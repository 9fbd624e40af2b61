using System.Globalization;

namespace GuestOS.Bench.Runs;

/// <summary>How busy this machine was during the measurement, by which a reader judges the noise. One measured machine keeps about one processor busy.</summary>
internal sealed class HostState
{
    private readonly long _start = Environment.TickCount64;
    private readonly double _busy = Busy();

    /// <summary>A line about this machine since the object was made.</summary>
    /// <param name="measured">What was measured on it.</param>
    public string Describe(string measured = "A measured machine")
    {
        var seconds = (Environment.TickCount64 - _start) / 1000.0;
        var share = (Busy() - _busy) / seconds / Environment.ProcessorCount;
        var load = File.ReadAllText("/proc/loadavg").Split(' ');
        return string.Create(
            CultureInfo.InvariantCulture,
            $"This machine: {Environment.ProcessorCount} processors ({ProcessorName()}), {share:P0} busy on average over {seconds:F0} s; load {load[0]} at the end. {measured} takes about one processor: where more was busy, others were at work, and the ratios say more than the values.");
    }

    /// <summary>Seconds that all processors together were busy, since this machine was started (proc(5), /proc/stat; hundredths of a second).</summary>
    private static double Busy()
    {
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        const int idle = 4, ioWait = 5, last = 8;
        double sum = 0;
        for (var i = 1; i <= last; i++)
            if (i is not (idle or ioWait))
                sum += double.Parse(fields[i], CultureInfo.InvariantCulture);
        return sum / 100;
    }

    private static string ProcessorName() =>
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown";
}
