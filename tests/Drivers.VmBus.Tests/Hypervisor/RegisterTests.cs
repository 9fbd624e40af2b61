using GuestOS.Drivers.VmBus.Hypervisor;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Sandbox.Partition;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Hypervisor;

public sealed class RegisterTests
{
    [Fact]
    public void What_is_offered_is_read()
    {
        using var machine = new TestPartition();
        var registers = new HypervisorRegisters(machine.Platform.Msr, machine.Info);
        Assert.True(registers.TryReadTscFrequency(out var tsc));
        Assert.Equal(2_000_000_000UL, tsc);
        Assert.True(registers.TryReadApicFrequency(out var apic));
        Assert.Equal(200_000_000UL, apic);
        machine.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(registers.TryReadRunTime(out var time));
        Assert.Equal(5_000_000UL, time);
        Assert.True(registers.TryIdle());
        Assert.True(registers.TryMakeTscInvariant());
        Assert.True(registers.TryReset());
        Assert.True(machine.Model.Registers.IsReset);
    }

    [Fact]
    public void What_is_not_offered_is_not_touched()
    {
        using var machine = new TestPartition(new PartitionOptions { Privileges = PartitionPrivileges.None, Features = HypervisorFeatures.None, Hints = HypervisorHints.None });
        var registers = new HypervisorRegisters(machine.Platform.Msr, machine.Info);
        Assert.False(registers.TryReadTscFrequency(out _));
        Assert.False(registers.TryReadApicFrequency(out _));
        Assert.False(registers.TryReadRunTime(out _));
        Assert.False(registers.TryIdle());
        Assert.False(registers.TryMakeTscInvariant());
        Assert.False(registers.TryReset());
        Assert.Null(ApicAssist.TryStart(machine.Platform, machine.Info));
        Assert.Null(CrashReporter.TryCreate(machine.Platform, machine.Info, TestPartition.OsId));
        Assert.Throws<SimulatedFaultException>(() => machine.Platform.Msr.Read(Msr.TscFrequency));
    }

    [Fact]
    public void An_end_of_interrupt_that_nobody_needs_is_not_written()
    {
        using var machine = new TestPartition(new PartitionOptions { Processors = 2 });
        ulong page = 0;
        using (var assist = ApicAssist.TryStart(machine.Platform, machine.Info)!)
        {
            machine.Platform.Processors.Run(1, () => page = machine.Platform.Msr.Read(Msr.VpAssistPage));
            Assert.Equal(1UL, page & 1);
            Assert.True(machine.Memory.TryWrite(page & ~0xFFFUL, [1, 0, 0, 0]));
            machine.Platform.Processors.Run(1, () =>
            {
                Assert.False(assist.EndOfInterrupt(1));
                Assert.True(assist.EndOfInterrupt(1));
            });
            Assert.Equal(1, machine.Model.Processors[1].EndsOfInterrupt);
        }

        machine.Platform.Processors.Run(1, () => page = machine.Platform.Msr.Read(Msr.VpAssistPage));
        Assert.Equal(0UL, page);
        Assert.Equal(0, machine.Memory.PageCount);
    }

    [Fact]
    public void A_crash_is_reported_once()
    {
        using var machine = new TestPartition();
        using var crash = CrashReporter.TryCreate(machine.Platform, machine.Info, TestPartition.OsId)!;
        Assert.True(crash.Report("the end"u8));
        Assert.False(crash.Report(1, 2, 3, 4));
        var (control, parameters, text) = machine.Model.Registers.Crashes.Single();
        Assert.Equal(0xC000_0000_0000_0000UL, control);
        Assert.Equal((0UL, 0UL, 0UL, 7UL), (parameters[0], parameters[1], parameters[2], parameters[4]));
        Assert.Equal("the end"u8.ToArray(), text);
    }

    [Fact]
    public void A_host_that_takes_no_text_gets_numbers_and_a_long_text_is_cut()
    {
        using var machine = new TestPartition();
        machine.Model.Registers.CrashCapabilities = Msr.CrashNotify;
        using var crash = CrashReporter.TryCreate(machine.Platform, machine.Info, TestPartition.OsId)!;
        Assert.True(crash.Report("text"u8));
        Assert.Equal((0x8000_0000_0000_0000UL, TestPartition.OsId.Value), (machine.Model.Registers.Crashes[0].Control, machine.Model.Registers.Crashes[0].Parameters[1]));
        machine.Model.Registers.CrashCapabilities = Msr.CrashNotify | Msr.CrashMessage;
        using var other = CrashReporter.TryCreate(machine.Platform, machine.Info, TestPartition.OsId)!;
        Assert.True(other.Report(new byte[5000]));
        Assert.Equal(4096, machine.Model.Registers.Crashes[1].Text.Length);
        using var third = CrashReporter.TryCreate(machine.Platform, machine.Info, TestPartition.OsId)!;
        Assert.True(third.Report(0xE, 0x1000, 0x2000, 0x3000));
        Assert.Equal([0xE, TestPartition.OsId.Value, 0x1000, 0x2000, 0x3000], machine.Model.Registers.Crashes[2].Parameters);
    }
}
