using GuestOS.Kernel.Core;

namespace GuestOS.Kernel.SelfTests;

/// <summary><c>poweroff</c>: switches the machine off by ACPI.</summary>
internal sealed class PowerOffSelfTest : ISelfTest
{
    public string Name => "poweroff";

    public async Task<bool> RunAsync(KernelSystem system, IReadOnlyList<string> arguments)
    {
        await system.EndAsync(PowerKind.PowerOff, PowerReason.Tests).ConfigureAwait(false);
        return false;
    }
}
