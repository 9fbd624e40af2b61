using System.Globalization;
using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Rings;
using GuestOS.Kernel.VmBus;

namespace GuestOS.Kernel.Shell.Commands;

/// <summary>Shows the VMBus connection, its channels and what was counted.</summary>
internal sealed class VmBusCommand : ICommand
{
    public string Name => "vmbus";

    public string Summary => "shows VMBus: version, channels, counters";

    public ValueTask ExecuteAsync(CommandContext context)
    {
        VmBusManager bus = context.System.VmBus ?? throw new CommandException("The machine is not up yet.");
        if (bus.Connection is not { } connection)
        {
            context.Output.WriteLine($"There is no VMBus: {bus.WhyNot}.");
            return ValueTask.CompletedTask;
        }

        WriteState(context.Output, bus, connection);
        WriteChannels(context.Output, connection.Snapshot());
        WriteCounters(context.Output, connection.Counters, bus.BadMessages);
        return ValueTask.CompletedTask;
    }

    private static void WriteState(ConsoleOutput output, VmBusManager bus, VmBusConnection connection)
    {
        output.WriteLine(connection.Version == default
            ? $"{connection.State}{(bus.WhyNot is null ? "" : $": {bus.WhyNot}")}."
            : $"{connection.State}, version {connection.Version}, features {connection.Features}{(connection.AllOffersDelivered ? "" : ", offers not complete")}.");
        string waiting = VmBusEvents.Waiting(connection.Devices, bus.Classes);
        if (waiting.Length != 0)
            output.WriteLine($"Drivers wait for: {waiting}.");
    }

    private static void WriteChannels(ConsoleOutput output, IReadOnlyList<ChannelSnapshot> channels)
    {
        output.WriteTable(
            ["ID", "CLASS", "INSTANCE", "SUB", "STATE", "CPU", "OUT", "IN", "SENT", "RECEIVED", "INTERRUPTS", "SIGNALS", "VIOLATIONS"],
            channels.Select(channel => new[]
            {
                channel.RelId.ToString(),
                channel.ClassName ?? channel.Identity.ClassId.ToString(),
                channel.Identity.InstanceId.ToString(),
                Number(channel.Identity.SubchannelIndex),
                channel.Status.ToString(),
                Number(channel.Processor),
                Fill(channel.SendRing),
                Fill(channel.ReceiveRing),
                Number(channel.Counters.Sent),
                Number(channel.Counters.Received),
                Number(channel.Counters.Interrupts),
                Number(channel.Counters.Signals + channel.Counters.MonitorSignals),
                Number(channel.Counters.Dropped + channel.Counters.StrayCompletions),
            }));
    }

    private static void WriteCounters(ConsoleOutput output, in VmBusCounters counters, long badMessages)
    {
        (string What, long Count)[] all =
        [
            ("messages received", counters.MessagesReceived),
            ("messages posted", counters.MessagesPosted),
            ("posts tried again", counters.PostRetries),
            ("messages of impossible size", badMessages),
            ("messages of no use: unknown", counters.UnknownMessages),
            ("messages of no use: too short", counters.ShortMessages),
            ("messages of no use: unknown ids", counters.UnknownIds),
            ("messages of no use: answers to nothing", counters.LateAnswers),
            ("answers that did not come", counters.TimeOuts),
            ("offers", counters.Offers),
            ("offers rejected", counters.RejectedOffers),
            ("rescinds", counters.Rescinds),
            ("ids released", counters.Releases),
            ("events of no channel", counters.StrayEvents),
            ("signals refused", counters.FailedSignals),
            ("bytes leaked", counters.LeakedBytes),
        ];
        output.WriteTable(["COUNT", "OF"], all.Select(counter => new[] { Number(counter.Count), counter.What }));
    }

    private static string Fill(RingFill ring) => ring.Size == 0 ? "-" : ConsoleOutput.Format($"{ring.Used}/{ring.Size}");

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
