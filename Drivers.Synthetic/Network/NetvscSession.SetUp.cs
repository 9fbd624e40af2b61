using System.Buffers.Binary;
using System.Runtime.InteropServices;
using GuestOS.Drivers.Synthetic.Network.Protocol;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Rings;
using GuestOS.Machine;
using GuestOS.Machine.Drivers;
using GuestOS.Machine.Network;

namespace GuestOS.Drivers.Synthetic.Network;

/// <summary>The set-up, in the order that hosts insist on (protocol 6.3).</summary>
internal sealed partial class NetvscSession
{
    private const int AnswerSize = 64;
    private const uint UnitsPerMegabit = 10_000;

    /// <summary>Opens the channel and brings the adapter up to where frames may flow; it receives nothing yet.</summary>
    /// <exception cref="IOException">The host says what cannot be.</exception>
    /// <exception cref="TimeoutException">It does not answer.</exception>
    /// <exception cref="VmBus.VmBusException">The channel does not work.</exception>
    public async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await SetUpAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await CloseAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static int AtLeast(byte[]? value, int length) => value is not null && value.Length >= length ? value.Length : 0;

    private ChannelOpenOptions OptionsOf(NetvscQueue queue) => new()
    {
        Handler = queue,
        SendRingSize = RingSize,
        ReceiveRingSize = RingSize,
        Accepted = PacketTypes.InBand | PacketTypes.TransferPages | PacketTypes.Completion,
        LargestPacket = LargestPacket,
        Processor = queue.Number % (_context.Processors?.Count ?? 1),
        MostRequests = SlotCount + 16,
        ToleratesLatency = false,
    };

    private async ValueTask SetUpAsync(CancellationToken cancellationToken)
    {
        await Channel.OpenAsync(OptionsOf(_queues[0]!), cancellationToken).ConfigureAwait(false);
        Version = await AgreeAsync(cancellationToken).ConfigureAwait(false);
        Configure();
        await ShareReceiveBufferAsync(cancellationToken).ConfigureAwait(false);
        await ShareSendBufferAsync(cancellationToken).ConfigureAwait(false);
        await InitializeAsync(cancellationToken).ConfigureAwait(false);
        await QueryAsync(cancellationToken).ConfigureAwait(false);
        await SetOffloadsAsync(cancellationToken).ConfigureAwait(false);
        await QueryLinkAsync(cancellationToken).ConfigureAwait(false);
        if (Version >= NvspVersion.V5 && _queues.Length > 1)
            await OpenSubchannelsAsync(cancellationToken).ConfigureAwait(false);
        if (!TryMove(SessionState.Open, out _))
            throw new IOException("The channel ended during its set-up.");
    }

    private async ValueTask<NvspVersion> AgreeAsync(CancellationToken cancellationToken)
    {
        var versions = NvspVersion.NewestFirst.ToArray();
        foreach (var version in versions)
        {
            var answer = await AskAsync(new NvspInit { Type = NvspMessageType.Init, Lowest = version, Highest = version }, cancellationToken).ConfigureAwait(false);
            if (!NvspAnswers.TryReadInit(answer.Span, out var status))
                throw new IOException($"The host answered {answer.Length} bytes to version {version}.");
            if (status == NvspStatus.Success)
                return version;
        }

        throw new IOException($"The host takes none of the versions {string.Join(", ", versions)}.");
    }

    private void Configure()
    {
        Span<byte> message = stackalloc byte[NvspConstants.MessageSize];
        message.Clear();
        if (Version >= NvspVersion.V2)
        {
            // The link's speed is told only with teaming.
            MemoryMarshal.Write(message, new NvspNdisConfig
            {
                Type = NvspMessageType.NdisConfig,
                Mtu = (uint)(_options.Mtu + NetvscOptions.HeaderSize),
                Capabilities = NdisCapabilities.Ieee8021Q | (Version >= NvspVersion.V5 ? NdisCapabilities.Teaming : NdisCapabilities.None),
            });
            SendOrThrow(message);
        }

        message.Clear();
        MemoryMarshal.Write(message, new NvspNdisVersion { Type = NvspMessageType.NdisVersion, Major = NvspNdisVersion.Ndis6, Minor = Version.NdisMinor });
        SendOrThrow(message);
    }

    private void SendOrThrow(ReadOnlySpan<byte> message)
    {
        var result = Channel.TrySend(message);
        if (result != SendResult.Sent)
            throw new IOException($"The set-up was not sent: {result}.");
    }

