using System.Runtime.InteropServices;
using GuestOS.Kernel.Core;
using GuestOS.Kernel.Hardware;
using GuestOS.Machine;

namespace GuestOS.Kernel.Tests.Fakes;

/// <summary>Real memory as pages; translations as a test sets them.</summary>
internal sealed unsafe class FakeDmaBackend : IDmaBackend
{
    public List<(nuint Address, int Length)> Live { get; } = [];

    public bool IsExhausted { get; set; }

    /// <summary>What every translation gives; lengths must add up to the request's.</summary>
    public Func<nuint, int, Segment[]> Translate { get; set; } = (address, length) => [new Segment { Address = address, Length = (ulong)length }];

    public nuint Allocate(int length, in DmaConstraints constraints)
    {
        if (IsExhausted)
            return 0;
        nuint address = (nuint)NativeMemory.AlignedAlloc((nuint)length, 4096);
        new Span<byte>((void*)address, length).Clear();
        Live.Add((address, length));
        return address;
    }

    public void Free(nuint address, int length)
    {
        Assert.True(Live.Remove((address, length)), "Memory was freed that is not allocated like this.");
        NativeMemory.AlignedFree((void*)address);
    }

    public bool TryTranslate(nuint address, int length, Span<Segment> segments, out int count)
    {
        Segment[] found = Translate(address, length);
        count = found.Length;
        if (count > segments.Length)
            return false;
        found.CopyTo(segments);
        return true;
    }
}
