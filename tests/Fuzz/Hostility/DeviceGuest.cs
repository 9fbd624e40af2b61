using GuestOS.Machine;
using GuestOS.Machine.Drivers;
using GuestOS.Sandbox.Interrupts;
using GuestOS.Sandbox.Memory;
using GuestOS.Testing.Guests;

namespace GuestOS.Fuzz.Hostility;

/// <summary>A machine with one PCI device and its driver, that calls the driver's verbs as the kernel does.</summary>
internal sealed class DeviceGuest() : ClockedMachine(1, memory: new SimulatedMemory(new Random(1)))
{
    private IDriverInstance? _instance;

    /// <summary>Binds the driver: probe, attach, start. False when it declares the device unusable; it is detached then.</summary>
    public bool TryStart(
        IDriver driver, PciDevice device, Func<ResourceRequest, IRegisterWindow> windows, Func<ResourceRequest, SimulatedInterrupt> interrupts, params (string Name, string Value)[] options)
    {
        var instance = _instance = Setup(DriverSetup.Inline(options)).Create(driver, device, windows, request => new GuardedLine(interrupts(request)));
        try
        {
            if (Run(instance.ProbeAsync(default)) is null)
            {
                Run(instance.AttachAsync(default));
                Run(instance.StartAsync(default));
                return true;
            }
        }
        catch (Exception exception) when (exception is IOException or TimeoutException)
        {
        }

        Detach();
        return false;
    }

    /// <summary>Takes the driver off its device.</summary>
    public void Detach()
    {
        if (_instance is null)
            return;
        Run(_instance.DetachAsync(default));
        _instance = null;
    }
}
