namespace GuestOS.Kernel.Core;

/// <summary>Interrupt vectors. 0 to 31 are the processor's own; devices get the range in the middle.</summary>
internal static class Vectors
{
    public const int DivideError = 0;
    public const int Nmi = 2;
    public const int Breakpoint = 3;
    public const int InvalidOpcode = 6;
    public const int DoubleFault = 8;
    public const int GeneralProtection = 13;
    public const int PageFault = 14;
    public const int FloatingPoint = 16;
    public const int AlignmentCheck = 17;
    public const int MachineCheck = 18;
    public const int SimdException = 19;
    public const int Exceptions = 32;

    /// <summary>8259s, where they are used or send a spurious interrupt: IRQ n at this plus n.</summary>
    public const int Pic = 0x20;

    public const int DeviceFirst = 0x40;
    public const int DeviceLast = 0xDF;

    public const int Timer = 0xF0;

    /// <summary>Look at the ready queue and at flush requests.</summary>
    public const int Reschedule = 0xF1;

    /// <summary>Another processor panics: halt.</summary>
    public const int Stop = 0xF2;

    /// <summary>The local APIC reports an error of its own.</summary>
    public const int Error = 0xFE;

    public const int Spurious = 0xFF;
}
