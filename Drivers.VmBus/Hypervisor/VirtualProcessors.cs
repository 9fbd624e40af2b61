using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Machine.Processors;

namespace GuestOS.Drivers.VmBus.Hypervisor;

/// <summary>The hypervisor's index of every processor.</summary>
public sealed class VirtualProcessors
{
    /// <summary>Highest index that any interface of the hypervisor can name: 64 banks of 64 (TLFS 7.8.7.3).</summary>
    private const uint Highest = (64 * 64) - 1;

    private readonly VpIndex[] _indices;

    /// <summary>Reads them all.</summary>
    /// <exception cref="InvalidOperationException">The host gives an index above its own limit, or one twice (rule H5).</exception>
    public VirtualProcessors(ProcessorPlatform platform, HypervisorInfo info)
    {
        ArgumentNullException.ThrowIfNull(platform);
        ArgumentNullException.ThrowIfNull(info);
        _indices = new VpIndex[platform.Processors.Count];
        var limit = info.MostProcessors == 0 ? Highest : Math.Min(info.MostProcessors - 1, Highest);
        for (var processor = 0; processor < _indices.Length; processor++)
        {
            ulong value = 0;
            platform.Processors.Run(processor, () => value = platform.Msr.Read(Msr.VpIndex));
            if ((uint)value > limit)
                throw new InvalidOperationException($"The host numbers processor {processor} {(uint)value}, above its own limit {limit}.");
            _indices[processor] = new VpIndex((uint)value);
            if (Array.IndexOf(_indices, _indices[processor], 0, processor) >= 0)
                throw new InvalidOperationException($"The host gives two processors the index {(uint)value}.");
        }
    }

    /// <summary>Processors.</summary>
    public int Count => _indices.Length;

    /// <summary>Index of a processor.</summary>
    public VpIndex Of(int processor) => _indices[processor];
}
