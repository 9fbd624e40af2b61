using System.Globalization;
using System.Net;
using GuestOS.Boot.Build;
using GuestOS.Boot.Images;

namespace GuestOS.Boot.Hosts.Qemu;

/// <summary>QEMU's command line for a machine.</summary>
internal static class QemuArguments
{
    /// <summary>I/O port of the device by which a guest ends the machine with a status.</summary>
    private const string DebugExitDevice = "isa-debug-exit,iobase=0xf4,iosize=0x04";
    private const string AddedControllerId = "ide";
    private const string GrowableMemoryId = "balloon-memory";

    /// <summary>The channel of QEMU's monitor.</summary>
    public const string QmpChannel = "qmp";

    /// <summary>The connections of a QEMU with this program: two serial ports and the monitor.</summary>
    public static IReadOnlyList<string> Channels { get; } = ["com1", "com2", QmpChannel];

    /// <summary>Everything after the program's name.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="setting">Where that QEMU runs.</param>
    /// <exception cref="ToolException">There is no such machine there.</exception>
    public static IReadOnlyList<string> For(MachineSpec machine, QemuSetting setting)
    {
        List<string> arguments =
        [
            "-name", machine.Name,
            "-nodefaults", "-no-user-config",
            "-machine", machine.Chipset == Chipset.Pc ? "pc" : "q35",
            "-accel", setting.Accelerator == QemuAccelerator.Kvm ? "kvm" : "tcg,thread=multi",
            "-cpu", QemuProcessor.For(machine, setting.Accelerator),
            "-smp", machine.Cpus.ToString(CultureInfo.InvariantCulture),
            "-m", Memory(machine),
            "-rtc", "base=utc",
            "-vga", machine.HasDisplay ? "std" : "none",
            "-display", "none",
            "-S",
        ];
        foreach (var (name, socket) in Channels.Zip(setting.Channels))
            arguments.AddRange(["-chardev", $"socket,id={name},{Address(socket)},server=off"]);
        arguments.AddRange(["-mon", "chardev=qmp,mode=control", "-serial", "chardev:com1", "-serial", "chardev:com2"]);
        if (machine.StopOnReset)
            arguments.Add("-no-reboot");
        if (machine.DebugExit)
            arguments.AddRange(["-device", DebugExitDevice]);
        if (setting.Variables is not null)
            AddFirmware(arguments, setting);
        AddBoot(arguments, machine, setting.PathOf);
        AddDrives(arguments, machine, setting.PathOf);
        if (machine.Network is { } network)
            AddNetwork(arguments, network);
        if (setting.Accelerator == QemuAccelerator.Kvm)
            AddHypervisor(arguments, machine);
        return arguments;
    }

    /// <summary>All drives of a machine, that with the boot medium included.</summary>
    public static IReadOnlyList<Drive> DrivesOf(MachineSpec machine)
    {
        var (path, format, _) = machine.Boot;
        return format switch
        {
            ImageFormat.Elf => machine.Drives,
            ImageFormat.Iso => [new Drive(1, 0, DriveKind.Disc) { Path = path, Format = format, IsBoot = true }, .. machine.Drives],
            _ => [new Drive(0, 0, DriveKind.Disk) { Path = path, Format = format, IsBoot = true }, .. machine.Drives],
        };
    }

    private static string Address(EndPoint socket) => socket switch
    {
        IPEndPoint port => string.Create(CultureInfo.InvariantCulture, $"host={port.Address},port={port.Port}"),
        _ => "path=" + Escape(socket.ToString()!),
    };

    private static void AddFirmware(List<string> arguments, QemuSetting setting) => arguments.AddRange(
    [
        "-drive", $"if=pflash,unit=0,format=raw,readonly=on,file={Escape(setting.PathOf(UefiFirmware.CodePath))}",
        "-drive", $"if=pflash,unit=1,format=raw,file={Escape(setting.Variables!)}",
    ]);

    private static void AddBoot(List<string> arguments, MachineSpec machine, Func<string, string> pathOf)
    {
        if (machine.Append.Any(char.IsControl))
            throw new ToolException("Kernel options may not hold control characters.");
        if (machine.Boot.Format == ImageFormat.Elf)
        {
            arguments.AddRange(["-kernel", pathOf(machine.Boot.Path)]);
            if (machine.Initrd is not null)
                arguments.AddRange(["-initrd", pathOf(machine.Initrd)]);
            if (machine.Append.Length != 0)
                arguments.AddRange(["-append", machine.Append]);
        }
        else if (machine.Append.Length != 0)
        {
            arguments.AddRange(["-smbios", "type=11,value=" + Escape(GrubLoader.OptionsPrefix + machine.Append)]);
        }
    }

