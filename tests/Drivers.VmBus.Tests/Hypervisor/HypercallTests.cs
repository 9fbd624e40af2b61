using GuestOS.Drivers.VmBus.Hypervisor;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Sandbox.Partition;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Hypervisor;

public sealed class HypercallTests
{
    [Fact]
    public void The_page_is_enabled_behind_the_guest_id_and_given_back()
    {
        using var machine = new TestPartition();
        machine.Model.Registers.Hypercall = 0x7FC;
        var calls = machine.EnableHypercalls();
        Assert.Equal(TestPartition.OsId.Value, machine.Model.Registers.GuestOsId);
        Assert.Equal(0x7FDu, machine.Model.Registers.Hypercall & 0xFFF);
        Assert.True(machine.Model.Hypercalls.IsInstalled);
        calls.Disable();
        Assert.Equal(0UL, machine.Model.Registers.GuestOsId);
        Assert.Equal(0x7FCUL, machine.Model.Registers.Hypercall);
        Assert.Equal(0, machine.Memory.PageCount);
        Assert.Equal(CallStatus.InvalidCallCode, calls.PostMessage(ConnectionId.Message, [1]));
    }

    [Fact]
    public void A_page_that_is_live_already_is_used_and_left()
    {
        using var machine = new TestPartition();
        machine.Model.Registers.GuestOsId = 0x1234;
        machine.Model.Registers.Hypercall = 0x5000_0001;
        var calls = machine.EnableHypercalls();
        Assert.Equal(0x1234UL, machine.Model.Registers.GuestOsId);
        calls.Disable();
        Assert.Equal(0x5000_0001UL, machine.Model.Registers.Hypercall);
        Assert.Equal(0x1234UL, machine.Model.Registers.GuestOsId);
    }

    [Fact]
    public void Locked_and_off_without_privilege_or_without_a_page_there_are_no_calls()
    {
        using var machine = new TestPartition();
        machine.Model.Registers.Hypercall = Msr.HypercallLocked;
        Assert.NotNull(new Hypercalls(machine.Platform, machine.Info, TestPartition.OsId).Enable());
        using var other = new TestPartition(new PartitionOptions { Privileges = PartitionPrivileges.SynIc });
        Assert.NotNull(new Hypercalls(other.Platform, other.Info, TestPartition.OsId).Enable());
        using var deaf = new TestPartition();
        Assert.NotNull(new Hypercalls(deaf.Platform, deaf.Info, osId: default).Enable());
        Assert.Equal(0, machine.Memory.PageCount + other.Memory.PageCount + deaf.Memory.PageCount);
    }

    [Fact]
    public void Posting_and_signalling()
    {
        using var machine = new TestPartition();
        var calls = machine.EnableHypercalls();
        byte[]? got = null;
        var flags = new List<ushort>();
        machine.Model.Hypercalls.MessagePorts[1] = payload =>
        {
            got = payload.ToArray();
            return CallStatus.Success;
        };
        machine.Model.Hypercalls.EventPorts[0x2007] = flags.Add;
        Assert.Equal(CallStatus.Success, calls.PostMessage(ConnectionId.Message, [1, 2, 3]));
        Assert.Equal([1, 2, 3], got);
        Assert.Equal(CallStatus.InvalidConnectionId, calls.PostMessage(ConnectionId.Contact, [1]));
        Assert.Equal(CallStatus.Success, calls.SignalEvent(new ConnectionId(0x2007), 5));
        Assert.Equal([5], flags);
        Assert.Equal(CallStatus.InvalidConnectionId, calls.SignalEvent(new ConnectionId(0x2008)));
        Assert.Throws<ArgumentOutOfRangeException>(() => calls.PostMessage(ConnectionId.Message, new byte[241]));
    }
}
