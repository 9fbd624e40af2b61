using System.Globalization;
using GuestOS.Machine;
using GuestOS.Machine.Drivers;

namespace GuestOS.Drivers.Tulip;

/// <summary>The driver bound to one adapter: brings it up from its serial ROM, publishes it, takes it down.</summary>
internal sealed class TulipController : IDriverInstance
{
    private readonly DriverContext _context;
    private readonly PciDevice _device;
    private readonly ChipConfiguration _configuration;
    private readonly ChipKind _chip;
    private readonly DeviceNumbers _numbers;
    private readonly TulipOptions _options;
    private readonly ChipRegisters? _registers;
    private readonly int _number;
    private bool _isConnected;
    private bool _isPublished;
    private bool _hasNumber = true;

    public TulipController(DriverContext context, ChipKind chip, DeviceNumbers numbers)
    {
        _context = context;
        _device = (PciDevice)context.Device;
        _configuration = new ChipConfiguration(_device);
        _chip = chip;
        _numbers = numbers;
        _options = new TulipOptions(context);
        _number = numbers.Take();
        var (first, second) = _options.UsesMemory ? (TulipDriver.MemoryName, TulipDriver.PortsName) : (TulipDriver.PortsName, TulipDriver.MemoryName);
        if (context.Registers.TryGetValue(first, out var window) || context.Registers.TryGetValue(second, out window))
            _registers = new ChipRegisters(window);
    }

    /// <summary>Null until it is attached.</summary>
    internal TulipAdapter? Adapter { get; private set; }

    private ChipRegisters Registers => _registers ?? throw new InvalidOperationException("the adapter has no registers");

    private IInterrupt Interrupt => _context.Interrupts[TulipDriver.InterruptName];

    public ValueTask<string?> ProbeAsync(CancellationToken cancellationToken)
    {
        if (_registers is null)
            return new ValueTask<string?>("firmware has assigned neither ports nor memory to its registers");
        _configuration.Wake();
        return new ValueTask<string?>(Registers.Status == ChipStatus.AllOnes ? "its registers do not answer" : null);
    }

    public ValueTask AttachAsync(CancellationToken cancellationToken)
    {
        // Whoever had the adapter before may have left it at work.
        _configuration.ForbidMemory();
        _configuration.Wake();
        Registers.Reset(0);
        var srom = ReadSrom();
        cancellationToken.ThrowIfCancellationRequested();
        var medium = MediumFinder.Find(Registers, _chip, srom, _context.Clock, _context.Log);

        // What an adapter that is gone seems to hold is all ones: a serial ROM may look good to its end, and an address would be half true.
        if (Registers.Status == ChipStatus.AllOnes)
            throw new IOException("The adapter does not answer any more.");
        var name = string.Create(CultureInfo.InvariantCulture, $"tulip{_number}");
        Adapter = new TulipAdapter(name, _chip, Registers, _configuration, medium, srom.Address, _context, _options);
        Interrupt.Connect(Adapter.OnInterrupt);
        _isConnected = true;
        Adapter.Open();
        return ValueTask.CompletedTask;
    }

    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        var adapter = Adapter!;
        _context.Log.Info($"{adapter.Name}: {adapter.Model}, {adapter.Address}, {adapter.MediumName}, link {adapter.Link}");
        _context.Publications.Publish(adapter);
        _isPublished = true;
        return ValueTask.CompletedTask;
    }

    public async ValueTask SuspendAsync(CancellationToken cancellationToken) =>
        (await Adapter!.HoldAsync(TulipAdapter.Hold.Suspended, cancellationToken).ConfigureAwait(false)).ThrowIfFailed();

    public async ValueTask ResumeAsync(CancellationToken cancellationToken)
    {
        _configuration.Wake();
        (await Adapter!.ReleaseAsync(TulipAdapter.Hold.Suspended, cancellationToken).ConfigureAwait(false)).ThrowIfFailed();
    }

    public async ValueTask DetachAsync(CancellationToken cancellationToken)
    {
        if (_isPublished)
            _context.Publications.Withdraw(Adapter!);
        _isPublished = false;
        if (Adapter is not null)
            await Adapter.CloseAsync("the driver was detached").ConfigureAwait(false);
        if (_isConnected)
            Interrupt.Disconnect();
        _isConnected = false;
        Adapter?.Dispose();
        if (_hasNumber)
            _numbers.Return(_number);
        _hasNumber = false;
    }

    /// <summary>Reads the serial ROM, again when its checksum is wrong.</summary>
    /// <exception cref="IOException">There is none, or nothing in it can be relied on.</exception>
    private SromContent ReadSrom()
    {
        Span<byte> image = stackalloc byte[SromReader.Size];
        SromContent? content = null;
        for (var attempt = 0; attempt < TulipTimeouts.SromAttempts && content is not { ChecksumError: null }; attempt++)
        {
            if (!SromReader.TryRead(Registers, image))
                throw new IOException("The serial ROM does not answer: the adapter's address is not known.");
            content = SromContent.Parse(image, _chip, _device.Address.Device);
        }

        if (content!.ChecksumError is { } error)
        {
            if (!_options.TrustsSrom)
                throw new IOException($"The serial ROM is damaged: {error}. With tulip.srom=trust it is used all the same.");
            _context.Log.Warning($"The serial ROM is damaged, and used as was asked for: {error}.");
        }

        if (!content.Address.IsStation)
            throw new IOException($"The serial ROM holds no station's address: {content.Address}.");
        if (content.MediaError is not null)
            _context.Log.Warning($"The serial ROM's media table is damaged: {content.MediaError}. What was read before that is used.");
        return content;
    }
}
