using System.Runtime.InteropServices;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Drivers.VmBus;
using GuestOS.Drivers.VmBus.Channels;

namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>The set-up of an open channel: version, limits, subchannels.</summary>
internal static class StorageSetUp
{
    /// <summary>Agrees with the host; commands may be sent afterwards.</summary>
    /// <param name="channel">Open.</param>
    /// <param name="mostSubchannels">Subchannels that we could use.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">The host refused a step, or speaks no version that we do.</exception>
    /// <exception cref="VmBusException">The host did not answer, or took the channel back.</exception>
    public static async ValueTask<StorvscLimits> RunAsync(VmBusChannel channel, int mostSubchannels, CancellationToken cancellationToken)
    {
        var packet = new byte[StorageHeader.PacketSize];
        await RequireAsync(channel, packet, StorageOperation.BeginInitialization, StorageHeader.Size, cancellationToken).ConfigureAwait(false);
        var version = await AgreeAsync(channel, packet, cancellationToken).ConfigureAwait(false);
        await RequireAsync(channel, packet, StorageOperation.QueryProperties, Marshal.SizeOf<PropertiesPacket>(), cancellationToken).ConfigureAwait(false);
        var limits = StorvscLimits.From(version, MemoryMarshal.Read<PropertiesPacket>(packet), mostSubchannels);
        await RequireAsync(channel, packet, StorageOperation.EndInitialization, StorageHeader.Size, cancellationToken).ConfigureAwait(false);
        return limits;
    }

    /// <summary>Asks for subchannels; their offers follow. False when the host refuses, or gives no answer that can be understood.</summary>
    public static async ValueTask<bool> CreateSubchannelsAsync(VmBusChannel channel, int count, CancellationToken cancellationToken)
    {
        var packet = new byte[StorageHeader.PacketSize];
        MemoryMarshal.Write(packet, new SubchannelPacket { Header = Header(StorageOperation.CreateSubchannels), Count = (ushort)count });
        try
        {
            var header = await RequestAsync(channel, packet, StorageHeader.Size, cancellationToken).ConfigureAwait(false);
            return header is { Operation: StorageOperation.CompleteIo, Status: NtStatus.Success };
        }
        catch (Exception e) when (e is IOException or VmBusException { Kind: VmBusErrorKind.TimedOut })
        {
            return false;
        }
    }

    /// <summary>A reset; false when the host refuses.</summary>
    public static async ValueTask<bool> ResetAsync(VmBusChannel channel, StorageOperation operation, LunAddress address, int packetSize)
    {
        var packet = new byte[StorageHeader.PacketSize];
        MemoryMarshal.Write(packet, new SrbPacket
        {
            Header = Header(operation),
            Path = address.Path,
            Target = address.Target,
            Lun = address.Lun,
        });
        var header = await RequestAsync(channel, packet.AsMemory(0, packetSize), StorageHeader.Size, default).ConfigureAwait(false);
        return header is { Operation: StorageOperation.CompleteIo, Status: NtStatus.Success };
    }

    private static StorageHeader Header(StorageOperation operation) => new() { Operation = operation, Flags = StorageFlags.RequestCompletion };

    private static void Begin(byte[] packet, StorageOperation operation)
    {
        packet.AsSpan().Clear();
        MemoryMarshal.Write(packet, Header(operation));
    }

    /// <summary>Newest first; whatever status a host refuses a version with.</summary>
    private static async ValueTask<StorageVersion> AgreeAsync(VmBusChannel channel, byte[] packet, CancellationToken cancellationToken)
    {
        var versions = StorageVersion.NewestFirst.ToArray();
        foreach (var version in versions)
        {
            packet.AsSpan().Clear();
            MemoryMarshal.Write(packet, new VersionPacket { Header = Header(StorageOperation.QueryProtocolVersion), Version = version });
            var header = await RequestAsync(channel, packet, StorageHeader.Size, cancellationToken).ConfigureAwait(false);
            if (header.Operation != StorageOperation.CompleteIo)
                throw new IOException($"QUERY_PROTOCOL_VERSION was answered with operation {(uint)header.Operation}.");
            if (header.Status == NtStatus.Success)
                return version;
        }

        throw new IOException($"The storage host speaks none of the versions {string.Join(", ", versions)}.");
    }

    private static async ValueTask RequireAsync(
        VmBusChannel channel, byte[] packet, StorageOperation operation, int answerLength, CancellationToken cancellationToken)
    {
        Begin(packet, operation);
        var header = await RequestAsync(channel, packet, answerLength, cancellationToken).ConfigureAwait(false);
        if (header.Operation != StorageOperation.CompleteIo || header.Status != NtStatus.Success)
            throw new IOException($"{operation} was answered with operation {(uint)header.Operation}, status {(uint)header.Status:x8}.");
    }

    /// <summary>Sends the packet, and puts the answer in its place.</summary>
    private static async ValueTask<StorageHeader> RequestAsync(VmBusChannel channel, Memory<byte> packet, int answerLength, CancellationToken cancellationToken)
    {
        var answer = new byte[StorageHeader.PacketSize];
        var length = await channel.RequestAsync(packet, answer, StorvscTimeouts.Control, cancellationToken).ConfigureAwait(false);
        if (length < answerLength)
            throw new IOException($"A storage answer of {length} bytes, {answerLength} are needed.");
        answer.AsSpan(0, packet.Length).CopyTo(packet.Span);
        return MemoryMarshal.Read<StorageHeader>(answer);
    }
}
