using GuestOS.Drivers.VmBus;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Machine;

namespace GuestOS.Drivers.Synthetic.Network;

/// <summary>Memory that the host reads or writes by itself until it is taken back.</summary>
internal sealed class SharedBuffer
{
    private const int Least = 64 * 1024;
    private readonly Gpadl _gpadl;
    private DmaBuffer? _memory;

    private SharedBuffer(DmaBuffer memory, Gpadl gpadl)
    {
        _memory = memory;
        _gpadl = gpadl;
    }

    public DmaBuffer Memory => _memory ?? throw new InvalidOperationException("The buffer was given back.");

    public int Length { get; private init; }

    public VmBus.Protocol.GpadlId Id => _gpadl.Id;

    /// <summary>Allocates and shares; takes half as much where there is no such piece of memory.</summary>
    /// <exception cref="OutOfMemoryException">There is not even a small piece.</exception>
    /// <exception cref="VmBusException">The host does not take it.</exception>
    public static async ValueTask<SharedBuffer> CreateAsync(VmBusChannel channel, IDmaMemory dma, int length, CancellationToken cancellationToken)
    {
        var memory = Allocate(dma, length);
        try
        {
            var gpadl = await channel.CreateGpadlAsync(memory, cancellationToken).ConfigureAwait(false);
            return new SharedBuffer(memory, gpadl) { Length = memory.Length };
        }
        catch (VmBusException exception) when (exception.Kind is VmBusErrorKind.Refused or VmBusErrorKind.Rescinded or VmBusErrorKind.WrongState)
        {
            // In all other cases the host may have it: it is lost.
            memory.Dispose();
            throw;
        }
    }

    /// <summary>Takes it back and frees it. What the host does not let go of is lost.</summary>
    public async ValueTask ReleaseAsync()
    {
        if (Interlocked.Exchange(ref _memory, null) is not { } memory)
            return;
        if (await _gpadl.TeardownAsync().ConfigureAwait(false) == GpadlEnd.Free)
            memory.Dispose();
    }

    private static DmaBuffer Allocate(IDmaMemory dma, int length)
    {
        while (true)
        {
            try
            {
                return dma.Allocate(length, DmaConstraints.None);
            }
            catch (OutOfMemoryException) when (length > Least)
            {
                length = Math.Max(Least, length / 2 / 4096 * 4096);
            }
        }
    }
}
