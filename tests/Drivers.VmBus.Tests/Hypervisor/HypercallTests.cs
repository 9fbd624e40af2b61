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
    public void Locked_and_off_or_without_privilege_there_are_no_calls()
    {
        using var machine = new TestPartition();
        machine.Model.Registers.Hypercall = Msr.HypercallLocked;
        Assert.NotNull(new Hypercalls(machine.Platform, machine.Info, TestPartition.OsId).Enable());
        using var other = new TestPartition(new PartitionOptions { Privileges = PartitionPrivileges.SynIc });
        Assert.NotNull(new Hypercalls(other.Platform, other.Info, TestPartition.OsId).Enable());
        Assert.Equal(0, machine.Memory.PageCount + other.Memory.PageCount);
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

    [Fact]
    public void Flush_and_IPI_inputs()
    {
        var set = new ProcessorSet();
        set.Add(new VpIndex(0));
        set.Add(new VpIndex(5));
        Span<byte> block = stackalloc byte[256];
        Assert.Equal(24, FlushInput.Build(block, 0x1000, FlushFlags.NonGlobalOnly, set, out var control));
        Assert.Equal(0x0002UL, control.Value);
        Assert.Equal(Hex.Parse("00 10 00 00 00 00 00 00 04 00 00 00 00 00 00 00 21 00 00 00 00 00 00 00"), block[..24].ToArray());
        Assert.Equal(40, FlushInput.Build(block, 0x1000, FlushFlags.None, set, [FlushInput.Entry(0x40_0000, 1), FlushInput.Entry(0x80_0000, 4096)], out control));
        Assert.Equal(0x2_0000_0003UL, control.Value);
        Assert.Equal(Hex.Parse("00 00 40 00 00 00 00 00 ff 0f 80 00 00 00 00 00"), block[24..40].ToArray());
        Assert.Equal(16, IpiInput.Build(block, 0x41, set, out control));
        Assert.Equal(0x000BUL, control.Value);
        Assert.Equal(Hex.Parse("41 00 00 00 00 00 00 00 21 00 00 00 00 00 00 00"), block[..16].ToArray());
        set.Add(new VpIndex(70));
        Assert.Equal(48, FlushInput.Build(block, 0x1000, FlushFlags.None, set, out control));
        Assert.Equal(0x0013UL | (2UL << 17), control.Value);
        Assert.Equal(
            Hex.Parse("00 00 00 00 00 00 00 00 03 00 00 00 00 00 00 00 21 00 00 00 00 00 00 00 40 00 00 00 00 00 00 00"), block[16..48].ToArray());
        Assert.Equal(40, IpiInput.Build(block, 0x41, set, out control));
        Assert.Equal(0x0015UL | (2UL << 17), control.Value);
        Assert.Throws<ArgumentNullException>(() => FlushInput.Build(new byte[64], 0, FlushFlags.None, null, out _));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Calls_go_in_registers_where_possible_and_go_on_until_all_is_done(bool xmm)
    {
        using var machine = new TestPartition(new PartitionOptions
        {
            Features = xmm ? HypervisorFeatures.XmmInput : HypervisorFeatures.None,
            RepsPerCall = 2,
        });
        var calls = machine.EnableHypercalls();
        Span<byte> block = stackalloc byte[2048];
        var entries = Enumerable.Range(1, 5).Select(i => FlushInput.Entry((ulong)i << 20, 1)).ToArray();
        var length = FlushInput.Build(block, 0x1000, FlushFlags.AllProcessors, null, entries, out var control);
        Assert.Equal(CallStatus.Success, calls.Execute(control, block[..length]));
        Assert.Equal([0, 2, 4], machine.Model.Hypercalls.Calls.Select(call => call.Control.RepStart));
        Assert.All(machine.Model.Hypercalls.Calls, call => Assert.Equal(xmm, call.Control.IsFast));
        var input = block[..64].ToArray();
        Assert.All(machine.Model.Hypercalls.Calls, call => Assert.Equal(input, call.Input[..64]));
        machine.Model.Hypercalls.Calls.Clear();
        var set = new ProcessorSet();
        set.Add(new VpIndex(1));
        length = IpiInput.Build(block, 0x41, set, out control);
        Assert.Equal(CallStatus.Success, calls.Execute(control, block[..length]));
        Assert.Equal((true, 16), (machine.Model.Hypercalls.Calls[0].Control.IsFast, machine.Model.Hypercalls.Calls[0].Input.Length));
    }

    [Fact]
    public void A_rep_call_that_makes_no_progress_is_given_up()
    {
        using var machine = new TestPartition();
        var calls = machine.EnableHypercalls();
        machine.Model.Hypercalls.Intercept = _ => CallStatus.Success;
        Span<byte> block = stackalloc byte[64];
        var length = FlushInput.Build(block, 0, FlushFlags.AllProcessors, null, [FlushInput.Entry(0, 1)], out var control);
        Assert.Equal(CallStatus.TimeOut, calls.Execute(control, block[..length]));
    }

    [Fact]
    public void A_long_spin_is_told()
    {
        using var machine = new TestPartition();
        machine.EnableHypercalls().NotifyLongSpin(0xFFF);
        Assert.Equal(0x10008UL, machine.Model.Hypercalls.Calls.Single().Control.Value);
    }
}
