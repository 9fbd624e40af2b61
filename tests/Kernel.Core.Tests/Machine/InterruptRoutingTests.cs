using GuestOS.Testing;

namespace GuestOS.Kernel.Core.Tests;

public sealed unsafe class InterruptRoutingTests
{
    public InterruptRoutingTests() => KernelState.Reset(typeof(AcpiTables));

    [Theory]
    [InlineData(1, 0, 1U, false, false)]
    [InlineData(11, 1 << 11, 11U, true, false)]
    public void Without_override_an_interrupt_keeps_its_number(int irq, ushort edgeLevel, uint gsi, bool level, bool low)
        => Expect(irq, edgeLevel, gsi, level, low);

    [Theory]
    [InlineData(0x0, 0, false, false)]
    [InlineData(0x5, 0, false, false)]
    [InlineData(0xD, 0, true, false)]
    [InlineData(0xF, 0, true, true)]
    [InlineData(0x7, 1 << 10, false, true)]
    [InlineData(0x1, 1 << 10, true, false)]
    public void Flags_of_an_override_decide_and_leave_the_rest_to_the_bus(ushort flags, ushort edgeLevel, bool level, bool low)
    {
        Override(10, 21, flags);
        Expect(10, edgeLevel, 21, level, low);
    }

    [Fact]
    public void The_system_control_interrupt_is_level_and_low_by_default()
    {
        AcpiTables.HasFadt = true;
        AcpiTables.SciInterrupt = 9;
        Override(9, 9, 0);
        Expect(9, 0, 9, true, true);
        Override(9, 9, 0xD);
        Expect(9, 0, 9, true, false);
    }

    [Fact]
    public void A_global_interrupt_leads_back_to_the_isa_interrupt_that_arrives_there()
    {
        Override(0, 2, 0);
        Assert.True(InterruptRouting.TryGetIsa(2, out int irq));
        Assert.Equal(0, irq);
        Assert.True(InterruptRouting.TryGetIsa(4, out irq));
        Assert.Equal(4, irq);
        Assert.False(InterruptRouting.TryGetIsa(0, out _));
        Assert.False(InterruptRouting.TryGetIsa(16, out _));
    }

    [Theory]
    [InlineData(0x0E20, 0x0E20)]
    [InlineData(0xFFFF, 0)]
    [InlineData(0x0001, 0)]
    [InlineData(0x2000, 0)]
    public void An_edge_level_register_with_impossible_bits_does_not_exist(ushort read, ushort expected)
        => Assert.Equal(expected, InterruptRouting.ValidateEdgeLevel(read));

    private static void Override(int irq, uint gsi, ushort flags)
    {
        AcpiTables.Interrupts.HasOverride[irq] = 1;
        AcpiTables.Interrupts.OverrideGsi[irq] = gsi;
        AcpiTables.Interrupts.OverrideFlags[irq] = flags;
    }

    private static void Expect(int irq, ushort edgeLevel, uint gsi, bool level, bool low)
    {
        InterruptRouting.ForIsa(irq, edgeLevel, out uint actualGsi, out bool actualLevel, out bool actualLow);
        Assert.Equal((gsi, level, low), (actualGsi, actualLevel, actualLow));
    }
}