    private static void AddNetwork(List<string> arguments, NetworkAdapter network)
    {
        arguments.AddRange(
        [
            "-netdev", $"stream,id=net0,server=off,addr.type=unix,addr.path={Escape(network.SocketPath)}",
            "-device", $"{network.Model},netdev=net0,mac={network.Address}",
        ]);

        // The beginning of each frame tells which one it is; the rest would only cost time.
        if (network.CapturePath is not null)
            arguments.AddRange(["-object", $"filter-dump,id=dump0,netdev=net0,maxlen=256,file={Escape(network.CapturePath)}"]);
    }

    private static void AddDrives(List<string> arguments, MachineSpec machine, Func<string, string> pathOf)
    {
        var drives = DrivesOf(machine);
        if (machine.Chipset == Chipset.Q35 && drives.Count != 0)
            arguments.AddRange(["-device", $"piix4-ide,id={AddedControllerId}"]);
        foreach (var drive in drives)
        {
            var node = drive.Name.Replace('.', '-');
            if (drive.Path is not null)
                arguments.AddRange(["-drive", $"if=none,id={node},{Medium(drive, pathOf(drive.Path))}"]);
            arguments.AddRange(["-device", Device(drive, node)]);
        }
    }

    private static string Memory(MachineSpec machine)
    {
        var memory = machine.MemoryMiB.ToString(CultureInfo.InvariantCulture);
        if (machine.MemorySlots != 0)
            memory += string.Create(CultureInfo.InvariantCulture, $",slots={machine.MemorySlots}");
        if (machine.MaxMemoryMiB != 0)
            memory += string.Create(CultureInfo.InvariantCulture, $",maxmem={machine.MaxMemoryMiB}M");
        return memory;
    }

    private static void AddHypervisor(List<string> arguments, MachineSpec machine)
    {
        var hypervisor = machine.Hypervisor ?? HypervisorSpec.HyperV;

        // Hyper-V's machines do not hibernate, and Linux takes a machine that could for one that must keep its memory: it ignores the balloon.
        var powerManagement = machine.Chipset == Chipset.Pc ? "PIIX4_PM" : "ICH9-LPC";
        arguments.AddRange(["-global", powerManagement + ".disable_s4=1"]);

        // The guest's word that it crashed is an event on the monitor; how the machine ends stays the guest's affair, as on Hyper-V.
        arguments.AddRange(["-action", "panic=none"]);
        if (hypervisor.HasVmBus)
            arguments.AddRange(["-device", "vmbus-bridge"]);
        if (hypervisor.Balloon is not { } balloon)
            return;
        var device = $"hv-balloon,id={BalloonSpec.DeviceId},status-report={(balloon.KeepsStatus ? "on" : "off")}";
        if (balloon.AddableMiB != 0)
        {
            arguments.AddRange(["-object", string.Create(CultureInfo.InvariantCulture, $"memory-backend-ram,id={GrowableMemoryId},size={balloon.AddableMiB}M")]);
            device += ",memdev=" + GrowableMemoryId;
        }

        arguments.AddRange(["-device", device]);
    }

    private static string Device(Drive drive, string node)
    {
        var device = $"{(drive.Kind == DriveKind.Disk ? "ide-hd" : "ide-cd")},id={drive.Name},bus=ide.{drive.Channel},unit={drive.Unit}";
        if (drive.Path is not null)
            device += ",drive=" + node;
        if (drive.Serial.Length != 0)
            device += ",serial=" + Escape(drive.Serial);
        if (drive.IsBoot)
            device += ",bootindex=0";
        return device;
    }

    private static string Medium(Drive drive, string path)
    {
        if (drive.UnreadableSector is { } sector)
            return string.Create(
                CultureInfo.InvariantCulture,
                $"format=raw,file.driver=blkdebug,file.image.driver=file,file.image.filename={Escape(path)},file.inject-error.0.event=none,file.inject-error.0.iotype=read,file.inject-error.0.sector={sector},file.inject-error.0.errno=5");
        var format = drive.Format switch
        {
            ImageFormat.Vhd => "vpc",
            ImageFormat.Vhdx => "vhdx",
            _ => "raw",
        };
        var access = drive.Kind == DriveKind.Disc ? ",readonly=on" : drive.Persistent ? "" : ",snapshot=on";
        return $"format={format},file={Escape(path)}{access}";
    }

    /// <summary>QEMU's option values end at a comma; a double one stands for itself.</summary>
    private static string Escape(string value) => value.Replace(",", ",,", StringComparison.Ordinal);
}
