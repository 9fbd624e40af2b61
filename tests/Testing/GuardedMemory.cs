using System.Runtime.InteropServices;

namespace GuestOS.Testing;

/// <summary>Memory below 4 GiB, as 32-bit table addresses need it, between two pages that fault on any access.</summary>
internal sealed unsafe partial class GuardedMemory : IDisposable
{
    private const int Page = 4096;
    private const int ReadWrite = 3;
    private const int PrivateAnonymousLow = 0x02 | 0x20 | 0x40;
    private readonly nint _mapping;
    private readonly nuint _mappingLength;

    public GuardedMemory(int length)
    {
        Length = (length + Page - 1) / Page * Page;
        _mappingLength = (nuint)(Length + 2 * Page);
        _mapping = MapMemory(0, _mappingLength, ReadWrite, PrivateAnonymousLow, -1, 0);
        if (_mapping == -1)
            throw new InvalidOperationException($"mmap failed: {Marshal.GetLastPInvokeError()}");
        Start = (byte*)_mapping + Page;
        if (ProtectMemory(_mapping, Page, 0) != 0 || ProtectMemory((nint)(Start + Length), Page, 0) != 0)
            throw new InvalidOperationException($"mprotect failed: {Marshal.GetLastPInvokeError()}");
    }

    /// <summary>Holds a structure whose end, but for the padding to 8 bytes, is the end of readable memory.</summary>
    public GuardedMemory(ReadOnlySpan<byte> content)
        : this(content.Length)
    {
        Pointer = Start + Length - (content.Length + 7) / 8 * 8;
        content.CopyTo(new Span<byte>(Pointer, content.Length));
    }

    /// <summary>Holds in the same way a structure with pointers into itself, made once its address is known.</summary>
    public GuardedMemory(int length, Func<ulong, byte[]> content)
        : this(length)
    {
        Pointer = Start + Length - (length + 7) / 8 * 8;
        content((ulong)Pointer).CopyTo(new Span<byte>(Pointer, length));
    }

    /// <summary>The structure of the constructors that take one.</summary>
    public byte* Pointer { get; }

    public byte* Start { get; }

    public int Length { get; }

    public ulong Address => (ulong)Start;

    public ulong End => Address + (ulong)Length;

    public Span<byte> Bytes => new(Start, Length);

    public void Dispose()
    {
        if (UnmapMemory(_mapping, _mappingLength) != 0)
            throw new InvalidOperationException($"munmap failed: {Marshal.GetLastPInvokeError()}");
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint MapMemory(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int ProtectMemory(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int UnmapMemory(nint address, nuint length);
}
