using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Services.Frame;
using GuestOS.Services.Protocol;

namespace GuestOS.Services.Heartbeat;

/// <summary>Answers the host's heartbeat, every two seconds as a rule, and tells how the guest's program is.</summary>
public sealed class HeartbeatService : IntegrationService
{
    private static readonly IcVersion[] s_versions = [new(1, 0), new(3, 0)];
    private uint _state;
    private long _beats;

    /// <inheritdoc/>
    public override string Name => "heartbeat";

    /// <inheritdoc/>
    public override Guid ClassId => ClassIds.Heartbeat;

    /// <inheritdoc/>
    public override IcMessageType Type => IcMessageType.Heartbeat;

    /// <inheritdoc/>
    public override ReadOnlySpan<IcVersion> Versions => s_versions;

    /// <inheritdoc/>
    public override string Summary =>
        string.Create(CultureInfo.InvariantCulture, $"{Beats} beats, application {State.ToString().ToLowerInvariant()}");

    /// <summary>How the program is, as it says itself; goes out with the next heartbeat.</summary>
    public ApplicationState State
    {
        get => (ApplicationState)Volatile.Read(ref _state);
        set => Volatile.Write(ref _state, (uint)value);
    }

    /// <summary>Heartbeats that were answered.</summary>
    public long Beats => Interlocked.Read(ref _beats);

    /// <inheritdoc/>
    public override IcAnswer Handle(in IcRequest request)
    {
        var body = request.Body;
        if (body.Length < HeartbeatBody.LeastSize)
            return IcStatus.Fail;
        BinaryPrimitives.WriteUInt64LittleEndian(body, BinaryPrimitives.ReadUInt64LittleEndian(body) + 1);
        if (body.Length >= Marshal.SizeOf<HeartbeatBody>())
            MemoryMarshal.AsRef<HeartbeatBody>(body).State = State;
        Interlocked.Increment(ref _beats);
        return IcStatus.Success;
    }
}
