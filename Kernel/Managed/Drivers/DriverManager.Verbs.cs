using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Kernel.Pci;
using GuestOS.Machine;
using GuestOS.Machine.Drivers;

namespace GuestOS.Kernel.Drivers;

/// <summary>The verbs of a bound device, and what follows when one fails. The device's gate is held.</summary>
internal sealed partial class DriverManager
{
    /// <summary>True when the search is over: the device is started, or has failed.</summary>
    private async Task<bool> TryBindAsync(BoundDevice bound, IDriver driver)
    {
        bound.Driver = driver;
        bound.Reopen();
        try
        {
            bound.Grants = _granter.Grant(
                bound.Device, driver.DeclareResources(bound.Device), bound.Name, exception => _ = FailFromInterruptAsync(bound, exception));
            bound.Instance = driver.Create(_environment.MakeContext(bound, driver, bound.Grants));
            string? refusal = await _verbs.RunAsync("Probe", _verbs.Deadlines.Probe, bound.Instance.ProbeAsync, bound.Gone).ConfigureAwait(false);
            if (refusal is not null)
            {
                await LetGoAsync(bound).ConfigureAwait(false);
                bound.Driver = null;
                bound.Error = $"{driver.Name}: {refusal}";
                _environment.Log.Info($"{bound.Name}: the {driver.Name} driver leaves it alone: {refusal}");
                return false;
            }

            await _verbs.RunAsync("Attach", _verbs.Deadlines.Attach, bound.Instance.AttachAsync, bound.Gone).ConfigureAwait(false);
            bound.State = DeviceState.Attached;
            bound.Error = null;
            _events.Changed(bound);
            await _verbs.RunAsync("Start", _verbs.Deadlines.Start, bound.Instance.StartAsync, bound.Gone).ConfigureAwait(false);
            bound.State = DeviceState.Started;
            _events.Changed(bound);
        }
        catch (Exception exception)
        {
            await FailLockedAsync(bound, exception.Message).ConfigureAwait(false);
        }

        return true;
    }

    private async Task ChangeAsync(
        BoundDevice bound, DeviceState from, DeviceState to, Func<IDriverInstance, CancellationToken, ValueTask> verb, TimeSpan deadline, string name)
    {
        await bound.Gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (bound.State != from || bound.Instance is null)
                throw new InvalidOperationException($"{bound.Name} is {bound.State}, not {from}.");
            IDriverInstance instance = bound.Instance;
            try
            {
                await _verbs.RunAsync(name, deadline, token => verb(instance, token), bound.Gone).ConfigureAwait(false);
                bound.State = to;
                _events.Changed(bound);
            }
            catch (Exception exception)
            {
                await FailLockedAsync(bound, exception.Message).ConfigureAwait(false);
            }
        }
        finally
        {
            bound.Gate.Release();
        }
    }

    private async Task DetachLockedAsync(BoundDevice bound)
    {
        if (bound.State is not (DeviceState.Attached or DeviceState.Started or DeviceState.Suspended or DeviceState.Yielded))
            return;
        string serves = string.Join(' ', bound.Serves);
        string? error = await LetGoAsync(bound).ConfigureAwait(false);
        bound.State = error is null ? DeviceState.Detached : DeviceState.Failed;
        bound.Error = error;
        _events.Changed(bound, serves);
    }

    private async Task FailFromInterruptAsync(BoundDevice bound, Exception exception)
    {
        // The interrupt thread must not wait for the gate, which the driver's own verb may hold.
        await Task.Yield();
        await FailAsync(bound, $"its interrupt handler failed: {exception.Message}").ConfigureAwait(false);
    }

    private async Task FailLockedAsync(BoundDevice bound, string reason)
    {
        string? further = await LetGoAsync(bound).ConfigureAwait(false);
        bound.State = DeviceState.Failed;
        bound.Error = further is null ? reason : $"{reason} Then: {further}";
        _events.Changed(bound);
    }

    /// <summary>
    /// Detaches the driver, and takes everything back. A driver whose Detach fails or does not end keeps its register ranges, so that
    /// nobody else meets the device in an unknown state; its interrupts and its bus mastering are switched off.
    /// </summary>
    /// <returns>What went wrong, or null.</returns>
    private async Task<string?> LetGoAsync(BoundDevice bound)
    {
        string? error = null;
        if (bound.Instance is { } instance)
        {
            try
            {
                await _verbs.RunAsync("Detach", _verbs.Deadlines.Detach, instance.DetachAsync).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                error = exception.Message;
            }
        }

        bound.WithdrawAll();
        if (bound.Instance is not null)
            await SilenceAsync(bound.Device).ConfigureAwait(false);

        if (error is null)
            bound.Grants?.Dispose();
        else
            bound.Grants?.ReleaseInterrupts();
        bound.Instance = null;
        bound.Grants = null;
        return error;
    }

    /// <summary>Whatever its driver has left on: the device reaches no memory of ours any more.</summary>
    private static async Task SilenceAsync(BusDevice device)
    {
        switch (device)
        {
            case PciDevice pci:
                ushort command = pci.Configuration.Read16(PciRegisters.Command);
                pci.Configuration.Write16(PciRegisters.Command, (ushort)(command & ~PciRegisters.CommandBusMaster));
                break;
            case VmBusDevice vmbus:
                // Its waits are bounded. Nothing happens when the driver has closed it, as it should.
                await vmbus.Channel.CloseAsync().ConfigureAwait(false);
                break;
        }
    }
}
