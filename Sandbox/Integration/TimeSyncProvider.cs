using System.Buffers.Binary;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Services.Protocol;

namespace GuestOS.Sandbox.Integration;

/// <summary>The host's time: one sync after negotiation, then a sample every five seconds, each after the answer to the one before.</summary>
public sealed class TimeSyncProvider : IntegrationProvider
{
    private static readonly DateTimeOffset Epoch = new(1601, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly Func<ulong> _referenceTime;
    private IDisposable? _timer;

    /// <param name="referenceTime">The partition's reference time (TIME_REF_COUNT), 100 ns.</param>
    /// <param name="options">What the host is like.</param>
    public TimeSyncProvider(Func<ulong> referenceTime, IntegrationOptions? options = null)
        : base(
            IcMessageType.TimeSync,
            ClassIds.TimeSync,
            new("2dd1ce17-079e-403c-b352-a1921ee207ee"),
            [new(1, 0), new(3, 0), new(4, 0)],
            options)
    {
        _referenceTime = referenceTime;
    }

    /// <summary>From an answer to the next sample.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The host's clock is ahead of the simulated one by so much.</summary>
    public TimeSpan Ahead { get; set; }

    /// <summary>A message takes so long from the host's clock to the guest: the times inside are so much older.</summary>
    public TimeSpan Transit { get; set; }

    /// <summary>Bytes of the body at 4.0: 22, or 24 (FreeBSD, OpenVMM).</summary>
    public int BodyLength { get; init; } = 22;

    /// <summary>Messages that were answered with success.</summary>
    public int Answered { get; private set; }

    /// <summary>The host's time now, 100 ns since 1601; 0 while no guest has the channel open.</summary>
    public ulong HostTime => Session is { } session ? (ulong)(session.Clock.GetUtcNow() - Epoch + Ahead).Ticks : 0;

    /// <summary>Tells the guest to set its clock now.</summary>
    public IntegrationCall Sync() => Send(TimeSyncFlags.Sync);

    /// <summary>Gives the guest one observation.</summary>
    public IntegrationCall TellTime() => Send(TimeSyncFlags.Sample);

    /// <summary>Sends any time.</summary>
    /// <param name="parentTime">The host's, 100 ns since 1601.</param>
    /// <param name="referenceTime">Of 4.0.</param>
    /// <param name="flags">Flags.</param>
    public IntegrationCall SendTime(ulong parentTime, ulong referenceTime, TimeSyncFlags flags) => Request(Body(parentTime, referenceTime, flags), Done);

    private protected override void Started()
    {
        Sync();
        _timer = Session!.PostEvery(Period, () =>
        {
            if (Outstanding == 0)
                TellTime();
        });
    }

    private protected override void Stopped() => _timer?.Dispose();

    private protected override byte[] Sample() => Body(0x01DB_0000_0000_0000, 0, TimeSyncFlags.Sync);

    private IntegrationCall Send(TimeSyncFlags flags)
    {
        var late = (ulong)Transit.Ticks;
        var reference = _referenceTime();
        return Request(Body(HostTime - Math.Min(late, HostTime), reference - Math.Min(late, reference), flags), Done);
    }

    private void Done(IntegrationCall call)
    {
        if (call.Status == IcStatus.Success)
            Answered++;
    }

    private byte[] Body(ulong parentTime, ulong referenceTime, TimeSyncFlags flags)
    {
        var isNew = (Service ?? ServiceVersions[^1]) >= new IcVersion(4, 0);
        var body = new byte[isNew ? BodyLength : 28];
        BinaryPrimitives.WriteUInt64LittleEndian(body, parentTime);
        if (isNew)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(body.AsSpan(8), referenceTime);
            body[16] = (byte)flags;
            body[18] = 1;
        }
        else
        {
            BinaryPrimitives.WriteUInt64LittleEndian(body.AsSpan(16), (ulong)(2 * Transit.Ticks));
            body[24] = (byte)flags;
        }

        return body;
    }
}
