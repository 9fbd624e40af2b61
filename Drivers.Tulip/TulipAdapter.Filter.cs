using GuestOS.Machine.Network;

namespace GuestOS.Drivers.Tulip;

/// <summary>What is received: the setup frame and the bits of CSR6 that go with it.</summary>
internal sealed partial class TulipAdapter
{
    private readonly List<(int Version, TaskCompletionSource<NetworkResult> Wait)> _filterWaits = [];
    private ReceiveFilter _filterWanted = ReceiveFilter.Station;
    private ReceiveFilter _filterPlaced = ReceiveFilter.Station;
    private ReceiveFilter _filterInForce = ReceiveFilter.Station;
    private int _filterVersion;
    private int _placedFilterVersion = -1;
    private bool _setupIsPlaced;
    private bool _setupIsHash;

    /// <summary>The chip does not know hash tables: all group addresses are received instead.</summary>
    private bool _hashIsMissing;

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
        foreach (var address in filter.Multicast)
        {
            if (!address.IsGroup)
                return NetworkResult.Failure(new NetworkError(NetworkErrorKind.InvalidRequest, Name, $"{address} is no group address"));
        }

        Task<NetworkResult> wait;
        Deferred deferred = default;
        lock (_gate)
        {
            if (_phase == Phase.Gone)
                return NetworkResult.Failure(GoneError());
            _filterWanted = filter with { Multicast = [.. filter.Multicast.Distinct()] };
            _filterVersion++;
            if (_phase == Phase.Paused)
            {
                // Nothing is received now; the chip gets the filter before it runs.
                _filterInForce = _filterWanted;
                return NetworkResult.Success;
            }

            var source = NewWait();
            _filterWaits.Add((_filterVersion, source));
            wait = source.Task;
            Admit(ref deferred);
            ReapLocked(ref deferred);
        }

        deferred.Run(this);
        return await wait.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Places the setup frame of the filter that is wanted, if none is under way and there is room. Under the lock.</summary>
    private bool TryPlaceSetup()
    {
        if (_setupIsPlaced || !_tx.HasRoomForSetup)
            return false;
        _filterPlaced = _filterWanted;
        _placedFilterVersion = _filterVersion;
        _setupIsHash = SetupFrame.Write(_setup.GetSpan(), Address, _filterPlaced.Multicast);
        _tx.PlaceSetup(_setup.PhysicalAddress, _setupIsHash);
        _setupIsPlaced = true;
        _counters.SetupFrames++;
        return true;
    }

    /// <summary>The chip has taken the setup frame. Under the lock.</summary>
    private void OnSetupDone(ref Deferred deferred)
    {
        if (!_setupIsPlaced)
            return;
        _setupIsPlaced = false;
        _filterInForce = _filterPlaced;
        _hashIsMissing = _setupIsHash && (_registers.Read(Csr.OperationMode) & OperationMode.Hashes) == 0;
        if (_phase != Phase.Running)
            return;
        var starts = !_receiveIsStarted;
        _receiveIsStarted = true;
        WriteMode();
        if (starts)
            _registers.Write(Csr.ReceivePollDemand, 1);
        EndFilterWaits(NetworkResult.Success, _placedFilterVersion, ref deferred);
    }

    private void EndFilterWaits(in NetworkResult result, int upTo, ref Deferred deferred)
    {
        if (_filterWaits.Count == 0)
            return;
        deferred.FilterResult = result;
        deferred.FilterWaits = [.. _filterWaits.Where(wait => wait.Version <= upTo).Select(wait => wait.Wait)];
        _filterWaits.RemoveAll(wait => wait.Version <= upTo);
    }
}
