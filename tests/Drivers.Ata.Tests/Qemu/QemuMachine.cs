using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using GuestOS.Machine;
using GuestOS.Machine.Block;
using GuestOS.Machine.Drivers;
using GuestOS.Sandbox.Ide;
using GuestOS.Testing;
using GuestOS.Testing.Guests;

namespace GuestOS.Drivers.Ata.Tests.Qemu;

/// <summary>
/// The driver in this process, the hardware in QEMU's: its PIIX3 IDE controller, disks and CD drive, with no guest code at all. Ports go
/// through qtest, guest memory is a shared file, so that DMA is real. The machine's own processor never starts.
/// </summary>
internal sealed class QemuMachine : IDisposable
{
    private const string Program = "qemu-system-x86_64";
    private const uint IdeConfiguration = 0x8000_0900;
    private const int BusMasterPort = 0xC040;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private const int MemorySize = 32 << 20;

    private readonly string _folder;
    private readonly Process _process;
    private readonly QtestClient _qtest;
    private readonly Socket _qmp;
    private readonly StreamReader _qmpReader;
    private readonly StreamWriter _qmpWriter;
    private readonly Dictionary<int, QemuInterrupt> _interrupts = [];
    private readonly IDriverInstance _instance;

    /// <param name="drives">Makes the options for drives, given the folder for their files.</param>
    public QemuMachine(Func<string, IEnumerable<string>> drives)
    {
        _folder = Directory.CreateTempSubdirectory("ata-qemu-").FullName;
        var qtestPath = Path.Combine(_folder, "qtest");
        var qmpPath = Path.Combine(_folder, "qmp");
        using var qtestListener = Listen(qtestPath);
        using var qmpListener = Listen(qmpPath);
        List<string> arguments =
        [
            "-nodefaults", "-display", "none", "-accel", "tcg", "-S", "-qtest", $"unix:{qtestPath}", "-qtest-log", "/dev/null", "-qmp", $"unix:{qmpPath}",
            "-machine", "pc,memory-backend=ram", "-m", "32M",
            "-object", $"memory-backend-file,id=ram,size=32M,share=on,mem-path={Path.Combine(_folder, "ram")}",
            .. drives(_folder),
        ];
        _process = Process.Start(new ProcessStartInfo(Program, arguments) { RedirectStandardError = true })!;
        _qtest = new QtestClient(Accept(qtestListener), (line, raised) =>
        {
            if (raised && _interrupts.TryGetValue(line, out var interrupt))
                interrupt.Raise();
        });
        _qmp = Accept(qmpListener);
        var stream = new NetworkStream(_qmp);
        _qmpReader = new StreamReader(stream);
        _qmpWriter = new StreamWriter(stream) { AutoFlush = true, NewLine = "\n" };
        _qmpReader.ReadLine();
        Qmp("""{"execute":"qmp_capabilities"}""");
        _qtest.Send("irq_intercept_in ioapic");
        Memory = new FileMemory(Path.Combine(_folder, "ram"), MemorySize);
        WriteConfiguration(0x20, 4, BusMasterPort | 1);
        var setup = new DriverSetup { Memory = Memory, Clock = TimeProvider.System, Log = Log, Publications = Published };
        _instance = setup.Create(new AtaDriver(), Describe(), Open, OpenInterrupt);
    }

    /// <summary>Why QEMU's models cannot be used here; null when they can.</summary>
    public static string? Unavailable { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, Program))) ? null : $"{Program} is not installed";

    public FileMemory Memory { get; }

    public ListLog Log { get; } = new();

    public PublishedDevices Published { get; } = new();

    public IdeChannel Channel(int index) => ((IdeController)_instance).Channels[index];

    public T Device<T>(string name)
        where T : IBlockDevice => (T)Published.Disks.Single(device => device.Name == name);

    public async Task StartAsync()
    {
        await _instance.AttachAsync(default);
        await _instance.StartAsync(default);
    }

    public async Task StopAsync() => await _instance.DetachAsync(default);

    /// <summary>A command for QEMU's monitor; throws when it refuses.</summary>
    public void Qmp(string command)
    {
        _qmpWriter.WriteLine(command);
        while (true)
        {
            using var answer = JsonDocument.Parse(_qmpReader.ReadLine() ?? throw new IOException("QEMU is gone"));
            if (answer.RootElement.TryGetProperty("return", out _))
                return;
            if (answer.RootElement.TryGetProperty("error", out var error))
                throw new IOException(error.ToString());
        }
    }

    public void Dispose()
    {
        _qtest.Dispose();
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _qmp.Dispose();
        foreach (var interrupt in _interrupts.Values)
            interrupt.Dispose();
        Memory.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static Socket Listen(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen();
        return socket;
    }

    private Socket Accept(Socket listener)
    {
        if (listener.Poll(Patience, SelectMode.SelectRead))
            return listener.Accept();
        _process.Kill();
        throw new IOException($"QEMU did not start: {_process.StandardError.ReadToEnd()}");
    }

    private QemuPorts Open(ResourceRequest request) => request switch
    {
        PortRequest ports => new QemuPorts(_qtest, ports.FirstPort, ports.Length),
        BarRequest bar => new QemuPorts(_qtest, BusMasterPort + bar.Offset, bar.Length),
        _ => throw new ArgumentException($"The controller has no {request}.", nameof(request)),
    };

    private QemuInterrupt OpenInterrupt(ResourceRequest request)
    {
        var line = ((IsaInterruptRequest)request).Irq;
        var interrupt = new QemuInterrupt($"IRQ {line}");
        _interrupts.Add(line, interrupt);
        return interrupt;
    }

    private uint ReadConfiguration(int offset, int size)
    {
        _qtest.Out(0xCF8, 4, IdeConfiguration | (uint)(offset & ~3));
        return _qtest.In(0xCFC + (offset & 3), size);
    }

    private void WriteConfiguration(int offset, int size, uint value)
    {
        _qtest.Out(0xCF8, 4, IdeConfiguration | (uint)(offset & ~3));
        _qtest.Out(0xCFC + (offset & 3), size, value);
    }

    private PciDevice Describe()
    {
        var bars = new PciBar[6];
        for (var i = 0; i < bars.Length; i++)
            bars[i] = new PciBar(i, RegisterSpace.Port, i == 4 ? (ulong)BusMasterPort : 0, i == 4 ? 16UL : 0, false, false);
        return new PciDevice
        {
            Address = new PciAddress(0, 0, 1, 1),
            VendorId = (ushort)ReadConfiguration(0, 2),
            DeviceId = (ushort)ReadConfiguration(2, 2),
            ClassCode = (byte)ReadConfiguration(11, 1),
            Subclass = (byte)ReadConfiguration(10, 1),
            ProgrammingInterface = (byte)ReadConfiguration(9, 1),
            Bars = bars,
            Configuration = new Configuration(this),
        };
    }

    private sealed class Configuration(QemuMachine machine) : IPciConfiguration
    {
        public byte Read8(int offset) => (byte)machine.ReadConfiguration(offset, 1);

        public ushort Read16(int offset) => (ushort)machine.ReadConfiguration(offset, 2);

        public uint Read32(int offset) => machine.ReadConfiguration(offset, 4);

        public void Write8(int offset, byte value) => machine.WriteConfiguration(offset, 1, value);

        public void Write16(int offset, ushort value) => machine.WriteConfiguration(offset, 2, value);

        public void Write32(int offset, uint value) => machine.WriteConfiguration(offset, 4, value);
    }
}
