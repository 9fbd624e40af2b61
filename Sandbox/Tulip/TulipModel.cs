using System.Collections.Concurrent;
using GuestOS.Machine;
using GuestOS.Machine.Drivers;
using GuestOS.Sandbox.Interrupts;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.Pci;
using GuestOS.Sandbox.Registers;

namespace GuestOS.Sandbox.Tulip;

/// <summary>
/// A DECchip 21140 or 21143 with its serial ROM and PHY, after the manuals. Frames come in by <see cref="Deliver"/> and go out by
/// <see cref="Transmitted"/>. What a driver does against the manuals is noted in <see cref="Violations"/>.
/// LOCKING: one lock for everything; frames go out under it.
/// </summary>
public sealed partial class TulipModel : IRegisterTarget, IDisposable
{
    private const ulong PortsBase = 0xC000;
    private const ulong MemoryBase = 0xFEBF_0000;
    private const int WindowLength = 128;

    private readonly Lock _gate = new();
    private readonly IGuestMemory _memory;
    private readonly ITimer _transmitTimer;
    private readonly List<SimulatedRegisters> _windows = [];

    /// <param name="clock">Time.</param>
    /// <param name="memory">What the bus master reaches.</param>
    /// <param name="options">Kind of adapter.</param>
    public TulipModel(TimeProvider clock, IGuestMemory memory, TulipModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentNullException.ThrowIfNull(options);
        _memory = memory;
        Options = options;
        Srom = new TulipSromModel(options.Srom, options.SromAddressBits, Faults);
        Phy = new TulipPhyModel(options.PhyAddress);
        Interrupt = new SimulatedInterrupt("INTA", clock, isLevel: true, options.InterruptLatency);
        _transmitTimer = clock.CreateTimer(static state => ((TulipModel)state!).OnTransmitTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Configuration.Write16(0, 0x1011);
        Configuration.Write16(2, (ushort)(options.Is21140 ? 0x0009 : 0x0019));
        Pci = Describe();
        Reset();
    }

    /// <summary>A frame went out. Called under the model's lock.</summary>
    public FrameHandler? Transmitted { get; set; }

    /// <summary>Kind of adapter.</summary>
    public TulipModelOptions Options { get; }

    /// <summary>What it does wrong.</summary>
    public TulipFaults Faults { get; } = new();

    /// <summary>What the driver did wrong.</summary>
    public ConcurrentQueue<string> Violations { get; } = new();

    /// <summary>The serial ROM.</summary>
    public TulipSromModel Srom { get; }

    /// <summary>The PHY.</summary>
    public TulipPhyModel Phy { get; }

    /// <summary>The address filter.</summary>
    public TulipFilterModel Filter { get; } = new();

    /// <summary>INTA#.</summary>
    public SimulatedInterrupt Interrupt { get; }

    /// <summary>What enumeration finds.</summary>
    public PciDevice Pci { get; }

    /// <summary>Configuration space.</summary>
    public PciConfigurationModel Configuration { get; } = new();

    /// <summary>Register accesses so far.</summary>
    public long Accesses => _windows.Sum(window => window.Reads + window.Writes);

    /// <summary>Software resets.</summary>
    public int Resets { get; private set; }

    /// <summary>General purpose port (CSR12 of the 21140, high half of CSR15 of the 21143): what was written, in order.</summary>
    public List<uint> GeneralPurposeWrites { get; } = [];

    /// <summary>What the 21140's general purpose pins and the 21143's CSR12 read as.</summary>
    public uint Csr12Input { get; set; }

    /// <summary>A register as the chip has it.</summary>
    public uint this[int csr] => _csr[csr];

    /// <summary>It may reach memory (PCI command register, bit 2).</summary>
    private bool IsBusMaster => (Configuration.Read16(4) & 4) != 0;

    /// <summary>A window for a declared resource.</summary>
    public IRegisterWindow Open(ResourceRequest request)
    {
        if (request is not BarRequest part || Pci.Bars[part.Bar] is not { Length: not 0 } bar || part.Offset + part.Length > (int)bar.Length)
            throw new ArgumentException($"The adapter has no {request}.", nameof(request));
        var window = new SimulatedRegisters(this, bar.Space, bar.Address, part.Offset, part.Length);
        _windows.Add(window);
        return window;
    }

    /// <inheritdoc/>
    public uint Read(int offset, int size)
    {
        lock (_gate)
        {
            if (IsGone())
                return 0xFFFF_FFFF;
            if (size != 4 || offset % 8 != 0)
            {
                Violations.Enqueue($"a read of {size} bytes at {offset}");
                return 0xFFFF_FFFF;
            }

            FinishWriteBacks();
            return ReadCsr(offset / 8);
        }
    }

    /// <inheritdoc/>
    public void Write(int offset, int size, uint value)
    {
        lock (_gate)
        {
            if (IsGone())
                return;
            if (size != 4 || offset % 8 != 0)
            {
                Violations.Enqueue($"a write of {size} bytes at {offset}");
                return;
            }

            FinishWriteBacks();
            WriteCsr(offset / 8, value);
            UpdateInterrupt();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _transmitTimer.Dispose();
        Interrupt.Dispose();
    }

    /// <summary>Nobody is there for this access, and nobody holds the line any more.</summary>
    private bool IsGone()
    {
        if (Faults.CountAccess())
            return false;
        UpdateInterrupt();
        return true;
    }

    private PciDevice Describe()
    {
        var bars = new PciBar[6];
        for (var i = 0; i < bars.Length; i++)
            bars[i] = new PciBar(i, RegisterSpace.Memory, 0, 0, false, false);
        bars[0] = new PciBar(0, RegisterSpace.Port, Options.HasNoPorts ? 0 : PortsBase, WindowLength, false, false);
        bars[1] = new PciBar(1, RegisterSpace.Memory, Options.HasNoMemory ? 0 : MemoryBase, WindowLength, false, false);
        return new PciDevice
        {
            Address = new PciAddress(0, 0, 10, 0),
            VendorId = 0x1011,
            DeviceId = (ushort)(Options.Is21140 ? 0x0009 : 0x0019),
            Revision = 0x20,
            ClassCode = 2,
            InterruptPin = 1,
            Bars = bars,
            Configuration = Configuration,
        };
    }
}
