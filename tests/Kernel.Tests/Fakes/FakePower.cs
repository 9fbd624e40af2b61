using GuestOS.Kernel.Core;
using GuestOS.Kernel.Hardware;

namespace GuestOS.Kernel.Tests.Fakes;

internal sealed class FakePower : IPowerControl
{
    public List<(PowerKind Kind, PowerReason Reason, byte Status)> Ends { get; } = [];

    private readonly TaskCompletionSource<(PowerKind Kind, PowerReason Reason)> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends with the first end.</summary>
    public Task<(PowerKind Kind, PowerReason Reason)> Ended => _ended.Task;

    public List<FaultKind> Faults { get; } = [];

    public void End(PowerKind kind, PowerReason reason, byte status = 0)
    {
        Ends.Add((kind, reason, status));
        _ended.TrySetResult((kind, reason));
    }

    public void ProvokeFault(FaultKind kind) => Faults.Add(kind);
}
