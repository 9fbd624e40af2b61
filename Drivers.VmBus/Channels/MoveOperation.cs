using GuestOS.Drivers.VmBus.Connections;

namespace GuestOS.Drivers.VmBus.Channels;

/// <summary>One attempt to move a channel's interrupts to another processor.</summary>
internal sealed record MoveOperation(int Processor, Promise Promise)
{
    /// <summary>The version knows how to.</summary>
    public bool IsPossible { get; set; }

    public Deadline? Deadline { get; set; }
}
