using System.Buffers.Binary;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Services.Protocol;

namespace GuestOS.Sandbox.Integration;

/// <summary>The host's heartbeat: a number every two seconds, which the guest returns plus one with the state of its application.</summary>
public sealed class HeartbeatProvider : IntegrationProvider
{
    private IDisposable? _timer;
    private ulong _sequence;

    /// <param name="options">What the host is like.</param>
    public HeartbeatProvider(IntegrationOptions? options = null)
        : base(IcMessageType.Heartbeat, ClassIds.Heartbeat, new("fd149e91-82e0-4a7d-afa6-2a4166cbd7c0"), [new(1, 0), new(3, 0)], options)
    {
    }

    /// <summary>From one to the next.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Bytes of the body: 40, or 16 (OpenVMM).</summary>
    public int BodyLength { get; init; } = 40;

    /// <summary>Heartbeats that were answered.</summary>
    public int Beats { get; private set; }

    /// <summary>Heartbeats in a row without an answer, or with a wrong one.</summary>
    public int Missed { get; private set; }

    /// <summary>What the guest says of its application.</summary>
    public ApplicationState Application { get; private set; }

    private protected override void Started()
    {
        Beat();
        _timer = Session!.PostEvery(Period, Beat);
    }

    private protected override void Stopped() => _timer?.Dispose();

    private protected override byte[] Sample() => Body(7);

    private byte[] Body(ulong sequence)
    {
        var body = new byte[BodyLength];
        BinaryPrimitives.WriteUInt64LittleEndian(body, sequence);
        return body;
    }

    private void Beat()
    {
        // One that waits is one that was missed; another behind it would tell nothing more.
        if (Outstanding > 0)
        {
            Missed++;
            return;
        }

        var sequence = ++_sequence;
        Request(Body(sequence), call =>
        {
            if (call.Status is null)
                return;
            if (call.Status != IcStatus.Success || call.Answer.Length < 8 || BinaryPrimitives.ReadUInt64LittleEndian(call.Answer) != sequence + 1)
            {
                Missed++;
                Session?.Report($"heartbeat {sequence} answered with status {call.Status}");
                return;
            }

            Beats++;
            Missed = 0;
            if (call.Answer.Length >= 12)
                Application = (ApplicationState)BinaryPrimitives.ReadUInt32LittleEndian(call.Answer.AsSpan(8));
        });
    }
}
