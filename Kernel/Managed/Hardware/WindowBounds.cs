using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using GuestOS.Machine;

namespace GuestOS.Kernel.Hardware;

/// <summary>The check before every register access: inside the window.</summary>
internal static class WindowBounds
{
    /// <exception cref="ArgumentOutOfRangeException">The access leaves the window.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Check(IRegisterWindow window, int length, int offset, int size)
    {
        if ((uint)offset > (uint)(length - size) || length < size)
            Throw(window, offset, size);
    }

    /// <exception cref="ArgumentException">The length is odd.</exception>
    public static void CheckEven(int length)
    {
        if ((length & 1) != 0)
            throw new ArgumentException("Repeated 16-bit transfers move whole words.", nameof(length));
    }

    [DoesNotReturn, StackTraceHidden]
    private static void Throw(IRegisterWindow window, int offset, int size) =>
        throw new ArgumentOutOfRangeException(nameof(offset), string.Create(
            CultureInfo.InvariantCulture,
            $"Access of {size} bytes at offset {offset} leaves the {window.Length}-byte {window.Space} window at 0x{window.BaseAddress:x}."));
}
