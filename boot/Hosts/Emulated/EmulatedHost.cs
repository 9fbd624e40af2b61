using GuestOS.Boot.Build;
using GuestOS.Boot.Images;

namespace GuestOS.Boot.Hosts.Emulated;

/// <summary>QEMU with every instruction emulated: works wherever QEMU does, offers no hypervisor interface to the guest.</summary>
internal sealed class EmulatedHost : IHost
{
    /// <summary>The host's name on the command line.</summary>
    public const string HostName = "emulated";

    /// <inheritdoc/>
    public string Name => HostName;

    /// <inheritdoc/>
    public async Task<IGuest> CreateAsync(MachineSpec machine, CancellationToken cancellationToken)
    {
        var work = new WorkFolder();
        try
        {
            string? variables = null;
            if (machine.Firmware == FirmwareKind.Uefi)
            {
                variables = work.File("vars.fd");
                File.Copy(UefiFirmware.VariablesPath, variables);
            }

            return await EmulatedGuest.StartAsync(machine, work, variables, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            work.Dispose();
            if (e is IOException)
                throw new ToolException($"{machine.Name}: {e.Message}", e);
            throw;
        }
    }
}
