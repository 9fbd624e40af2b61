using System.Runtime.InteropServices;
using GuestOS.Kernel.Hardware;
using GuestOS.Machine;

namespace GuestOS.Kernel.Tests.Fakes;

/// <summary>Pieces of memory by their address.</summary>
internal sealed unsafe class FakePhysicalMemory : IPhysicalMemory, IDisposable
{
    private readonly SortedDictionary<ulong, (nuint Memory, int Length)> _pieces = [];

    public Span<byte> Add(ulong address, int length)
    {
        nuint memory = (nuint)NativeMemory.AllocZeroed((nuint)length);
        _pieces.Add(address, (memory, length));
        return new Span<byte>((void*)memory, length);
    }

    public byte[] Read(ulong address, int length) => new ReadOnlySpan<byte>((void*)Find(address, length), length).ToArray();

    public IRegisterWindow MapRegisters(ulong address, int length) => new MmioWindow(Find(address, length), address, length);

    public void Dispose()
    {
        foreach ((nuint memory, _) in _pieces.Values)
            NativeMemory.Free((void*)memory);
        _pieces.Clear();
    }

    private nuint Find(ulong address, int length)
    {
        foreach ((ulong start, (nuint memory, int size)) in _pieces)
        {
            if (address >= start && address + (ulong)length <= start + (ulong)size)
                return memory + (nuint)(address - start);
        }

        throw new ArgumentOutOfRangeException(nameof(address));
    }
}
