using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Drivers.VmBus;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Machine;

namespace GuestOS.Drivers.Synthetic.Storage;

/// <content>
/// What happens when the host does not answer: a reset of the logical unit, then of the bus, then the end. A command's memory is the host's until it
/// answers, or until the channel is closed: no command is given up before.
/// </content>
internal sealed partial class StorvscController
{
    private RecoveryStep _recovery;
    private int _recoveryTicks;

    /// <summary>What was done about a command that is late.</summary>
    internal RecoveryStep Recovery => _recovery;

    private void OnTick(StorageCommand? late)
    {
        if (_state is not (StorvscState.Open or StorvscState.Started))
            return;
        if (Channel.BrokenBecause is { } reason && Channel.Status == ChannelStatus.Open)
        {
            Fail(reason);
            return;
        }

        if (late is null)
        {
            _recovery = RecoveryStep.None;
            return;
        }

        if (_recovery != RecoveryStep.None && ++_recoveryTicks < StorvscTimeouts.ResetTicks)
            return;
        _recoveryTicks = 0;
        switch (_recovery)
        {
            case RecoveryStep.None:
                _recovery = RecoveryStep.UnitReset;
                _adapter.Counters.Late++;
                _adapter.Warnings.Warning($"logical unit {late.Address}: a command is not answered since {late.Age} s; resetting it");
                _ = ResetAsync(StorageOperation.ResetLun, late.Address);
                break;
            case RecoveryStep.UnitReset:
                _recovery = RecoveryStep.BusReset;
                _adapter.Warnings.Warning($"logical unit {late.Address}: still no answer; resetting the bus");
                _ = ResetAsync(StorageOperation.ResetBus, late.Address);
                break;
            default:
                _recovery = RecoveryStep.None;
                Fail($"a command is not answered since {late.Age} s, in spite of resets");
                break;
        }
    }

    private async Task ResetAsync(StorageOperation operation, LunAddress address)
    {
        _adapter.Counters.Resets++;
        try
        {
            if (!await StorageSetUp.ResetAsync(Channel, operation, address, _limits!.Version.PacketSize).ConfigureAwait(false))
                _adapter.Warnings.Warning($"{operation}: the host refuses");
        }
        catch (Exception e) when (e is VmBusException or IOException)
        {
            _adapter.Warnings.Warning($"{operation}: {e.Message}");
        }
    }

    /// <summary>The host's side does not work any more. Closing the channel takes the memory of all commands back, and fails them as gone.</summary>
    private void Fail(string reason)
    {
        if (!TryMove(StorvscState.Failed))
            return;
        _context.Log.Error($"the channel is given up: {reason}");
        _ = CloseAsync(reason);
    }

    private async Task CloseAsync(string reason)
    {
        await Channel.CloseAsync().ConfigureAwait(false);
        foreach (var device in Devices())
            Remove(device, reason);
    }
}
