using GuestOS.Drivers.VmBus.Protocol.Messages;
using GuestOS.Sandbox.VmBus;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Network;

/// <summary>A host that does not let go of the channel may still read what it was sent.</summary>
public sealed class LostMemoryTests
{
    [Fact]
    public void A_frame_that_the_host_may_still_read_is_never_used_again()
    {
        using var machine = NetworkMachine.Started(options: ("copy", "0"));
        machine.Provider.Mangle = (name, bytes) => name == "nvsp 6c" ? null : bytes;
        var frame = machine.Rent(Frames.Random(machine.Random, 1000, machine.Adapter.Address));
        var (address, content) = (frame.PhysicalAddress.Value, frame.Data.ToArray());
        machine.Run(machine.Adapter.SendAsync(frame)).ThrowIfFailed();
        machine.Settle();
        machine.Host.Faults.Add(new MessageFault(MessageFaultKind.Never) { Only = MessageType.GpadlTorndown, Count = int.MaxValue });
        var adapter = machine.Adapter;
        machine.DetachAll();
        machine.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal((0, 1L), (adapter.Outstanding, adapter.Statistics.SendDropped));
        Assert.InRange(machine.PagesInUse, 1, int.MaxValue);
        var read = new byte[content.Length];
        Assert.True(machine.Memory.TryRead(address, read));
        Assert.Equal(content, read);
        Assert.Empty(machine.Memory.Violations);
        Assert.Empty(machine.Escaped);
    }
}
