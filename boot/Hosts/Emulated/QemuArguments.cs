using System.Globalization;
using System.Net;
using GuestOS.Boot.Build;
using GuestOS.Boot.Images;

namespace GuestOS.Boot.Hosts.Emulated;

/// <summary>QEMU's command line for a machine.</summary>
internal static class QemuArguments
{
    /// <summary>I/O port of the device by which a guest ends the machine with a status.</summary>
    private const string DebugExitDevice = "isa-debug-exit,iobase=0xf4,iosize=0x04";
    private const string AddedControllerId = "ide";
    private static readonly string[] Channels = ["com1", "com2", "qmp"];

    /// <summary>Everything after the program's name.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="sockets">Where this program listens already, for each of COM1, COM2 and QMP.</param>
    /// <param name="variables">The machine's own UEFI variable store; null with a BIOS.</param>
    public static IReadOnlyList<string> For(MachineSpec machine, IReadOnlyList<EndPoint> sockets, string? variables)
    {
        List<string> arguments =
        [
            "-name", machine.Name,
            "-nodefaults", "-no-user-config",
            "-machine", machine.Chipset == Chipset.Pc ? "pc" : "q35",
            "-accel", "tcg,thread=multi",
            "-cpu", "max",
            "-smp", machine.Cpus.ToString(CultureInfo.InvariantCulture),
            "-m", machine.MemoryMiB.ToString(CultureInfo.InvariantCulture),
            "-rtc", "base=utc",
            "-vga", "std",
            "-display", "none",
            "-S",
        ];
        foreach (var (name, socket) in Channels.Zip(sockets))
            arguments.AddRange(["-chardev", $"socket,id={name},{Address(socket)},server=off"]);
        arguments.AddRange(["-mon", "chardev=qmp,mode=control", "-serial", "chardev:com1", "-serial", "chardev:com2"]);
        if (machine.StopOnReset)
            arguments.Add("-no-reboot");
        if (machine.DebugExit)
            arguments.AddRange(["-device", DebugExitDevice]);
        if (variables is not null)
            AddFirmware(arguments, variables);
        AddBoot(arguments, machine);
        AddDrives(arguments, machine);
        if (machine.Network is { } network)
            AddNetwork(arguments, network);
        return arguments;
    }

    /// <summary>All drives of a machine, that with the boot medium included.</summary>
    public static IReadOnlyList<Drive> DrivesOf(MachineSpec machine)
    {
        var (path, format) = machine.Boot;
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

    private static void AddFirmware(List<string> arguments, string variables) => arguments.AddRange(
    [
        "-drive", $"if=pflash,unit=0,format=raw,readonly=on,file={Escape(UefiFirmware.CodePath)}",
        "-drive", $"if=pflash,unit=1,format=raw,file={Escape(variables)}",
    ]);

    private static void AddBoot(List<string> arguments, MachineSpec machine)
    {
        if (machine.Append.Any(char.IsControl))
            throw new ToolException("Kernel options may not hold control characters.");
        if (machine.Boot.Format == ImageFormat.Elf)
        {
            arguments.AddRange(["-kernel", machine.Boot.Path]);
            if (machine.Initrd is not null)
                arguments.AddRange(["-initrd", machine.Initrd]);
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

    private static void AddDrives(List<string> arguments, MachineSpec machine)
    {
        var drives = DrivesOf(machine);
        if (machine.Chipset == Chipset.Q35 && drives.Count != 0)
            arguments.AddRange(["-device", $"piix4-ide,id={AddedControllerId}"]);
        foreach (var drive in drives)
        {
            var node = drive.Name.Replace('.', '-');
            if (drive.Path is not null)
                arguments.AddRange(["-drive", $"if=none,id={node},{Medium(drive, drive.Path)}"]);
            arguments.AddRange(["-device", Device(drive, node)]);
        }
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
