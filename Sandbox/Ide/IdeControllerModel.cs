using GuestOS.Machine;
using GuestOS.Machine.Drivers;
using GuestOS.Sandbox.Interrupts;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.Pci;
using GuestOS.Sandbox.Registers;

namespace GuestOS.Sandbox.Ide;

/// <summary>
/// A PCI IDE controller of the PIIX4 kind with two channels. With native channels the ports move into BAR 0 to 3 and both channels share
/// one level-triggered interrupt.
/// </summary>
public sealed class IdeControllerModel : IDisposable
{
    private const byte BusMasterInterface = 0x80;
    private const byte NativeInterface = 0x05;
    private readonly IdeChannelModel[] _channels;
    private readonly SimulatedInterrupt[] _interrupts;
    private readonly List<SimulatedRegisters> _windows = [];

    /// <param name="clock">Time.</param>
    /// <param name="random">Decides how long each step takes.</param>
    /// <param name="memory">What the bus master reaches.</param>
    /// <param name="options">Kind of controller.</param>
    public IdeControllerModel(TimeProvider clock, Random random, IGuestMemory memory, IdeControllerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Options = options;
        var latency = options.InterruptLatency;
        _interrupts = options.IsNative
            ? [new SimulatedInterrupt("INTA", clock, isLevel: true, latency)]
            : [new SimulatedInterrupt("IRQ 14", clock, isLevel: false, latency), new SimulatedInterrupt("IRQ 15", clock, isLevel: false, latency)];
        _channels =
        [
            new IdeChannelModel(clock, random, memory, _interrupts[0], 0),
            new IdeChannelModel(clock, random, memory, _interrupts[^1], options.IsNative ? 1 : 0),
        ];
        Configuration = new PciConfigurationModel();
        Configuration.Write16(0, options.VendorId);
        Configuration.Write16(2, options.DeviceId);
        Pci = Describe();
    }

    /// <summary>Kind of controller.</summary>
    public IdeControllerOptions Options { get; }

    /// <summary>What enumeration finds.</summary>
    public PciDevice Pci { get; }

    /// <summary>Configuration space.</summary>
    public PciConfigurationModel Configuration { get; }

    /// <summary>Primary and secondary.</summary>
    public IReadOnlyList<IdeChannelModel> Channels => _channels;

    /// <summary>IRQ 14 and 15, or one for both.</summary>
    public IReadOnlyList<SimulatedInterrupt> Interrupts => _interrupts;

    /// <summary>Reads and writes of registers so far; repeated data transfers not counted.</summary>
    public long Accesses => _windows.Sum(window => window.Reads + window.Writes);

    /// <summary>A window for a declared resource.</summary>
    public IRegisterWindow Open(ResourceRequest request)
    {
        var (target, address, first, length) = request switch
        {
            PortRequest { FirstPort: 0x1F0, Length: 8 } when !Options.IsNative => (_channels[0].CommandBlock, 0x1F0UL, 0, 8),
            PortRequest { FirstPort: 0x170, Length: 8 } when !Options.IsNative => (_channels[1].CommandBlock, 0x170UL, 0, 8),
            PortRequest { FirstPort: 0x3F6, Length: 1 } when !Options.IsNative => (_channels[0].ControlBlock, 0x3F6UL, 0, 1),
            PortRequest { FirstPort: 0x376, Length: 1 } when !Options.IsNative => (_channels[1].ControlBlock, 0x376UL, 0, 1),
            BarRequest { Bar: 0 or 2, Offset: 0 } bar when Options.IsNative => (_channels[bar.Bar / 2].CommandBlock, Pci.Bars[bar.Bar].Address, 0, 8),
            BarRequest { Bar: 1 or 3, Offset: 2, Length: 1 } bar when Options.IsNative => (_channels[bar.Bar / 2].ControlBlock, Pci.Bars[bar.Bar].Address + 2, 0, 1),
            BarRequest { Bar: 4 } bar when Options.HasBusMaster => (new BusMasterTarget(_channels), Pci.Bars[4].Address, bar.Offset, bar.Length),
            _ => throw new ArgumentException($"The controller has no {request}.", nameof(request)),
        };
        var window = new SimulatedRegisters(target, RegisterSpace.Port, address, first, length);
        _windows.Add(window);
        return window;
    }

    /// <summary>The interrupt for a declared resource.</summary>
    public SimulatedInterrupt OpenInterrupt(ResourceRequest request) => request switch
    {
        IsaInterruptRequest { Irq: 14 or 15 } isa when !Options.IsNative => _interrupts[isa.Irq - 14],
        PciInterruptRequest when Options.IsNative => _interrupts[0],
        _ => throw new ArgumentException($"The controller has no {request}.", nameof(request)),
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var channel in _channels)
            channel.Dispose();
        foreach (var interrupt in _interrupts)
            interrupt.Dispose();
    }

    private PciDevice Describe()
    {
        var bars = new PciBar[6];
        for (var i = 0; i < bars.Length; i++)
            bars[i] = new PciBar(i, RegisterSpace.Port, 0, 0, false, false);
        if (Options.IsNative)
        {
            bars[0] = bars[0] with { Address = 0xC000, Length = 8 };
            bars[1] = bars[1] with { Address = 0xC010, Length = 4 };
            bars[2] = bars[2] with { Address = 0xC020, Length = 8 };
            bars[3] = bars[3] with { Address = 0xC030, Length = 4 };
        }

        if (Options.HasBusMaster)
            bars[4] = bars[4] with { Address = 0xC040, Length = 16 };
        return new PciDevice
        {
            Address = new PciAddress(0, 0, 1, 1),
            VendorId = Options.VendorId,
            DeviceId = Options.DeviceId,
            Revision = 1,
            ClassCode = 1,
            Subclass = 1,
            ProgrammingInterface = (byte)((Options.HasBusMaster ? BusMasterInterface : 0) | (Options.IsNative ? NativeInterface : 0)),
            InterruptPin = (byte)(Options.IsNative ? 1 : 0),
            Bars = bars,
            Configuration = Configuration,
        };
    }

    private sealed class BusMasterTarget(IdeChannelModel[] channels) : IRegisterTarget
    {
        public uint Read(int offset, int size)
        {
            lock (channels[offset / 8].Gate)
                return channels[offset / 8].BusMaster.Read(offset % 8, size);
        }

        public void Write(int offset, int size, uint value)
        {
            lock (channels[offset / 8].Gate)
                channels[offset / 8].BusMaster.Write(offset % 8, size, value);
        }
    }
}
