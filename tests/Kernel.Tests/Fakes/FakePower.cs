using GuestOS.Kernel.Core;
using GuestOS.Kernel.Hardware;

namespace GuestOS.Kernel.Tests.Fakes;

internal sealed class FakePower : IPowerControl
{
    public List<(PowerKind Kind, PowerReason Reason, byte Status)> Ends { get; } = [];

    public List<FaultKind> Faults { get; } = [];

    public void End(PowerKind kind, PowerReason reason, byte status = 0) => Ends.Add((kind, reason, status));

    public void ProvokeFault(FaultKind kind) => Faults.Add(kind);
}
