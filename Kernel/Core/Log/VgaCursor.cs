namespace GuestOS.Kernel.Core;

/// <summary>The blinking cursor of VGA text modes, which is not used: the console paints its own.</summary>
internal static class VgaCursor
{
    private const ushort Index = 0x3D4;
    private const ushort Data = 0x3D5;
    private const byte CursorStart = 0x0A;
    private const byte CursorOff = 0x20;

    /// <summary>Hides it; only with a text screen.</summary>
    public static void Hide()
    {
        Cpu.Out8(Index, CursorStart);
        Cpu.Out8(Data, CursorOff);
    }
}
