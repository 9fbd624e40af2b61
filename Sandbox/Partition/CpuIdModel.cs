using System.Buffers.Binary;
using System.Text;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Machine.Processors;

namespace GuestOS.Sandbox.Partition;

/// <summary>The hypervisor's CPUID leaves. Reading one above the highest gives noise, as processors do.</summary>
internal sealed class CpuIdModel : ICpuId
{
    private readonly PartitionOptions _options;

    public CpuIdModel(PartitionOptions options) => _options = options;

    public CpuIdResult Read(uint leaf, uint subleaf = 0)
    {
        if (leaf == CpuIdLeaf.Features)
            return new CpuIdResult(0x800F12, 0x10800, _options.IsHypervisorPresent ? CpuIdLeaf.HypervisorPresent : 0, 0);
        if (!_options.IsHypervisorPresent || leaf < CpuIdLeaf.Vendor || leaf > _options.HighestLeaf)
            return new CpuIdResult(0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF);
        switch (leaf)
        {
            case CpuIdLeaf.Vendor:
                Span<byte> name = stackalloc byte[12];
                name.Clear();
                Encoding.ASCII.GetBytes(_options.Vendor, name);
                return new CpuIdResult(
                    _options.HighestLeaf,
                    BinaryPrimitives.ReadUInt32LittleEndian(name),
                    BinaryPrimitives.ReadUInt32LittleEndian(name[4..]),
                    BinaryPrimitives.ReadUInt32LittleEndian(name[8..]));
            case CpuIdLeaf.Interface:
                return new CpuIdResult(_options.IsHyperV ? CpuIdLeaf.HyperV : 0x2323_2323, 0, 0, 0);
            case CpuIdLeaf.Version:
                return new CpuIdResult(20348, 10 << 16, 0, 0);
            case CpuIdLeaf.Privileges:
                return new CpuIdResult((uint)_options.Privileges, (uint)((ulong)_options.Privileges >> 32), 0, (uint)_options.Features);
            case CpuIdLeaf.Recommendations:
                return new CpuIdResult((uint)_options.Hints, 0xFFF, 48, 0);
            case CpuIdLeaf.Limits:
                return new CpuIdResult(_options.MostProcessors, 1024, 0, 0);
            default:
                return default;
        }
    }
}
