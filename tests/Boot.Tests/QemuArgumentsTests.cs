using System.Net;
using GuestOS.Boot.Build;
using GuestOS.Boot.Hosts;
using GuestOS.Boot.Hosts.Qemu;
using GuestOS.Boot.Images;

namespace GuestOS.Boot.Tests;

/// <summary>What QEMU is told about a machine's hypervisor and memory.</summary>
public sealed class QemuArgumentsTests
{
    private static readonly QemuSetting Emulation = new();
    private static readonly QemuSetting Kvm = new() { Accelerator = QemuAccelerator.Kvm };

    [Fact]
    public void A_machine_on_kvm_has_hyper_v_unless_it_says_otherwise()
    {
        var arguments = QemuArguments.For(Machine(), Kvm);
        Assert.Equal(
            "host,kvm=off,hv-relaxed,hv-vapic,hv-time,hv-vpindex,hv-synic,hv-stimer,hv-runtime,hv-reset,hv-crash,hv-frequencies,hv-tlbflush,hv-ipi",
            After(arguments, "-cpu"));
        Assert.Equal("kvm", After(arguments, "-accel"));
        Assert.Equal("panic=none", After(arguments, "-action"));
        Assert.Equal("PIIX4_PM.disable_s4=1", After(arguments, "-global"));
        Assert.Equal("ICH9-LPC.disable_s4=1", After(QemuArguments.For(Machine() with { Chipset = Chipset.Q35 }, Kvm), "-global"));
        Assert.Contains("vmbus-bridge", arguments);
        Assert.Contains("hv-balloon,id=balloon,status-report=on", arguments);
    }

    [Fact]
    public void Every_hypervisor_has_its_processor()
    {
        Assert.Equal("host,kvm=on", Processor(HypervisorSpec.Kvm));
        Assert.Equal("host,kvm=off,hypervisor=off", Processor(HypervisorSpec.None));
        Assert.Equal("host,kvm=on,hv-time", Processor(new HypervisorSpec { HasKvmInterface = true, Enlightenments = [Enlightenment.Time] }));
        Assert.DoesNotContain("vmbus-bridge", QemuArguments.For(Machine() with { Hypervisor = HypervisorSpec.Kvm }, Kvm));
    }

    [Fact]
    public void Emulation_has_no_hypervisor_to_show()
    {
        Assert.Equal("max", After(QemuArguments.For(Machine(), Emulation), "-cpu"));
        Assert.Equal("max,hypervisor=off", After(QemuArguments.For(Machine() with { Hypervisor = HypervisorSpec.None }, Emulation), "-cpu"));
        Assert.Contains("host lab", Fault(Machine() with { Hypervisor = HypervisorSpec.HyperV }, Emulation), StringComparison.Ordinal);
        Assert.DoesNotContain("-action", QemuArguments.For(Machine(), Emulation));
    }

    [Theory]
    [InlineData(Enlightenment.VpIndex, "hv-vpindex hv-synic hv-stimer hv-tlbflush hv-ipi", false)]
    [InlineData(Enlightenment.Synic, "hv-synic hv-stimer", false)]
    [InlineData(Enlightenment.Time, "hv-time hv-stimer", true)]
    [InlineData(Enlightenment.Relaxed, "hv-relaxed", true)]
    public void What_stands_on_an_enlightenment_goes_with_it(string enlightenment, string gone, bool hasVmBus)
    {
        var left = HypervisorSpec.HyperV.Without(enlightenment);
        Assert.Equal(gone.Split(' '), Enlightenment.Standard.Except(left.Enlightenments));
        Assert.Equal(hasVmBus, left.HasVmBus);
        Assert.Equal(hasVmBus, left.Balloon is not null);
    }

    [Fact]
    public void Everything_has_the_rarer_enlightenments_and_they_go_with_what_they_need()
    {
        Assert.Equal(["hv-stimer-direct", "hv-tlbflush-ext", "hv-xmm-input"], Enlightenment.All.Except(Enlightenment.Standard));
        Assert.DoesNotContain(Enlightenment.StimerDirect, Enlightenment.Without(Enlightenment.All, Enlightenment.Time));
        Assert.DoesNotContain(Enlightenment.TlbFlushExtended, Enlightenment.Without(Enlightenment.All, Enlightenment.VpIndex));
    }

