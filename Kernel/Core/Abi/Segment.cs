using System.Runtime.InteropServices;

namespace GuestOS.Kernel.Core;

/// <summary>A physically contiguous piece of memory, as <see cref="KernelCall.DmaTranslate"/> reports it; neighbours are merged.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct Segment
{
    /// <summary>Guest-physical address of the first byte.</summary>
    public ulong Address;

    /// <summary>Length in bytes.</summary>
    public ulong Length;
}