    private async ValueTask ShareReceiveBufferAsync(CancellationToken cancellationToken)
    {
        var buffer = await SharedBuffer.CreateAsync(Channel, _context.Dma, _options.ReceiveBytes, cancellationToken).ConfigureAwait(false);
        _receiveBuffer = buffer;
        var answer = await AskAsync(
            new NvspBuffer { Type = NvspMessageType.ReceiveBuffer, Gpadl = buffer.Id, Id = NvspConstants.ReceiveBufferId }, cancellationToken).ConfigureAwait(false);
        if (NvspAnswers.ReadReceiveBuffer(answer.Span, buffer.Length, out var size, out _) is { } fault)
            throw new IOException($"The host did not take the receive buffer: {fault}.");
        SubAllocationSize = size;
        _hasReceiveBuffer = true;
    }

    private async ValueTask ShareSendBufferAsync(CancellationToken cancellationToken)
    {
        var buffer = await SharedBuffer.CreateAsync(Channel, _context.Dma, _options.SendBytes, cancellationToken).ConfigureAwait(false);
        _sendBuffer = buffer;
        var answer = await AskAsync(
            new NvspBuffer { Type = NvspMessageType.SendBuffer, Gpadl = buffer.Id, Id = NvspConstants.SendBufferId }, cancellationToken).ConfigureAwait(false);
        if (NvspAnswers.ReadSendBuffer(answer.Span, buffer.Length, out var size) is { } fault)
            throw new IOException($"The host did not take the send buffer: {fault}.");
        Sections = new SendSections(buffer.Length, size);
        if (size == 0)
            _context.Log.Info($"{Adapter.Name}: the host takes no send buffer; it reads frames where they are");
    }

    private async ValueTask InitializeAsync(CancellationToken cancellationToken)
    {
        var message = new byte[RndisInitialize.Size];
        MemoryMarshal.Write(message, new RndisInitialize
        {
            Header = new RndisHeader { Type = RndisMessageType.Initialize, Length = RndisInitialize.Size },
            Major = 1,
            MaxTransfer = RndisInitialize.UsualMaxTransfer,
        });
        var answer = await Control.AskAsync(message, RndisMessageType.InitializeComplete, "INITIALIZE", NetvscTimeouts.Answer, cancellationToken).ConfigureAwait(false);
        if (answer.Length < RndisInitializeComplete.Size)
            throw new IOException($"The host answered {answer.Length} bytes to INITIALIZE.");
        var complete = MemoryMarshal.Read<RndisInitializeComplete>(answer);
        if (complete.Status != RndisStatus.Success)
            throw new IOException($"The host refused INITIALIZE: {complete.Status}.");
        if (RndisAnswers.FindFault(complete, SendHeader.Longest + NetvscOptions.HeaderSize) is { } fault)
            throw new IOException($"The host answered INITIALIZE with {fault}.");
    }

    private async ValueTask QueryAsync(CancellationToken cancellationToken)
    {
        const int LeastMtu = 68;
        var size = await Control.QueryAsync(Oid.MaximumFrameSize, default, cancellationToken).ConfigureAwait(false);
        if (AtLeast(size, sizeof(uint)) != 0 && BinaryPrimitives.ReadUInt32LittleEndian(size) is >= LeastMtu and var most)
            Mtu = (int)Math.Min(most, (uint)_options.Mtu);
        var address = await Control.QueryAsync(Oid.PermanentAddress, default, cancellationToken).ConfigureAwait(false);
        if (AtLeast(address, MacAddress.Size) == 0)
            throw new IOException("The host does not say the adapter's address.");
        if (MacAddress.Read(address) is not { IsStation: true } station)
            throw new IOException($"The host says that the adapter's address is {MacAddress.Read(address)}, which is no station's.");
        Address = station;
    }

    private async ValueTask QueryLinkAsync(CancellationToken cancellationToken)
    {
        var connected = await Control.QueryAsync(Oid.MediaConnectStatus, default, cancellationToken).ConfigureAwait(false);
        var isUp = AtLeast(connected, sizeof(uint)) == 0 || BinaryPrimitives.ReadUInt32LittleEndian(connected) == 0;
        var speed = Version >= NvspVersion.V5 ? await Control.QueryAsync(Oid.LinkSpeed, default, cancellationToken).ConfigureAwait(false) : null;
        var units = AtLeast(speed, sizeof(uint)) == 0 ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(speed);
        Link = new LinkStatus(isUp, (int)(units / UnitsPerMegabit), isUp);
    }

    private async ValueTask<ReadOnlyMemory<byte>> AskAsync<T>(T message, CancellationToken cancellationToken)
        where T : unmanaged
    {
        var payload = new byte[NvspConstants.MessageSize];
        MemoryMarshal.Write(payload, message);
        var answer = new byte[AnswerSize];
        var length = await Channel.RequestAsync(payload, answer, NetvscTimeouts.Answer, cancellationToken).ConfigureAwait(false);
        return answer.AsMemory(0, Math.Min(length, answer.Length));
    }
}
