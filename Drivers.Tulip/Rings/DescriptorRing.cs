using System.Runtime.InteropServices;
using GuestOS.Machine;

namespace GuestOS.Drivers.Tulip;

/// <summary>
/// Descriptors in memory that driver and chip share: 16 bytes each, four longwords (21140A hardware reference 4.2). The chip may write
/// whatever it likes there at any time: the driver reads the status once, and keeps everything else that it needs in its own memory.
/// </summary>
internal sealed class DescriptorRing : IDisposable
{
    private const int DescriptorSize = 16;
    private const int Longwords = DescriptorSize / sizeof(uint);
    private const uint Own = ReceiveDescriptor.Own;

    private readonly IDmaMemory _dma;
    private readonly DmaBuffer _memory;
    private readonly bool _isChained;

    /// <param name="dma">Memory.</param>
    /// <param name="count">Descriptors.</param>
    /// <param name="isChained">Each names the next one; otherwise they lie one after another and the last one is marked.</param>
    public DescriptorRing(IDmaMemory dma, int count, bool isChained)
    {
        _dma = dma;
        _isChained = isChained;
        Count = count;
        _memory = dma.Allocate(count * DescriptorSize, DmaConstraints.Below4GiB);
    }

    public int Count { get; }

    /// <summary>For CSR3 or CSR4.</summary>
    public uint Address => (uint)_memory.PhysicalAddress.Value;

    private Span<uint> Words => MemoryMarshal.Cast<byte, uint>(_memory.GetSpan());

    public int After(int index) => index + 1 == Count ? 0 : index + 1;

    /// <summary>RDES0 or TDES0 as it is now; what the chip wrote before it is visible afterwards.</summary>
    public uint ReadStatus(int index) => Volatile.Read(ref Words[index * Longwords]);

    /// <summary>Describes a buffer. The descriptor stays the driver's until <see cref="Give"/>.</summary>
    public void Describe(int index, uint control, uint buffer)
    {
        var words = Words.Slice(index * Longwords, Longwords);
        if (_isChained)
        {
            control |= ReceiveDescriptor.Chained;
            words[3] = Address + (uint)(After(index) * DescriptorSize);
        }
        else
        {
            words[3] = 0;
            if (index == Count - 1)
                control |= ReceiveDescriptor.EndOfRing;
        }

        words[1] = control;
        words[2] = buffer;
    }

    /// <summary>Makes the descriptor the chip's.</summary>
    public void Give(int index)
    {
        _dma.WriteBarrier();
        Volatile.Write(ref Words[index * Longwords], Own);
    }

    /// <summary>Takes all descriptors back. Only while the chip is stopped.</summary>
    public void Clear() => _memory.GetSpan().Clear();

    public void Dispose() => _memory.Dispose();
}
