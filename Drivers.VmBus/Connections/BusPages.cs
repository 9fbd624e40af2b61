using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Machine;

namespace GuestOS.Drivers.VmBus.Connections;

/// <summary>The pages that a whole connection shares with the host: interrupt page and both monitor pages.</summary>
internal sealed class BusPages : IDisposable
{
    private const int PageSize = 4096;
    private readonly DmaBuffer _interrupt;
    private readonly DmaBuffer _parentToChild;
    private readonly DmaBuffer _childToParent;

    private BusPages(IDmaMemory dma)
    {
        _interrupt = dma.Allocate(PageSize, DmaConstraints.None);
        _parentToChild = dma.Allocate(PageSize, DmaConstraints.None);
        _childToParent = dma.Allocate(PageSize, DmaConstraints.None);
    }

    public static BusPages Allocate(IDmaMemory dma) => new(dma);

    public static int Length => 3 * PageSize;

    public PhysicalAddress Interrupt => _interrupt.PhysicalAddress;

    public PhysicalAddress ParentToChild => _parentToChild.PhysicalAddress;

    public PhysicalAddress ChildToParent => _childToParent.PhysicalAddress;

    /// <summary>Says which channel has something for the host, to hosts that look for it there.</summary>
    public void SetGuestToHost(RelId relId) =>
        Interlocked.Or(ref Word(_interrupt, InterruptPage.GuestToHost + ((int)(relId.Value / 32) * 4)), 1u << (int)(relId.Value % 32));

    /// <summary>Sets the pending bit that the host looks at from time to time.</summary>
    public void Trigger(MonitorId monitor) => Interlocked.Or(ref Word(_childToParent, MonitorPage.PendingOf(monitor)), monitor.Bit);

    /// <summary>Takes the bits that hosts below 2.4 set, up to <paramref name="highest"/>.</summary>
    public void TakeHostToGuest<TState>(uint highest, TState state, Action<TState, uint> action)
    {
        highest = Math.Min(highest, InterruptPage.OldRelIds - 1);
        for (var index = 0u; index <= highest / 32; index++)
        {
            ref var word = ref Word(_interrupt, InterruptPage.HostToGuest + ((int)index * 4));
            if (Volatile.Read(ref word) == 0)
                continue;
            for (var bits = Interlocked.Exchange(ref word, 0); bits != 0; bits &= bits - 1)
            {
                var relId = (index * 32) + (uint)System.Numerics.BitOperations.TrailingZeroCount(bits);
                action(state, relId);
            }
        }
    }

    public void Dispose()
    {
        _interrupt.Dispose();
        _parentToChild.Dispose();
        _childToParent.Dispose();
    }

    private static ref uint Word(DmaBuffer page, int offset) => ref MemoryMarshal.AsRef<uint>(page.GetSpan()[offset..]);
}
