using System.Globalization;
using GuestOS.Machine.Memory;

namespace GuestOS.Kernel.Shell.Commands;

/// <summary>Shows what the host has of the machine's memory.</summary>
internal sealed class BalloonCommand : ICommand
{
    public string Name => "balloon";

    public string Summary => "shows what the host has of the memory";

    public ValueTask ExecuteAsync(CommandContext context)
    {
        IReadOnlyList<IMemoryBalloon> balloons = context.System.Balloons.Entries;
        if (balloons.Count == 0)
            throw new CommandException("The host offers no dynamic memory.");
        foreach (IMemoryBalloon balloon in balloons)
            Show(context, balloon);
        return ValueTask.CompletedTask;
    }

    private static void Show(CommandContext context, IMemoryBalloon balloon)
    {
        BalloonStatus status = balloon.Status;
        context.Output.WriteTable(
            [balloon.Name.ToUpperInvariant(), ""],
            [
                ["protocol", status.Version],
                ["state", status.State.ToString().ToLowerInvariant()],
                ["memory of the machine", Size(status.Memory.Total)],
                ["added by the host", Size(status.Memory.Added)],
                ["with the host", Size(status.Memory.Taken)],
                ["free", Size(status.Memory.Free)],
                ["committed", Size(status.Memory.Committed)],
                ["always kept free", Size(status.Floor)],
                ["most that the host will give", status.MostPages == 0 ? "unknown" : Size(status.MostPages)],
                .. balloon.Counters.Select(counter => new[] { counter.Name, counter.Value.ToString(CultureInfo.InvariantCulture) }),
            ]);
    }

    private static string Size(ulong pages) => ByteSize.Format((UInt128)pages * PageRange.PageSize);
}
