namespace GuestOS.Kernel.Core;

/// <summary>QEMU's isa-debug-exit device (<c>-device isa-debug-exit,iobase=0xf4,iosize=0x04</c>): a byte written ends QEMU.</summary>
internal static class DebugExit
{
    /// <summary>The port that the launcher gives to the device.</summary>
    public const ushort Port = 0xF4;

    /// <summary>True when the device is there: it reads as 0, an empty port as ones.</summary>
    public static bool Present => Cpu.In8(Port) == 0;

    /// <summary>Ends QEMU with exit status <c>status * 2 + 1</c>; returns when there is no such device.</summary>
    public static void Exit(byte status) => Cpu.Out8(Port, status);
}
