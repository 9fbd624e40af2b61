using System.Numerics;
using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Protocol;

namespace GuestOS.Drivers.VmBus.Hypervisor;

/// <summary>A set of virtual processors as the flush and IPI calls take it: one mask for the first 64, or HV_VP_SET (TLFS 7.8.7.3) beyond.</summary>
public sealed class ProcessorSet
{
    private const int Banks = 64;
    private const int SparseHead = 2 * sizeof(ulong);
    private readonly ulong[] _banks = new ulong[Banks];

    /// <summary>Highest index that the sparse form holds.</summary>
    public const uint Highest = (64 * Banks) - 1;

    /// <summary>True when some index is above 63.</summary>
    public bool NeedsExtendedForm => _banks.AsSpan(1).ContainsAnyExcept(0UL);

    /// <summary>Indices 0 to 63.</summary>
    public ulong Mask => _banks[0];

    /// <summary>Bytes of the sparse form.</summary>
    public int SparseSize
    {
        get
        {
            var used = 0;
            foreach (var bank in _banks)
                used += bank != 0 ? 1 : 0;
            return SparseHead + (used * sizeof(ulong));
        }
    }

    /// <summary>Adds one.</summary>
    public void Add(VpIndex index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index.Value, Highest);
        _banks[index.Value / 64] |= 1UL << (int)(index.Value % 64);
    }

    /// <summary>Empties it.</summary>
    public void Clear() => _banks.AsSpan().Clear();

    /// <summary>Writes the sparse form: format 0, mask of the banks that follow, the banks.</summary>
    /// <returns>Bytes written: <see cref="SparseSize"/>.</returns>
    public int WriteSparse(Span<byte> destination)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(destination[..SparseSize]);
        words[0] = 0;
        var valid = 0UL;
        var at = 2;
        for (var bank = 0; bank < Banks; bank++)
        {
            if (_banks[bank] == 0)
                continue;
            valid |= 1UL << bank;
            words[at++] = _banks[bank];
        }

        words[1] = valid;
        return SparseHead + (BitOperations.PopCount(valid) * sizeof(ulong));
    }
}
