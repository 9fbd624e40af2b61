using System.Buffers.Binary;
using GuestOS.Drivers.Synthetic.Network.Protocol;
using GuestOS.Machine.Network;

namespace GuestOS.Drivers.Synthetic.Network;

/// <summary>What is received, and when nothing is.</summary>
internal sealed partial class NetvscAdapter
{
    private ReceiveFilter _filterWanted = ReceiveFilter.Station;
    private ReceiveFilter _filterInForce = ReceiveFilter.Station;
    private WaitList<NetworkResult>? _filterWait;
    private bool _isFiltering;

    public ReceiveFilter Filter
    {
        get
        {
            lock (_gate)
                return _filterInForce;
        }
    }

    public async ValueTask<NetworkResult> SetFilterAsync(ReceiveFilter filter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var groups = new List<MacAddress>();
        foreach (var address in filter.Multicast)
        {
            if (!address.IsGroup)
                return NetworkResult.Failure(new NetworkError(NetworkErrorKind.InvalidRequest, Name, $"{address} is no group address"));
            if (!groups.Contains(address))
                groups.Add(address);
        }

        lock (_gate)
        {
            if (_goneBecause is not null)
                return NetworkResult.Failure(GoneError());
            _filterWanted = filter with { Multicast = groups };
            if (State == AdapterState.Held)
            {
                // Nothing is received now; the host gets the filter before anything is.
                _filterInForce = _filterWanted;
                return NetworkResult.Success;
            }
        }

        return await ApplyFilterAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<NetworkResult> QuiesceAsync(CancellationToken cancellationToken = default) => HoldAsync(Hold.Quiesced, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<NetworkResult> ResumeAsync(CancellationToken cancellationToken = default) => ReleaseAsync(Hold.Quiesced, cancellationToken);

    /// <summary>Holds new frames back, waits until all that the host has are sent, and stops receiving.</summary>
    internal async ValueTask<NetworkResult> HoldAsync(Hold hold, CancellationToken cancellationToken)
    {
        Task? drained = null;
        bool hadHold;
        lock (_gate)
        {
            if (_goneBecause is not null)
                return NetworkResult.Failure(GoneError());
            hadHold = (_holds & hold) != 0;
            _holds |= hold;
            if (_outstanding > 0)
            {
                _drained ??= new WaitList<bool>(_options.ContinueInline);
                drained = _drained.Add();
            }
        }

        if (hadHold)
            return NetworkResult.Success;
        var result = NetworkResult.Success;
        try
        {
            if (drained is not null)
                await drained.WaitAsync(NetvscTimeouts.Drain, _context.Clock, cancellationToken).ConfigureAwait(false);
            result = await ApplyFilterAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            result = Failed(NetworkErrorKind.Timeout, $"the host did not complete {Outstanding} frames");
        }
        catch (OperationCanceledException)
        {
            await UndoHoldAsync(hold).ConfigureAwait(false);
            throw;
        }

        if (!result.IsSuccess)
            await UndoHoldAsync(hold).ConfigureAwait(false);
        return result;
    }

    /// <summary>
    /// A hold that did not come about is nobody's to take off later: frames flow again, even where the host does not say whether it
    /// sends any.
    /// </summary>
    private async ValueTask UndoHoldAsync(Hold hold)
    {
        lock (_gate)
            _holds &= ~hold;
        await ApplyFilterAsync(CancellationToken.None).ConfigureAwait(false);
        Admit();
    }

    /// <summary>Takes a hold off; with the last one frames flow again, those first that waited.</summary>
    internal async ValueTask<NetworkResult> ReleaseAsync(Hold hold, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (_goneBecause is not null)
                return NetworkResult.Failure(GoneError());
            if ((_holds & hold) == 0)
                return NetworkResult.Success;
            _holds &= ~hold;
            if (State == AdapterState.Held)
                return NetworkResult.Success;
        }

        var result = await ApplyFilterAsync(CancellationToken.None).ConfigureAwait(false);
        if (!result.IsSuccess)
        {
            lock (_gate)
            {
                _holds |= hold;
                _isReceiving = false;
            }

            return result;
        }

        Admit();
        return NetworkResult.Success;
    }

    private NetworkResult Failed(NetworkErrorKind kind, string what) => NetworkResult.Failure(new NetworkError(kind, Name, what));

    /// <summary>Tells the host what is wanted now. One at a time talks to it; whoever comes meanwhile is served by its next round.</summary>
    private async ValueTask<NetworkResult> ApplyFilterAsync(CancellationToken cancellationToken)
    {
        Task<NetworkResult> wait;
        bool starts;
        lock (_gate)
        {
            _filterWait ??= new WaitList<NetworkResult>(_options.ContinueInline);
            wait = _filterWait.Add();
            starts = !_isFiltering;
            _isFiltering = true;
        }

        if (starts)
            _ = RunFilterAsync();
        return await wait.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task RunFilterAsync()
    {
        while (true)
        {
            WaitList<NetworkResult> waiting;
            ReceiveFilter? wanted;
            ReceiveFilter next;
            NetvscSession? session;
            lock (_gate)
            {
                if (_filterWait is null)
                {
                    _isFiltering = false;
                    return;
                }

                waiting = _filterWait;
                _filterWait = null;
                next = _filterWanted;
                wanted = _holds == Hold.None ? next : null;

                // One that is being closed says good-bye on its own, and after that nothing.
                session = _session is { State: not SessionState.Closed } ? _session : null;
                _isReceiving = wanted is not null && _goneBecause is null;
            }

            var result = session is null ? NetworkResult.Success : await TellFilterAsync(session, wanted).ConfigureAwait(false);
            if (result.IsSuccess)
            {
                lock (_gate)
                    _filterInForce = next;
            }

            waiting.End(result);
        }
    }

    /// <param name="session">The opening.</param>
    /// <param name="filter">Null: nothing is received.</param>
    private async ValueTask<NetworkResult> TellFilterAsync(NetvscSession session, ReceiveFilter? filter)
    {
        try
        {
            var bits = PacketFilter.None;
            if (filter is not null)
            {
                bits = PacketFilter.Directed | PacketFilter.Broadcast;
                if (filter.Promiscuous)
                    bits |= PacketFilter.Promiscuous;
                if (filter.AllMulticast || (filter.Multicast.Count > 0 && !await TellGroupsAsync(session, filter.Multicast).ConfigureAwait(false)))
                    bits |= PacketFilter.AllMulticast;
                else if (filter.Multicast.Count > 0)
                    bits |= PacketFilter.Multicast;
            }

            var value = new byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32LittleEndian(value, (uint)bits);
            var status = await session.Control.SetAsync(Oid.CurrentPacketFilter, value, NetvscTimeouts.Answer, CancellationToken.None).ConfigureAwait(false);
            return status == RndisStatus.Success ? NetworkResult.Success : Failed(NetworkErrorKind.NotSupported, $"the host refused packet filter {bits}: {status}");
        }
        catch (TimeoutException exception)
        {
            return Failed(NetworkErrorKind.Timeout, exception.Message);
        }
        catch (IOException exception)
        {
            return Failed(NetworkErrorKind.Gone, exception.Message);
        }
    }

    /// <summary>False when the host does not take the list: then all groups are received.</summary>
    private static async ValueTask<bool> TellGroupsAsync(NetvscSession session, IReadOnlyList<MacAddress> groups)
    {
        const int Most = 600;
        if (groups.Count > Most)
            return false;
        var value = new byte[groups.Count * MacAddress.Size];
        for (var i = 0; i < groups.Count; i++)
            groups[i].Write(value.AsSpan(i * MacAddress.Size));
        return await session.Control.SetAsync(Oid.MulticastList, value, NetvscTimeouts.Answer, CancellationToken.None).ConfigureAwait(false) == RndisStatus.Success;
    }
}
