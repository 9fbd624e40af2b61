using GuestOS.Kernel.Block;
using GuestOS.Kernel.Core;
using GuestOS.Machine;
using GuestOS.Machine.Block;
using GuestOS.Machine.Power;

namespace GuestOS.Kernel.Services;

/// <summary>The end of the run, as the host may ask for it.</summary>
internal sealed class SystemPower : IMachinePower
{
    private readonly KernelSystem _system;
    private int _hasBegun;

    public SystemPower(KernelSystem system) => _system = system;

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        foreach (BlockEntry entry in _system.Blocks.Entries)
        {
            if (entry.Disk is not null)
                continue;
            BlockResult result = await entry.Device.FlushAsync(cancellationToken).ConfigureAwait(false);
            if (!result.IsSuccess)
                _system.Machine.Log.Error($"{entry.Name} was not flushed: {result.Error}");
        }
    }

    public void BeginEnd(MachineEnd how)
    {
        if (Interlocked.Exchange(ref _hasBegun, 1) != 0)
            return;
        // The service that asks is among those that are detached: it must not be waited for on its own thread.
        PowerKind kind = how == MachineEnd.Restart ? PowerKind.Reboot : PowerKind.PowerOff;
        ThreadPool.UnsafeQueueUserWorkItem(static (request) => _ = request.System.EndAsync(request.Kind, PowerReason.Host), (System: _system, Kind: kind), preferLocal: false);
    }
}
