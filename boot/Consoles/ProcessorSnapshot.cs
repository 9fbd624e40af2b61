using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GuestOS.Boot.Build;
using GuestOS.Boot.Hosts.Qemu;
using GuestOS.Boot.Images;

namespace GuestOS.Boot.Consoles;

/// <summary>What the processors of a machine that still runs are doing: for a guest that stands still and says nothing.</summary>
internal static partial class ProcessorSnapshot
{
    /// <summary>Samples of the registers. Two that differ tell a processor that goes round in circles from one that waits.</summary>
    private const int Samples = 2;

    /// <summary>Describes the processors: registers and what each one's interrupt controller holds, with names for addresses in the kernel.</summary>
    /// <param name="monitor">The machine's monitor; null for a machine that is in no QEMU.</param>
    /// <param name="symbols">Names of the kernel's functions, where they are known.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The text; null when the machine has ended or is in no QEMU.</returns>
    public static async Task<string?> TryTakeAsync(QmpClient? monitor, ElfSymbols? symbols, CancellationToken cancellationToken)
    {
        if (monitor is null or { HasEnded: true })
            return null;
        var text = new StringBuilder();
        try
        {
            for (var i = 0; i < Samples; i++)
                await AppendAsync("info registers -a").ConfigureAwait(false);
            var processors = await monitor.ExecuteAsync("query-cpus-fast", null, cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < processors.GetArrayLength(); i++)
                await AppendAsync(string.Create(CultureInfo.InvariantCulture, $"info lapic {i}")).ConfigureAwait(false);
        }
        catch (ToolException e)
        {
            // The machine ended meanwhile; what was read before that may still tell why.
            text.Append(e.Message).Append('\n');
        }

        return text.ToString();

        async Task AppendAsync(string command)
        {
            var answer = await monitor.ExecuteAsync("human-monitor-command", new JsonObject { ["command-line"] = command }, cancellationToken).ConfigureAwait(false);
            text.Append("\n# ").Append(command).Append('\n').Append(Name(answer.GetString() ?? "", symbols));
        }
    }

    /// <summary>The same without names; null also when the host does not answer in time.</summary>
    /// <param name="monitor">The machine's monitor; null for a machine that is in no QEMU.</param>
    /// <param name="patience">How long to wait.</param>
    public static async Task<string?> TryTakeAsync(QmpClient? monitor, TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        try
        {
            return await TryTakeAsync(monitor, null, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Where each processor has its interrupt table, as often as the snapshot shows it.</summary>
    /// <param name="snapshot">See <see cref="TryTakeAsync(QmpClient?, ElfSymbols?, CancellationToken)"/>.</param>
    public static IEnumerable<(int Processor, ulong Address)> InterruptTables(string snapshot)
    {
        var processor = 0;
        foreach (Match match in ProcessorOrTable().Matches(snapshot))
        {
            if (match.Groups[1].Success)
                processor = int.Parse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
            else
                yield return (processor, ulong.Parse(match.Groups[2].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Adds the name of the function to each line that holds an instruction pointer.</summary>
    /// <param name="registers">What QEMU says of registers.</param>
    /// <param name="symbols">Names of the kernel's functions, where they are known.</param>
    public static string Name(string registers, ElfSymbols? symbols) =>
        symbols is null
            ? registers.ReplaceLineEndings("\n")
            : InstructionPointer().Replace(
                registers.ReplaceLineEndings("\n"),
                match => $"{match.Value}\n  at {symbols.Describe(ulong.Parse(match.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture))}");

    [GeneratedRegex("^(?:CPU#([0-9]{1,4})|IDT= *([0-9a-f]{16}))", RegexOptions.Multiline)]
    private static partial Regex ProcessorOrTable();

    [GeneratedRegex("^RIP=([0-9a-f]{16}).*$", RegexOptions.Multiline)]
    private static partial Regex InstructionPointer();
}
