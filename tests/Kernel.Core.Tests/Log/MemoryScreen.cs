using System.Text;
using GuestOS.Testing;

namespace GuestOS.Kernel.Core.Tests;

/// <summary>A frame buffer in memory that ends at a guard page, and a reader of its pixels that knows only the font.</summary>
internal sealed unsafe class MemoryScreen : IDisposable
{
    private const byte Padding = 0xA5;
    private readonly GuardedMemory _memory;
    private readonly ulong _address;
    private FrameBufferInfo _info;

    public MemoryScreen(uint width, uint height, byte bits, uint pitch = 0)
    {
        uint pixelBytes = (bits + 7U) / 8;
        _info = new FrameBufferInfo
        {
            Width = width,
            Height = height,
            Pitch = pitch == 0 ? width * pixelBytes : pitch,
            BitsPerPixel = bits,
            Type = 1,
            RedPosition = (byte)(bits == 16 ? 11 : 16),
            RedSize = (byte)(bits == 16 ? 5 : 8),
            GreenPosition = (byte)(bits == 16 ? 5 : 8),
            GreenSize = (byte)(bits == 16 ? 6 : 8),
            BluePosition = 0,
            BlueSize = (byte)(bits == 16 ? 5 : 8),
        };
        // The last row ends with its last pixel: nothing behind that may be touched.
        uint length = _info.Pitch * (height - 1) + width * pixelBytes;
        _memory = new GuardedMemory((int)length);
        _memory.Bytes.Fill(Padding);
        _address = _memory.End - length;
        _info.Address = _address;
        Started = FrameBufferConsole.Init(ref _info);
    }

    public bool Started { get; }

    public static void Write(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        fixed (byte* start = bytes)
            FrameBufferConsole.Write(start, (ulong)bytes.Length);
    }

    /// <summary>The text of a row as its pixels show it, without spaces at its end; '#' for what is no glyph.</summary>
    public string Row(int row)
    {
        var text = new StringBuilder();
        for (int column = 0; column < (int)_info.Width / 8; column++)
            text.Append(Character(row, column));
        return text.ToString().TrimEnd();
    }

    /// <summary>Character at a place: the glyph whose pixels are in one colour, all others in another one.</summary>
    public char Character(int row, int column)
    {
        uint background = Pixel(column * 8, row * 16);
        for (char c = ' '; c <= '~'; c++)
        {
            if (Matches(row, column, ConsoleFontTests.Glyph(c), background))
                return c;
        }

        return '#';
    }

    public uint Background(int row, int column) => Pixel(column * 8, row * 16);

    /// <summary>Colour of the glyph's pixels; the background when the glyph has none.</summary>
    public uint Foreground(int row, int column)
    {
        uint background = Background(row, column);
        for (int i = 0; i < 128; i++)
        {
            uint pixel = Pixel(column * 8 + i % 8, row * 16 + i / 8);
            if (pixel != background)
                return pixel;
        }

        return background;
    }

    public uint Rgb(uint rgb) => ScreenPainter.ToPixel(ref _info, rgb);

    /// <summary>True when the bytes between the rows are as they were.</summary>
    public bool PaddingIntact()
    {
        uint used = _info.Width * ((_info.BitsPerPixel + 7U) / 8);
        for (uint row = 0; row + 1 < _info.Height; row++)
        {
            for (uint at = used; at < _info.Pitch; at++)
            {
                if (((byte*)_address)[row * _info.Pitch + at] != Padding)
                    return false;
            }
        }

        return true;
    }

    public void Dispose()
    {
        FrameBufferConsole.Present = false;
        _memory.Dispose();
    }

    private bool Matches(int row, int column, byte[] glyph, uint background)
    {
        uint? foreground = null;
        for (int i = 0; i < 128; i++)
        {
            int y = i / 8;
            bool set = y is > 0 and < 15 && (glyph[y - 1] & 0x80 >> i % 8) != 0;
            uint pixel = Pixel(column * 8 + i % 8, row * 16 + y);
            if (set ? pixel == background || pixel != (foreground ??= pixel) : pixel != background)
                return false;
        }

        return true;
    }

    private uint Pixel(int x, int y)
    {
        int pixelBytes = (_info.BitsPerPixel + 7) / 8;
        byte* pixel = (byte*)_address + y * _info.Pitch + x * pixelBytes;
        uint value = 0;
        for (int i = 0; i < pixelBytes; i++)
            value |= (uint)pixel[i] << i * 8;
        return value;
    }
}
