using System.Globalization;
using GuestOS.Machine;
using GuestOS.Machine.Drivers;

namespace GuestOS.Drivers.Ata;

/// <summary>
/// The driver bound to one controller: makes its channels, publishes their drives. The controller's timings stay as firmware set them.
/// </summary>
internal sealed class IdeController : IDriverInstance
{
    private const int CommandRegister = 4;

    /// <summary>Decode I/O ports, be bus master.</summary>
    private const ushort EnableBits = 0x0005;

    /// <summary>INTx# off.</summary>
    private const ushort InterruptDisable = 0x0400;

    private readonly DriverContext _context;
    private readonly PciDevice _device;
    private readonly ControllerLayout _layout;
    private readonly AtaOptions _options;
    private readonly List<IdeChannel> _channels = [];
    private readonly List<IInterrupt> _connected = [];
    private volatile IdeChannel[] _sharing = [];
    private bool _isSuspended;
    private readonly List<IdeDrive> _published = [];

    public IdeController(DriverContext context)
    {
        _context = context;
        _device = (PciDevice)context.Device;
        _layout = ControllerLayout.Of(_device);
        _options = new AtaOptions(context);
    }

    /// <summary>For tests and the console.</summary>
    internal IReadOnlyList<IdeChannel> Channels => _channels;

    public ValueTask<string?> ProbeAsync(CancellationToken cancellationToken) =>
        new(_layout.Channels.Count == 0 ? "both channels are in native mode and have no ports" : null);

    public async ValueTask AttachAsync(CancellationToken cancellationToken)
    {
        Enable();
        foreach (var layout in _layout.Channels)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await AttachAsync(layout).ConfigureAwait(false);
        }
    }

    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        foreach (var drive in _channels.SelectMany(channel => channel.Drives))
        {
            var geometry = drive.Geometry;
            _context.Log.Info(string.Create(
                CultureInfo.InvariantCulture,
                $"{drive.Name}: {drive.Model}, {(drive.Identify.IsPacket ? "ATAPI" : drive.Identify.HasLba48 ? "LBA48" : "LBA28")}, {drive.TransferModeName}, {geometry.BlockCount} blocks of {geometry.BlockSize} bytes"));
            _published.Add(drive);
            _context.Publications.Publish(drive);
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask SuspendAsync(CancellationToken cancellationToken)
    {
        var held = new List<IdeDrive>();
        var owned = new List<IdeChannel>();
        try
        {
            foreach (var drive in _channels.SelectMany(channel => channel.Drives))
            {
                var result = await drive.HoldAsync(IdeDrive.Hold.Suspended, cancellationToken).ConfigureAwait(false);

                // A drive that is gone has nothing left to lose.
                if (result.IsSuccess)
                    held.Add(drive);
                else if (drive.GoneBecause is null)
                    throw new IOException(result.Error.ToString());
            }

            foreach (var channel in _channels)
            {
                // From here to the resume nobody uses the channel, not even to ask for a medium.
                await channel.EnterAsync(cancellationToken).ConfigureAwait(false);
                owned.Add(channel);
                channel.StopDrives();
            }

            _isSuspended = true;
        }
        catch
        {
            foreach (var channel in owned)
            {
                channel.StartDrives();
                channel.Leave();
            }

            foreach (var drive in held)
                drive.Release(IdeDrive.Hold.Suspended);
            throw;
        }
    }

    public async ValueTask ResumeAsync(CancellationToken cancellationToken)
    {
        Enable();
        foreach (var channel in _channels)
        {
            await channel.ResetAndRestoreAsync().ConfigureAwait(false);
            channel.Leave();
            foreach (var drive in channel.Drives)
                drive.Release(IdeDrive.Hold.Suspended);
        }

        _isSuspended = false;
    }

    public async ValueTask DetachAsync(CancellationToken cancellationToken)
    {
        foreach (var drive in _published)
            _context.Publications.Withdraw(drive);
        _published.Clear();
        foreach (var channel in _channels)
        {
            try
            {
                await channel.CloseAsync("the driver was detached", isOwner: _isSuspended).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                _context.Log.Error($"{channel.Name}: not closed properly: {exception.Message}");
            }
        }

        foreach (var interrupt in _connected)
            interrupt.Disconnect();
        _connected.Clear();
        foreach (var channel in _channels)
            channel.Dispose();
        _channels.Clear();
    }

    private void Enable()
    {
        var command = _device.Configuration.Read16(CommandRegister);
        var wanted = (ushort)((command | EnableBits) & ~InterruptDisable);
        if (wanted != command)
            _device.Configuration.Write16(CommandRegister, wanted);
    }

    private async ValueTask AttachAsync(ChannelLayout layout)
    {
        var busMaster = _layout.HasBusMaster
            ? new BusMaster(_context.Registers[ControllerLayout.BusMasterName], layout.Number * BusMaster.Length, _context.Dma)
            : null;
        var channel = new IdeChannel(
            layout.Name, layout.IsLegacy ? layout.Number : null, _context.Registers[layout.Command], _context.Registers[layout.Control], busMaster,
            _context.Clock, _context.Log, runContinuationsAsynchronously: !_options.ContinueInline);
        _channels.Add(channel);
        _sharing = [.. _channels];
        var interrupt = _context.Interrupts[layout.Interrupt];
        if (!_connected.Contains(interrupt))
        {
            interrupt.Connect(OnInterrupt(layout.Interrupt));
            _connected.Add(interrupt);
        }

        await channel.DetectAsync(_options.PrefersPio).ConfigureAwait(false);
        foreach (var drive in channel.Drives.OfType<AtapiDrive>())
        {
            var result = await drive.RefreshMediumAsync().ConfigureAwait(false);
            if (!result.IsSuccess)
                _context.Log.Warning($"{drive.Name}: medium not read: {result.Error}");
        }
    }

    /// <summary>Each channel that has this interrupt looks whether it was meant. A second channel may join a connected interrupt.</summary>
    private InterruptHandler OnInterrupt(string name)
    {
        var sharers = _layout.Channels.Count(channel => channel.Interrupt == name);
        if (sharers == 1)
            return _channels[^1].OnInterrupt;
        return () =>
        {
            var result = InterruptResult.NotMine;
            foreach (var channel in _sharing)
            {
                if (channel.OnInterrupt() == InterruptResult.Handled)
                    result = InterruptResult.Handled;
            }

            return result;
        };
    }
}
