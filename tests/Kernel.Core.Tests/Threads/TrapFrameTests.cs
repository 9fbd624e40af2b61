namespace GuestOS.Kernel.Core.Tests;

public sealed class TrapFrameTests
{
    /// <summary>Bits 1, 2, 6: set in any case; bit 9: interrupts are on.</summary>
    [Theory]
    [InlineData(Vectors.Timer, 0x046, true)]
    [InlineData(Vectors.Timer, 0x246, false)]
    [InlineData(Vectors.Reschedule, 0x002, true)]
    [InlineData(Vectors.DeviceFirst, 0x002, true)]
    [InlineData(Vectors.Pic, 0x002, true)]
    [InlineData(Vectors.Spurious, 0x002, true)]
    [InlineData(Vectors.Spurious, 0x202, false)]
    [InlineData(Vectors.PageFault, 0x002, false)]
    [InlineData(Vectors.Nmi, 0x002, false)]
    [InlineData(Vectors.MachineCheck, 0x002, false)]
    [InlineData((int)TrapFrame.SyscallVector, 0x002, false)]
    public void Only_an_interrupt_that_can_be_held_off_is_forbidden_while_they_are_off(int vector, ulong flags, bool expected)
    {
        var frame = new TrapFrame { Vector = (ulong)vector, Rflags = flags };
        Assert.Equal(expected, frame.IsForbiddenInterrupt);
    }
}
