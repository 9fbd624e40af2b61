using GuestOS.Boot.Consoles;
using GuestOS.Boot.Hosts;
using GuestOS.Boot.Hosts.Qemu;
using GuestOS.Boot.Images;

namespace GuestOS.Boot.Tests;

public sealed class CommandLineTests
{
    private static readonly QemuSetting Here = new();

    [Theory]
    [InlineData("", "run")]
    [InlineData("--cpus 2", "run --cpus 2")]
    [InlineData("smoke --list", "smoke --list")]
    [InlineData("--help", "--help")]
    [InlineData("--version", "--version")]
    public void Without_a_command_run_is_meant(string typed, string meant) =>
        Assert.Equal(meant, string.Join(' ', Program.WithDefaultCommand(typed.Split(' ', StringSplitOptions.RemoveEmptyEntries))));

    [Theory]
    [InlineData("run --cpus 4 --memory 64 --host emulated --timeout 5 --append x --firmware uefi --machine q35")]
    [InlineData("run --image some.iso")]
    [InlineData("image --format vhdx --output f")]
    [InlineData("run --host lab")]
    [InlineData("lab up")]
    [InlineData("lab down --purge")]
    [InlineData("lab status")]
    [InlineData("smoke --list --scenario a --scenario b --events e --junit j --host auto --soak 3")]
    public void Documented_command_lines_are_accepted(string typed) =>
        Assert.Empty(Program.CreateRoot().Parse(typed).Errors);

    [Theory]
    [InlineData("run --cpsu 2", "--cpsu")]
    [InlineData("run --cpus 0", "--cpus takes a number from 1 to 64, not 0")]
    [InlineData("run --cpus many", "many")]
    [InlineData("run --memory 0", "--memory takes")]
    [InlineData("run --timeout 0", "--timeout takes")]
    [InlineData("run --host nowhere", "nowhere")]
    [InlineData("run --firmware efi", "one of bios, uefi, not efi")]
    [InlineData("run --image a --program b", "exclude each other")]
    [InlineData("image --format qcow2 --output f", "one of iso, img, vhd, vhdx, elf, not qcow2")]
    [InlineData("image --format iso", "--output")]
    [InlineData("smoek", "smoek")]
    [InlineData("lab sideways", "sideways")]
    public void Mistakes_are_named(string typed, string named) =>
        Assert.Contains(Program.CreateRoot().Parse(typed).Errors, error => error.Message.Contains(named, StringComparison.Ordinal));

    [Theory]
    [InlineData("abc", "abc", false)]
    [InlineData("a\u0001xb", "a", true)]
    [InlineData("a\u0001Xb", "a", true)]
    [InlineData("a\u0001\u0001b", "a\u0001b", false)]
    [InlineData("a\u0001qxb", "axb", false)]
    [InlineData("x\u0003", "x\u0003", false)]
    public void The_escape_key_is_for_the_tool_and_all_else_for_the_guest(string typed, string forGuest, bool quit)
    {
        var escape = new ConsoleEscape();
        List<byte> sent = [];
        foreach (var key in typed)
            if (!escape.Quit)
                sent.AddRange(escape.Filter([(byte)key]));
        Assert.Equal(forGuest.Select(c => (byte)c), sent);
        Assert.Equal(quit, escape.Quit);

        var atOnce = new ConsoleEscape();
        Assert.Equal(sent, atOnce.Filter([.. typed.Select(c => (byte)c)]));
        Assert.Equal(quit, atOnce.Quit);
    }

    [Fact]
    public void Commas_in_options_and_paths_reach_qemu_as_they_are()
    {
        var machine = Machine(ImageFormat.Iso, "/a,b.iso") with { Append = "guestos.test=hash:boot,soak:1" };
        var arguments = QemuArguments.For(machine, Here);
        Assert.Contains("type=11,value=guestos:guestos.test=hash:boot,,soak:1", arguments);
        Assert.Contains(arguments, argument => argument.Contains("file=/a,,b.iso", StringComparison.Ordinal));
        Assert.Throws<Build.ToolException>(() => QemuArguments.For(machine with { Append = "a\nb" }, Here));
    }

    [Fact]
    public void Each_format_is_attached_as_it_boots()
    {
        Assert.Contains(QemuArguments.For(Machine(ImageFormat.Elf, "/k"), Here), argument => argument == "-kernel");
        Assert.Contains("ide-cd,id=ata1.0,bus=ide.1,unit=0,drive=ata1-0,bootindex=0", QemuArguments.For(Machine(ImageFormat.Iso, "/i"), Here));
        foreach (var (format, driver) in new[] { (ImageFormat.Img, "raw"), (ImageFormat.Vhd, "vpc"), (ImageFormat.Vhdx, "vhdx") })
        {
            var arguments = QemuArguments.For(Machine(format, "/d"), Here);
            Assert.Contains("ide-hd,id=ata0.0,bus=ide.0,unit=0,drive=ata0-0,bootindex=0", arguments);
            Assert.Contains($"if=none,id=ata0-0,format={driver},file=/d,snapshot=on", arguments);
        }

        var q35 = Machine(ImageFormat.Iso, "/i") with { Chipset = Chipset.Q35 };
        Assert.Contains("piix4-ide,id=ide", QemuArguments.For(q35, Here));
    }

    private static MachineSpec Machine(ImageFormat format, string path) => new() { Name = "test", Boot = new BootMedium(path, format) };
}
