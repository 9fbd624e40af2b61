namespace GuestOS.Kernel.Core;

/// <summary>The screen as a text console: the frame buffer or EGA text screen that the boot loader left. Callers hold the kernel lock.</summary>
internal static unsafe class FrameBufferConsole
{
    private const byte DirectColour = 1;
    private const byte EgaText = 2;
    private const uint MaximumExtent = 16384;

    /// <summary>True once there is a screen to write to.</summary>
    public static bool Present;

    /// <summary>Takes a screen over; false when there is none that this console knows how to write. The memory is mapped.</summary>
    public static bool Init(ref FrameBufferInfo info)
    {
        Present = false;
        if (!IsUsable(ref info))
            return false;
        ConsoleEscapes.Reset();
        if (info.Type == EgaText)
        {
            ConsoleText.Init((int)info.Width, (int)info.Height);
            ScreenPainter.InitText(ref info);
        }
        else
        {
            ConsoleText.Init((int)(info.Width / ConsoleFont.Width), (int)(info.Height / ConsoleFont.Height));
            ScreenPainter.InitPixels(ref info);
        }

        Present = true;
        ScreenPainter.Paint();
        return true;
    }

    /// <summary>Writes UTF-8 with escape sequences. Painting is done once at the end: hand over whole lines.</summary>
    public static void Write(byte* bytes, ulong length)
    {
        if (!Present)
            return;
        for (ulong i = 0; i < length; i++)
            ConsoleEscapes.Take(bytes[i]);
        ScreenPainter.Paint();
    }

    /// <summary>Bytes of video memory that <see cref="Init"/> and later writes touch, for mapping.</summary>
    public static ulong MemoryBytes(ref FrameBufferInfo info) => (ulong)info.Pitch * info.Height;

    private static bool IsUsable(ref FrameBufferInfo info)
    {
        if (info.Address == 0 || info.Width > MaximumExtent || info.Height > MaximumExtent)
            return false;
        if (info.Type == EgaText)
            return info.Width >= 1 && info.Height >= 1 && info.Pitch >= info.Width * 2;
        uint pixelBytes = (info.BitsPerPixel + 7U) / 8;
        return info.Type == DirectColour
            && pixelBytes is >= 2 and <= 4
            && info.Width >= ConsoleFont.Width && info.Height >= ConsoleFont.Height
            && info.Pitch >= info.Width * pixelBytes && info.Pitch <= MaximumExtent * 4
            && Fits(info.RedPosition, info.RedSize, pixelBytes) && Fits(info.GreenPosition, info.GreenSize, pixelBytes)
            && Fits(info.BluePosition, info.BlueSize, pixelBytes);
    }

    private static bool Fits(int position, int size, uint pixelBytes) => size is >= 1 and <= 16 && position + size <= pixelBytes * 8;
}
