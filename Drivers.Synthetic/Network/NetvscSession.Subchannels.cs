using System.Buffers.Binary;
using System.Runtime.InteropServices;
using GuestOS.Drivers.Synthetic.Network.Protocol;
using GuestOS.Drivers.VmBus;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Machine;

namespace GuestOS.Drivers.Synthetic.Network;

/// <summary>More channels, one for each processor, and how frames are spread over them. Without them everything works on one.</summary>
internal sealed partial class NetvscSession
{
    /// <summary>The key with which NDIS verifies implementations of the hash; any key spreads flows.</summary>
    private static ReadOnlySpan<byte> Key =>
    [
        0x6D, 0x5A, 0x56, 0xDA, 0x25, 0x5B, 0x0E, 0xC2, 0x41, 0x67, 0x25, 0x3D, 0x43, 0xA3, 0x8F, 0xB0, 0xD0, 0xCA, 0x2B, 0xCB,
        0xAE, 0x7B, 0x30, 0xB4, 0x77, 0xCB, 0x2D, 0xA3, 0x80, 0x30, 0xF2, 0x0C, 0x6A, 0x42, 0xB7, 0x3B, 0xBE, 0xAC, 0x01, 0xFA,
    ];

    private async ValueTask OpenSubchannelsAsync(CancellationToken cancellationToken)
    {
        var input = new byte[RssCapabilities.Size];
        MemoryMarshal.Write(input, new NdisObjectHeader { Type = NdisObjectHeader.RssCapabilitiesType, Revision = 2, Size = RssCapabilities.Size });
        var value = await Control.QueryAsync(Oid.RssCapabilities, input, cancellationToken).ConfigureAwait(false);
        if (AtLeast(value, RssCapabilities.Size) == 0)
            return;
        var known = MemoryMarshal.Read<RssCapabilities>(value);
        if (known.Header.Type != NdisObjectHeader.RssCapabilitiesType || known.Header.Size < RssCapabilities.Size || known.Header.Size > value!.Length)
            return;
        var asked = (int)Math.Min((uint)_queues.Length, known.QueueCount) - 1;
        if (asked < 1)
            return;
        Channel.MostSubchannels = asked;
        Channel.SubchannelOffered = _ => SignalOffer();
        var granted = await AskForSubchannelsAsync(asked, cancellationToken).ConfigureAwait(false);
        if (granted == 0)
        {
            _context.Log.Warning($"{Adapter.Name}: the host grants none of {asked} subchannels; one channel serves all");
            return;
        }

        await AwaitOffersAsync(granted, cancellationToken).ConfigureAwait(false);
        await OpenOfferedAsync(cancellationToken).ConfigureAwait(false);
        if (OpenQueues > 1)
            await SpreadAsync(known.TableEntries, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>How many of the subchannels the host grants: none when it gives no answer that can be understood.</summary>
    private async ValueTask<int> AskForSubchannelsAsync(int count, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await AskAsync(
                new NvspSubchannelRequest { Type = NvspMessageType.Subchannel, Operation = NvspConstants.AllocateSubchannels, Count = (uint)count }, cancellationToken).ConfigureAwait(false);
            return NvspAnswers.TryReadSubchannels(answer.Span, count, out var granted) ? granted : 0;
        }
        catch (VmBusException exception) when (exception.Kind == VmBusErrorKind.TimedOut)
        {
            return 0;
        }
    }

    private void SignalOffer() => Interlocked.Exchange(ref _offered, null)?.TrySetResult();

    /// <summary>Waits until so many are there, some of them perhaps since an earlier opening.</summary>
    private async ValueTask AwaitOffersAsync(int count, CancellationToken cancellationToken)
    {
        var start = _context.Clock.GetTimestamp();
        while (_state == SessionState.SettingUp)
        {
            var signal = new TaskCompletionSource();
            Volatile.Write(ref _offered, signal);
            var left = NetvscTimeouts.Subchannels - _context.Clock.GetElapsedTime(start);
            if (UsableSubchannels().Count >= count || left <= TimeSpan.Zero)
                return;
            try
            {
                await signal.Task.WaitAsync(left, _context.Clock, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                _context.Log.Warning($"{Adapter.Name}: the host granted {count} subchannels and offered {UsableSubchannels().Count}");
                return;
            }
        }
    }

    private List<VmBusChannel> UsableSubchannels()
    {
        var usable = new List<VmBusChannel>();
        foreach (var channel in Channel.Subchannels)
        {
            if (channel.Status == ChannelStatus.Closed && channel.Identity.SubchannelIndex < _queues.Length)
                usable.Add(channel);
        }

        return usable;
    }

    private async ValueTask OpenOfferedAsync(CancellationToken cancellationToken)
    {
        foreach (var channel in UsableSubchannels())
        {
            var queue = new NetvscQueue(this, channel, channel.Identity.SubchannelIndex);
            try
            {
                await channel.OpenAsync(OptionsOf(queue), cancellationToken).ConfigureAwait(false);
                _queues[queue.Number] = queue;
                OpenQueues++;
            }
            catch (Exception exception) when (exception is OutOfMemoryException or VmBusException { Kind: not VmBusErrorKind.Cancelled })
            {
                _context.Log.Warning($"{Adapter.Name}: {exception.Message}");
            }
        }

        for (int i = 0, number = 0; i < _sendTable.Length; i++, number = (number + 1) % _queues.Length)
            _sendTable[i] = (byte)number;
    }

    private async ValueTask SpreadAsync(int entries, CancellationToken cancellationToken)
    {
        if (entries is < 1 or > RssParameters.MostEntries)
            entries = RssParameters.UsualEntries;
        var tableSize = entries * sizeof(uint);
        var message = new byte[RssParameters.Size + tableSize + RssParameters.KeySize];
        for (int i = 0, number = 0; i < entries; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(RssParameters.Size + (i * sizeof(uint))), (uint)number);
            do
                number = (number + 1) % _queues.Length;
            while (_queues[number] is null);
        }

        Key.CopyTo(message.AsSpan(RssParameters.Size + tableSize));
        foreach (var flags in (ushort[])[RssParameters.Disable, 0])
        {
            MemoryMarshal.Write(message, new RssParameters
            {
                Header = new NdisObjectHeader { Type = NdisObjectHeader.RssParametersType, Revision = 2, Size = RssParameters.Size },
                Flags = flags,
                HashInformation = RssParameters.UsualHash,
                TableSize = (ushort)tableSize,
                TableOffset = RssParameters.Size,
                KeyLength = RssParameters.KeySize,
                KeyOffset = (uint)(RssParameters.Size + tableSize),
            });
            var status = await Control.SetAsync(Oid.RssParameters, message, NetvscTimeouts.Answer, cancellationToken).ConfigureAwait(false);
            if (status != RndisStatus.Success)
                _context.Log.Warning($"{Adapter.Name}: the host does not spread received frames: {status}");
        }
    }
}
