using System.Globalization;

namespace GuestOS.Bench.Peer;

/// <summary>Linux's count of interrupts (proc(5), /proc/interrupts).</summary>
internal static class InterruptTable
{
    /// <summary>Rows that count what no processor was interrupted by, in one column: bus errors of the APIC, interrupts that were lost.</summary>
    private static readonly string[] NoInterrupts = ["ERR:", "MIS:"];

    /// <summary>Interrupts on all processors since the start: those of devices, of timers, of other processors, of the hypervisor.</summary>
    /// <param name="text">The whole file.</param>
    /// <exception cref="IOException">This is no such table.</exception>
    public static long Total(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var cpus = lines.Length == 0 ? 0 : Words(lines[0]).Count(word => word.StartsWith("CPU", StringComparison.Ordinal));
        if (cpus == 0)
            throw new IOException("/proc/interrupts does not begin with a line of processors");
        long total = 0;
        foreach (var line in lines.Skip(1))
        {
            var words = Words(line);
            if (words is not [var name, ..] || NoInterrupts.Contains(name))
                continue;
            if (!name.EndsWith(':') || words.Length <= cpus)
                throw new IOException($"/proc/interrupts has a row with fewer counts than {cpus}: {line}");
            foreach (var word in words.AsSpan(1, cpus))
                total += long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : throw new IOException($"/proc/interrupts: no count: {line}");
        }

        return total;
    }

    private static string[] Words(string line) => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
