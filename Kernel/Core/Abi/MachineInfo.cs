using System.Runtime.InteropServices;

namespace GuestOS.Kernel.Core;

/// <summary>How the kernel was entered.</summary>
public enum BootProtocol : uint
{
    /// <summary>Not known yet.</summary>
    None = 0,

    /// <summary>GRUB, BIOS or UEFI.</summary>
    Multiboot2 = 1,

    /// <summary>Xen's PVH: QEMU's direct kernel boot.</summary>
    Pvh = 2,

    /// <summary>The 64-bit Linux boot protocol.</summary>
    Linux64 = 3,
}

/// <summary>What <see cref="MachineInfo.ClockSource"/> says.</summary>
public enum ClockSource : uint
{
    /// <summary>None was found; the clock counts ticks.</summary>
    None = 0,

    /// <summary>Time stamp counter with a known frequency.</summary>
    Tsc = 1,

    /// <summary>High precision event timer.</summary>
    Hpet = 2,

    /// <summary>ACPI power management timer.</summary>
    AcpiPm = 3,

    /// <summary>Interval timer 8254.</summary>
    Pit = 4,

    /// <summary>The hypervisor's reference counter or page.</summary>
    HyperV = 5,
}

/// <summary>What <see cref="MachineInfo.InterruptController"/> says.</summary>
public enum InterruptControllerKind : uint
{
    /// <summary>Two 8259s.</summary>
    Pic8259 = 1,

    /// <summary>Local APIC by memory, IO-APIC.</summary>
    Apic = 2,

    /// <summary>Local APIC by MSR (x2APIC), IO-APIC.</summary>
    X2Apic = 3,
}

/// <summary>Bits of <see cref="MachineInfo.Flags"/>.</summary>
[Flags]
public enum MachineFlags : uint
{
    /// <summary>No bit.</summary>
    None = 0,

    /// <summary>ACPI tables were found.</summary>
    HasAcpi = 1,

    /// <summary>The machine can be switched off by ACPI.</summary>
    CanPowerOff = 2,

    /// <summary>QEMU's isa-debug-exit device is there and ends the run with a status.</summary>
    HasDebugExit = 4,

    /// <summary>A framebuffer or VGA text screen shows the log.</summary>
    HasScreen = 8,

    /// <summary>The second serial port takes the event log.</summary>
    HasEventPort = 16,

    /// <summary>The FADT says that legacy devices (8042, PIT, ...) are absent, or probing found none.</summary>
    NoLegacyDevices = 32,
}

/// <summary>The machine as the low-level kernel found it. Constant after boot, but for the log positions. Texts are UTF-8, zero-padded.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct MachineInfo
{
    /// <summary>Capacity of <see cref="CommandLine"/> in bytes, including its ending zero.</summary>
    public const int CommandLineCapacity = 4096;

    /// <summary>How the kernel was entered.</summary>
    public BootProtocol Protocol;

    /// <summary>What is there.</summary>
    public MachineFlags Flags;

    /// <summary>Processors that run threads.</summary>
    public uint CpuCount;

    /// <summary>Processors that the firmware's tables name.</summary>
    public uint CpuPresent;

    /// <summary>What keeps the time.</summary>
    public ClockSource ClockSource;

    /// <summary>What delivers interrupts.</summary>
    public InterruptControllerKind InterruptController;

    /// <summary>Frequency of the time stamp counter in hertz; 0 where it is not used.</summary>
    public ulong TscFrequency;

    /// <summary>Usable memory in bytes, as the boot protocol's map gives it.</summary>
    public ulong MemoryBytes;

    /// <summary>One past the highest usable byte.</summary>
    public ulong MemoryEnd;

    /// <summary>First and one past the last byte of the loaded image.</summary>
    public ulong ImageStart;

    /// <summary>See <see cref="ImageStart"/>.</summary>
    public ulong ImageEnd;

    /// <summary>Guest-physical address of the ACPI root pointer structure; 0 when none was found.</summary>
    public ulong AcpiRoot;

    /// <summary>Guest-physical address of the ACPI MCFG table (PCI Express configuration space); 0 when there is none.</summary>
    public ulong McfgTable;

    /// <summary>Kernel entry to the first instruction of the C start-up code, nanoseconds: the low-level kernel's own part of the boot.</summary>
    public ulong KernelStartNanoseconds;

    /// <summary>Byte position of the oldest log byte that is still kept.</summary>
    public ulong LogOldest;

    /// <summary>Byte position one past the newest log byte.</summary>
    public ulong LogEnd;

    /// <summary>Size of the screen in pixels (or characters for VGA text); 0 without one.</summary>
    public uint ScreenWidth;

    /// <summary>See <see cref="ScreenWidth"/>.</summary>
    public uint ScreenHeight;

    /// <summary>Highest CPUID leaf of the hypervisor; 0 without one.</summary>
    public uint HypervisorMaximumLeaf;

    /// <summary>CPUID 0x40000002 EAX: build number, where the hypervisor speaks the Hyper-V interface.</summary>
    public uint HypervisorBuild;

    /// <summary>CPUID 0x40000002 EBX: major version in the upper, minor in the lower half.</summary>
    public uint HypervisorVersion;

    /// <summary>Overrides of ISA interrupts in the MADT; informative.</summary>
    public uint IsaOverrideCount;

    /// <summary>CPUID 0x40000003 EAX and EBX: the partition's privileges.</summary>
    public ulong HypervisorPrivileges;

    /// <summary>CPUID 0x40000000: twelve characters, for example "Microsoft Hv"; empty without a hypervisor.</summary>
    public fixed byte HypervisorVendor[16];

    /// <summary>CPUID 0x80000002 to 4.</summary>
    public fixed byte CpuBrand[48];

    /// <summary>The boot loader's name, where the protocol gives it.</summary>
    public fixed byte LoaderName[64];

    /// <summary>The command line, ended by a zero.</summary>
    public fixed byte CommandLine[CommandLineCapacity];
}
