namespace GuestOS.Kernel.Core;

/// <summary>Sizes of x86-64 pages.</summary>
internal static class Page
{
    public const int Shift = 12;
    public const ulong Size = 1UL << Shift;
    public const ulong Mask = Size - 1;
    public const ulong LargeSize = 2UL << 20;

    public static ulong Down(ulong value) => value & ~Mask;

    public static ulong Up(ulong value) => (value + Mask) & ~Mask;
}
