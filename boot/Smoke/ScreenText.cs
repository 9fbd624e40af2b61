using System.Globalization;
using System.Text;

namespace GuestOS.Boot.Smoke;

/// <summary>Judges a picture of a guest's screen.</summary>
internal static class ScreenText
{
    /// <summary>Height of a line of text, in the text modes and with the kernel's own font.</summary>
    private const int LineHeight = 16;
    private const int HeaderFields = 4;
    private const int BytesPerPixel = 3;

    /// <summary>Counts the lines of the screen on which there is anything.</summary>
    /// <param name="picture">The picture as PPM (P6, 8 bits per channel).</param>
    public static int CountLines(ReadOnlySpan<byte> picture)
    {
        Span<int> header = stackalloc int[HeaderFields];
        var position = ReadHeader(picture, header);
        var (width, height) = (header[1], header[2]);
        var pixels = picture.Slice(position, width * height * BytesPerPixel);
        var lines = 0;
        for (var top = 0; top + LineHeight <= height; top += LineHeight)
            if (pixels.Slice(top * width * BytesPerPixel, LineHeight * width * BytesPerPixel).ContainsAnyExcept((byte)0))
                lines++;
        return lines;
    }

    /// <summary>Reads "P6 width height maximum" and one white space.</summary>
    private static int ReadHeader(ReadOnlySpan<byte> picture, Span<int> fields)
    {
        var position = 0;
        for (var i = 0; i < fields.Length; i++)
        {
            var end = picture[position..].IndexOfAny(" \n\t"u8);
            var text = end < 0 ? "" : Encoding.ASCII.GetString(picture.Slice(position, end));
            if (!int.TryParse(i == 0 ? text.TrimStart('P') : text, NumberStyles.None, CultureInfo.InvariantCulture, out fields[i]))
                throw new InvalidDataException("the picture of the screen is no PPM");
            position += end + 1;
        }

        return position;
    }
}
