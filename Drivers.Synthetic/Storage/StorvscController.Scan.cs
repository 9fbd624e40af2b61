using System.Globalization;
using GuestOS.Machine;

namespace GuestOS.Drivers.Synthetic.Storage;

/// <content>Looks at the bus: one at a time, and however often one is wanted meanwhile, one more.</content>
internal sealed partial class StorvscController
{
    /// <summary>Linux storvsc: eight buses, two targets on each.</summary>
    private const int Paths = 8;
    private const int Targets = 2;

    private LookState _look;

    /// <summary>Whether a look is wanted or under way.</summary>
    internal LookState Look => _look;

    /// <summary>Logical units may have changed (rule S7).</summary>
    private void WantScan()
    {
        lock (_gate)
            _look = _look is LookState.Running or LookState.RunningAndWanted ? LookState.RunningAndWanted : LookState.Wanted;
        RunScans();
    }

    private void RunScans()
    {
        lock (_gate)
        {
            if (_state != StorvscState.Started || _look != LookState.Wanted)
                return;
            _look = LookState.Running;
        }

        _ = RunScansAsync();
    }

    private async Task RunScansAsync()
    {
        do
        {
            try
            {
                await ScanAsync(_detached.Token).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                if (_state != StorvscState.Detached)
                    _adapter.Warnings.Warning($"a look at the bus failed: {e.Message}");
            }
        }
        while (GoesOn());
    }

    /// <summary>A look has ended. True when another one follows at once.</summary>
    private bool GoesOn()
    {
        lock (_gate)
        {
            _look = _look != LookState.RunningAndWanted ? LookState.None
                : _state == StorvscState.Started ? LookState.Running
                : LookState.Wanted;
            return _look == LookState.Running;
        }
    }

    private async ValueTask ScanAsync(CancellationToken cancellationToken)
    {
        _adapter.Counters.Scans++;
        var found = new SortedSet<LunAddress>(LunAddress.Order);
        var known = Devices();
        if (IsIde)
        {
            found.Add(_ideAddress);
        }
        else
        {
            for (byte path = 0; path < Paths; path++)
            {
                for (byte target = 0; target < Targets; target++)
                {
                    var luns = await _scanner.ListAsync(path, target, cancellationToken).ConfigureAwait(false);
                    foreach (var lun in luns ?? [])
                        found.Add(new LunAddress(path, target, lun));

                    // Where no list comes the first one is tried, and those that were there.
                    if (luns is not null)
                        continue;
                    if (path == 0)
                        found.Add(new LunAddress(path, target, 0));
                    foreach (var device in known)
                    {
                        if (device.Address.Path == path && device.Address.Target == target)
                            found.Add(device.Address);
                    }
                }
            }
        }

        var kept = new HashSet<LunAddress>();
        foreach (var address in found)
        {
            var look = await _scanner.LookAsync(address, cancellationToken).ConfigureAwait(false);
            if (look.Description is { } description ? Take(address, description) : !look.IsAbsent)
                kept.Add(address);
        }

        // A channel that has ended says nothing about logical units.
        if (_adapter.IsEnded || _device!.IsRescinded)
            return;
        foreach (var device in known)
        {
            if (!kept.Contains(device.Address) || device.GoneBecause is not null)
                Remove(device, "the host has taken it away");
        }
    }

    /// <summary>A logical unit is there. True unless it could not be published.</summary>
    private bool Take(LunAddress address, LunDescription description)
    {
        StorageDevice? known;
        lock (_gate)
            known = _devices.Find(device => device.Address == address);
        if (known is not null && (known.GoneBecause is not null || known.Description.IsOptical != description.IsOptical || known.Geometry.BlockSize != description.Geometry.BlockSize))
        {
            Remove(known, "another device has taken its place");
            known = null;
        }

        if (known is not null)
        {
            if (known.Update(description) && known is StorageDisk disk)
            {
                _context.Log.Info(string.Create(
                    CultureInfo.InvariantCulture, $"{disk.Name}: now {disk.Geometry.BlockCount} blocks of {disk.Geometry.BlockSize} bytes"));
                disk.AnnounceSize();
            }

            return true;
        }

        var name = _medium?.ToString() ?? string.Create(CultureInfo.InvariantCulture, $"scsi{_number}.{address}");
        StorageDevice device = description.IsOptical
            ? new StorageOptical(_adapter, _scanner, address, name, description)
            : new StorageDisk(_adapter, address, name, description, _medium);
        var geometry = device.Geometry;
        _context.Log.Info(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {device.Model}, {geometry.BlockCount} blocks of {geometry.BlockSize} bytes{(geometry.CanDiscard ? ", unmap" : "")}{(geometry.IsReadOnly ? ", read-only" : "")}"));
        lock (_gate)
        {
            if (_state == StorvscState.Detached)
                return false;
            _devices.Add(device);
        }

        try
        {
            _context.Publications.Publish(device);
            return true;
        }
        catch (InvalidOperationException e)
        {
            lock (_gate)
                _devices.Remove(device);
            _context.Log.Error($"{name} cannot be used: {e.Message}");
            return false;
        }
    }

    private void Remove(StorageDevice device, string reason)
    {
        lock (_gate)
        {
            if (!_devices.Remove(device))
                return;
        }

        _context.Log.Warning($"{device.Name}: {reason}");
        device.MarkGone(reason);
        _context.Publications.Withdraw(device);
    }
}
