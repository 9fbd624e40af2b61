using System.Globalization;

namespace GuestOS.Bench.Peer;

/// <summary>Does nothing, and counts the interrupts that come meanwhile, as the self-test <c>idle</c> does under GuestOS.</summary>
internal static class IdleLoad
{
    /// <summary>For what has just been written to the serial lines, and for threads that end.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(1);

    /// <summary>Writes the event <c>idle</c>.</summary>
    /// <exception cref="IOException">The kernel's table cannot be read.</exception>
    public static void Run(int seconds)
    {
        Thread.Sleep(Settle);
        var before = Count();
        Thread.Sleep(TimeSpan.FromSeconds(seconds));
        var came = Count() - before;
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"t":0,"event":"idle","seconds":{{seconds}},"cpus":{{Environment.ProcessorCount}},"interrupts":{{came}},"perThousandSeconds":{{came * 1000 / seconds}},"result":"ok"}"""));
    }

    private static long Count() => InterruptTable.Total(File.ReadAllText("/proc/interrupts"));
}
