using GuestOS.Kernel.Core;

namespace GuestOS.Kernel.SelfTests;

/// <summary><c>reboot</c>: restarts the machine.</summary>
internal sealed class RebootSelfTest : ISelfTest
{
    public string Name => "reboot";

    public async Task<bool> RunAsync(KernelSystem system, IReadOnlyList<string> arguments)
    {
        await system.EndAsync(PowerKind.Reboot, PowerReason.Tests).ConfigureAwait(false);
        return false;
    }
}
