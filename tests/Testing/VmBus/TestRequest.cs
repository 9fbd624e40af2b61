using GuestOS.Drivers.VmBus.Channels;

namespace GuestOS.Testing.VmBus;

internal sealed class TestRequest : ChannelRequest
{
    public List<(RequestStatus Status, byte[] Payload)> Completions { get; } = [];

    public int Releases { get; private set; }

    public Action? Completed { get; set; }

    public override void OnCompleted(RequestStatus status, ReadOnlySpan<byte> payload)
    {
        Completions.Add((status, payload.ToArray()));
        Completed?.Invoke();
    }

    public override void OnReleased() => Releases++;
}
