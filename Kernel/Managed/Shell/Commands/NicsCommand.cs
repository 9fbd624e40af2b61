using System.Globalization;
using GuestOS.Kernel.Network;
using GuestOS.Machine.Network;

namespace GuestOS.Kernel.Shell.Commands;

/// <summary>Lists the network interfaces, or all counters of one.</summary>
internal sealed class NicsCommand : ICommand
{
    public string Name => "nics";

    public string Arguments => "[NIC]";

    public string Summary => "lists network interfaces, or one's counters";

    public ValueTask ExecuteAsync(CommandContext context)
    {
        if (context.Arguments.Count == 0)
            List(context);
        else
            ShowCounters(context, context.RequireOne("the name of a network interface"));
        return ValueTask.CompletedTask;
    }

    public IEnumerable<string> Complete(KernelSystem system, string start) =>
        system.Networks.Entries.Select(entry => entry.Name).Where(name => name.StartsWith(start, StringComparison.Ordinal));

    private static void List(CommandContext context) => context.Output.WriteTable(
        ["NAME", "ADDRESS", "LINK", "MTU", "RECEIVED", "ERRORS", "DROPPED", "SENT", "ERRORS", "WHAT"],
        context.System.Networks.Entries.Select(entry =>
        {
            INetworkDevice device = entry.Device;
            NetworkStatistics statistics = device.Statistics;
            return new[]
            {
                device.Name,
                device.Address.ToString(),
                device.Link.ToString(),
                Number(device.Mtu),
                Number(statistics.ReceivedFrames),
                Number(statistics.ReceiveErrors),
                Number(statistics.ReceiveDropped),
                Number(statistics.SentFrames),
                Number(statistics.SendErrors),
                device.Model,
            };
        }));

    private static void ShowCounters(CommandContext context, string name)
    {
        if (!context.System.Networks.TryFind(name, out NetworkEntry? entry))
            throw new CommandException($"There is no network interface '{name}'.");
        NetworkStatistics statistics = entry.Device.Statistics;
        IEnumerable<NetworkCounter> all =
        [
            new("frames received", statistics.ReceivedFrames),
            new("bytes received", statistics.ReceivedBytes),
            new("frames sent", statistics.SentFrames),
            new("bytes sent", statistics.SentBytes),
            new("frames given up", statistics.SendErrors + statistics.SendDropped),
            .. entry.Device.Counters,
        ];
        context.Output.WriteTable(["COUNT", "OF"], all.Select(counter => new[] { Number(counter.Value), counter.Name }));
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
