using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Machine;
using GuestOS.Machine.Processors;

namespace GuestOS.Drivers.VmBus.Hypervisor;

/// <summary>
/// The partition's reference time, 100 ns units: from the reference TSC page while it is valid, otherwise from the counter register.
/// Never goes back, on all processors together, whatever the host does (rule H4). Reading neither blocks nor allocates.
/// </summary>
public sealed class ReferenceClock : IDisposable
{
    private const int MostTries = 16;
    private readonly ProcessorPlatform _platform;
    private DmaBuffer? _page;
    private ulong _last;

    private ReferenceClock(ProcessorPlatform platform) => _platform = platform;

    /// <summary>The page is in use; single readings may still come from the register.</summary>
    public bool HasPage => _page is not null;

    /// <summary>Readings that took the register although there is a page.</summary>
    public long FallBacks { get; private set; }

    /// <summary>Starts it; null when the partition may not even read the counter.</summary>
    public static ReferenceClock? TryStart(ProcessorPlatform platform, HypervisorInfo info)
    {
        ArgumentNullException.ThrowIfNull(platform);
        ArgumentNullException.ThrowIfNull(info);
        if (!info.Has(PartitionPrivileges.ReferenceCounter))
            return null;
        var clock = new ReferenceClock(platform);
        if (info.Has(PartitionPrivileges.ReferenceTsc))
            clock.EnablePage();
        return clock;
    }

    /// <summary>The time now.</summary>
    public ulong Read()
    {
        var now = ReadRaw();
        while (true)
        {
            var last = Volatile.Read(ref _last);
            if (now <= last)
                return last;
            if (Interlocked.CompareExchange(ref _last, now, last) == last)
                return now;
        }
    }

    /// <summary>Gives the page back.</summary>
    public void Dispose()
    {
        if (_page is null)
            return;
        _platform.Msr.Write(Msr.ReferenceTsc, _platform.Msr.Read(Msr.ReferenceTsc) & Msr.PagePreserved);
        _page.Dispose();
        _page = null;
    }

    /// <summary>What the page says; false when it is not valid, or changes all the time.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> page, ITimestampCounter tsc, IDmaMemory barriers, out ulong time)
    {
        ref readonly var sequence = ref MemoryMarshal.AsRef<uint>(page);
        for (var attempt = 0; attempt < MostTries; attempt++)
        {
            var before = Volatile.Read(in sequence);
            if (before == ReferenceTscLayout.Invalid)
                break;
            barriers.ReadBarrier();
            var scale = MemoryMarshal.Read<ulong>(page[ReferenceTscLayout.Scale..]);
            var offset = MemoryMarshal.Read<ulong>(page[ReferenceTscLayout.Offset..]);
            var ticks = tsc.Read();
            barriers.ReadBarrier();
            if (Volatile.Read(in sequence) != before)
                continue;
            time = Math.BigMul(ticks, scale, out _) + offset;
            return true;
        }

        time = 0;
        return false;
    }

    private ulong ReadRaw()
    {
        if (_page is not null)
        {
            if (TryRead(_page.GetSpan(), _platform.Tsc, _platform.Dma, out var time))
                return time;
            FallBacks++;
        }

        return _platform.Msr.Read(Msr.ReferenceCounter);
    }

    private void EnablePage()
    {
        var page = _platform.Dma.Allocate(4096, DmaConstraints.None);
        var old = _platform.Msr.Read(Msr.ReferenceTsc);
        _platform.Msr.Write(Msr.ReferenceTsc, (old & Msr.PagePreserved) | page.PhysicalAddress.Value | Msr.PageEnable);
        _page = page;
    }
}