    [Fact]
    public void Memory_can_be_added_through_the_balloon_or_in_slots()
    {
        var machine = Machine() with
        {
            MemoryMiB = 512,
            MaxMemoryMiB = 70 << 10,
            MemorySlots = 2,
            Hypervisor = HypervisorSpec.HyperV with { Balloon = new BalloonSpec { AddableMiB = 1024, KeepsStatus = false } },
        };
        var arguments = QemuArguments.For(machine, Kvm);
        Assert.Equal("512,slots=2,maxmem=71680M", After(arguments, "-m"));
        Assert.Equal("memory-backend-ram,id=balloon-memory,size=1024M", After(arguments, "-object"));
        Assert.Contains("hv-balloon,id=balloon,status-report=off,memdev=balloon-memory", arguments);
    }

    [Fact]
    public void Machines_that_qemu_cannot_make_are_refused_by_name()
    {
        Assert.Contains("test: VMBus needs hv-synic", Fault(Machine() with { Hypervisor = new HypervisorSpec { HasVmBus = true } }, Kvm), StringComparison.Ordinal);
        Assert.Contains("needs VMBus", Fault(Machine() with { Hypervisor = HypervisorSpec.HyperV with { HasVmBus = false } }, Kvm), StringComparison.Ordinal);
        Assert.Contains("not announced", Fault(Machine() with { Hypervisor = HypervisorSpec.HyperV with { IsAnnounced = false } }, Kvm), StringComparison.Ordinal);
        var growing = HypervisorSpec.HyperV with { Balloon = new BalloonSpec { AddableMiB = 1 } };
        Assert.Contains("MaxMemoryMiB", Fault(Machine() with { Hypervisor = growing }, Kvm), StringComparison.Ordinal);
    }

    [Fact]
    public void Files_and_sockets_are_named_as_the_place_has_them()
    {
        var setting = Kvm with { PathOf = path => "/mnt" + path, Channels = [new IPEndPoint(IPAddress.Parse("10.0.2.2"), 7)], Variables = "/mnt/vars" };
        var machine = Machine() with
        {
            Initrd = "/i",
            HasDisplay = false,
            Drives = [new Drive(0, 0, DriveKind.Disk) { Path = "/d" }, new Drive(0, 1, DriveKind.Disk) { Path = "/u", UnreadableSector = 5 }],
        };
        var arguments = QemuArguments.For(machine, setting);
        Assert.Equal("/mnt/k", After(arguments, "-kernel"));
        Assert.Equal("/mnt/i", After(arguments, "-initrd"));
        Assert.Equal("none", After(arguments, "-vga"));
        Assert.Contains("socket,id=com1,host=10.0.2.2,port=7,server=off", arguments);
        Assert.Contains("if=none,id=ata0-0,format=raw,file=/mnt/d,snapshot=on", arguments);
        Assert.Contains(arguments, argument => argument.Contains("file.image.filename=/mnt/u", StringComparison.Ordinal));
        Assert.Contains("if=pflash,unit=0,format=raw,readonly=on,file=/mnt" + UefiFirmware.CodePath, arguments);
        Assert.Contains("if=pflash,unit=1,format=raw,file=/mnt/vars", arguments);
    }

    [Theory]
    [InlineData("plain-1.0,a=b/c:d", "plain-1.0,a=b/c:d")]
    [InlineData("", "''")]
    [InlineData("two words", "'two words'")]
    [InlineData("it's", "'it'\\''s'")]
    [InlineData("$HOME;`x`", "'$HOME;`x`'")]
    public void Words_reach_a_shell_as_they_are(string word, string quoted) => Assert.Equal(quoted, ShellText.Quote(word));

    private static MachineSpec Machine() => new() { Name = "test", Boot = new BootMedium("/k", ImageFormat.Elf) };

    private static string Processor(HypervisorSpec hypervisor) => After(QemuArguments.For(Machine() with { Hypervisor = hypervisor }, Kvm), "-cpu");

    private static string Fault(MachineSpec machine, QemuSetting setting) => Assert.Throws<ToolException>(() => QemuArguments.For(machine, setting)).Message;

    private static string After(IReadOnlyList<string> arguments, string option) => arguments[arguments.ToList().IndexOf(option) + 1];
}
