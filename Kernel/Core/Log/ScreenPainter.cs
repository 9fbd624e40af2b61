namespace GuestOS.Kernel.Core;

/// <summary>
/// Paints the changed cells of <see cref="ConsoleText"/> on a linear frame buffer or on EGA text memory. Video memory is only written,
/// never read: reading it is slow on every machine.
/// </summary>
internal static unsafe class ScreenPainter
{
    private static ulong s_address;
    private static uint s_pitch;
    private static int s_pixelBytes;
    private static int s_shownCursorRow;
    private static Palette s_palette;

    /// <summary>Prepares a linear frame buffer and blackens it.</summary>
    public static void InitPixels(ref FrameBufferInfo info)
    {
        s_address = info.Address;
        s_pitch = info.Pitch;
        s_pixelBytes = (info.BitsPerPixel + 7) / 8;
        s_shownCursorRow = 0;
        for (int i = 0; i < 16; i++)
            s_palette.Pixels[i] = ToPixel(ref info, Rgb(i));
        uint rowBytes = info.Width * (uint)s_pixelBytes;
        for (uint row = 0; row < info.Height; row++)
            Zero((byte*)(s_address + (ulong)row * s_pitch), rowBytes);
    }

    /// <summary>Prepares EGA text memory: 16 bits a cell.</summary>
    public static void InitText(ref FrameBufferInfo info)
    {
        s_address = info.Address;
        s_pitch = info.Pitch;
        s_pixelBytes = 0;
        s_shownCursorRow = 0;
        for (int row = 0; row < ConsoleText.Rows; row++)
        {
            for (int column = 0; column < ConsoleText.Columns; column++)
                PaintText(row, column, ConsoleText.DefaultColours << 8 | ' ');
        }
    }

    /// <summary>Brings the screen up to date.</summary>
    public static void Paint()
    {
        ConsoleText.Touch(s_shownCursorRow);
        ConsoleText.Touch(ConsoleText.CursorRow);
        for (int row = ConsoleText.FirstChanged; row <= ConsoleText.LastChanged; row++)
            PaintRow(row);
        s_shownCursorRow = ConsoleText.CursorRow;
        ConsoleText.FirstChanged = ConsoleText.Rows;
        ConsoleText.LastChanged = -1;
    }

    /// <summary>The pixel of a colour given as 0xRRGGBB, by the positions and sizes of the frame buffer's fields.</summary>
    public static uint ToPixel(ref FrameBufferInfo info, uint rgb)
        => Field(rgb >> 16 & 0xFF, info.RedPosition, info.RedSize)
            | Field(rgb >> 8 & 0xFF, info.GreenPosition, info.GreenSize)
            | Field(rgb & 0xFF, info.BluePosition, info.BlueSize);

    private static void PaintRow(int row)
    {
        int wanted = ConsoleText.WantedRow(row);
        int shown = ConsoleText.ShownRow(row);
        int cursor = ConsoleText.CursorVisible && row == ConsoleText.CursorRow ? ConsoleText.Column() : -1;
        for (int column = 0; column < ConsoleText.Columns; column++)
        {
            uint cell = ConsoleText.Cells.Wanted[wanted + column];
            if (column == cursor)
                cell = Inverse(cell);
            if (ConsoleText.Cells.Shown[shown + column] == cell)
                continue;
            ConsoleText.Cells.Shown[shown + column] = (ushort)cell;
            if (s_pixelBytes == 0)
                PaintText(row, column, cell);
            else
                PaintGlyph(row, column, cell);
        }
    }

    private static uint Inverse(uint cell) => cell & 0xFF | (cell & 0x0F00) << 4 | (cell & 0xF000) >> 4;

    // The adapter's colours have red in bit 2 and blue in bit 0, ECMA-48 the other way round.
    private static void PaintText(int row, int column, uint cell)
    {
        uint swapped = cell & 0xAAFF | (cell & 0x4400) >> 2 | (cell & 0x1100) << 2;
        Mmio.Write16(s_address + (ulong)row * s_pitch + (ulong)column * 2, (ushort)swapped);
    }

    private static void PaintGlyph(int row, int column, uint cell)
    {
        uint character = cell & 0xFF;
        uint foreground = s_palette.Pixels[(int)(cell >> 8 & 15)];
        uint background = s_palette.Pixels[(int)(cell >> 12)];
        ref byte glyphs = ref System.Runtime.InteropServices.MemoryMarshal.GetReference(ConsoleFont.Glyphs);
        var glyph = (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref glyphs) + (character - ConsoleFont.First) * ConsoleFont.Rows;
        var line = (byte*)(s_address + (ulong)(row * ConsoleFont.Height) * s_pitch + (ulong)(column * ConsoleFont.Width * s_pixelBytes));
        for (int y = 0; y < ConsoleFont.Height; y++)
        {
            uint bits = y is 0 or ConsoleFont.Height - 1 ? 0U : glyph[y - 1];
            PaintLine(line, bits, foreground, background);
            line += s_pitch;
        }
    }

    private static void PaintLine(byte* line, uint bits, uint foreground, uint background)
    {
        uint difference = foreground ^ background;
        for (int x = 0; x < ConsoleFont.Width; x++)
        {
            // All ones where the bit is set.
            uint pixel = background ^ difference & (uint)-(int)(bits >> 7 & 1);
            bits <<= 1;
            switch (s_pixelBytes)
            {
                case 4:
                    *(uint*)line = pixel;
                    line += 4;
                    break;
                case 3:
                    line[0] = (byte)pixel;
                    line[1] = (byte)(pixel >> 8);
                    line[2] = (byte)(pixel >> 16);
                    line += 3;
                    break;
                default:
                    *(ushort*)line = (ushort)pixel;
                    line += 2;
                    break;
            }
        }
    }

    private static void Zero(byte* bytes, uint length)
    {
        uint at = 0;
        for (; length - at >= 8; at += 8)
            *(ulong*)(bytes + at) = 0;
        for (; at < length; at++)
            bytes[at] = 0;
    }

    private static uint Field(uint value, int position, int size)
        => (size >= 8 ? value << (size - 8) : value >> (8 - size)) << position;

    // Eight colours, then the same brighter: black, red, green, yellow, blue, magenta, cyan, white.
    private static uint Rgb(int index)
    {
        uint low = index < 8 ? 0U : 0x50;
        uint high = index < 8 ? 0xB0U : 0xFF;
        uint red = (index & 1) != 0 ? high : low;
        uint green = (index & 2) != 0 ? high : low;
        uint blue = (index & 4) != 0 ? high : low;
        return red << 16 | green << 8 | blue;
    }

    private struct Palette
    {
        public fixed uint Pixels[16];
    }
}
