using GuestOS.Kernel.Block;
using GuestOS.Kernel.Core;
using GuestOS.Kernel.Shell;
using GuestOS.Kernel.Tests.Fakes;

namespace GuestOS.Kernel.Tests.Shell;

public sealed class ConsoleShellTests
{
    [Theory]
    [InlineData("help", "hash <disk|path>", "poweroff", "lists the commands")]
    [InlineData("devices", "00:01.0", "8086:7010 class 010180", "started", "cd0")]
    [InlineData("disks", "cd0", "cdrom", "2048", "128.0 KiB", "dma", "(boot medium)")]
    [InlineData("memory", "usable", "64.0 MiB", "longest free run")]
    [InlineData("threads", "main", "blocked: futex", "12.5", "(idle)")]
    [InlineData("interrupts", "Isa", "0x51", "1234", "level, low, masked")]
    [InlineData("hypervisor", "Hyper-V 10.0.14393", "00000aff", "Hypercalls, SynIc", "refused", "Ipi", "7ff000", "1 written, 99 saved", "LOST", "31337", "40, 2 asked twice", "stimer-direct", "1.235", "2.500")]
    [InlineData("clock", "2023-11-14 22:13:21.500 UTC", "1.500000 s", "Hyper-V's reference TSC page", "2300000 kHz by HyperVFrequency", "sequence 3", "without entering")]
    [InlineData("log 1", "Ready;")]
    [InlineData("ls", "boot", "dir")]
    [InlineData("ls /boot", "README.md", "binary", "2025-01-02 01:04:05")]
    [InlineData("ls /boot/README.md", "README.md")]
    [InlineData("ls /nothing", "ls: There is no 'nothing'.")]
    [InlineData("cat /boot/README.md", "Read me.\r\n")]
    [InlineData("cat /boot", "is not a file")]
    [InlineData("cat", "Give the path of a file.")]
    [InlineData("cat /boot/binary", "is not a text file")]
    [InlineData("hash /boot/README.md", "9 bytes")]
    [InlineData("hash nothing", "There is no disk 'nothing'")]
    [InlineData("log x", "Give a number of lines")]
    [InlineData("frobnicate", "There is no command 'frobnicate'. Type help for a list.")]
    [InlineData("   ", "")]
    public async Task Commands_answer(string line, params string[] parts)
    {
        using var machine = new FakeMachine();
        KernelSystem system = await StartAsync(machine);
        await new ConsoleShell(system).ExecuteAsync(line);
        Assert.All(parts, part => Assert.Contains(part, machine.Terminal.Output, StringComparison.Ordinal));
        if (string.IsNullOrWhiteSpace(line))
            Assert.Empty(machine.Terminal.Output);
    }

    [Fact]
    public async Task A_disk_is_hashed()
    {
        using var machine = new FakeMachine();
        await new ConsoleShell(await StartAsync(machine)).ExecuteAsync("hash cd0");
        Assert.Contains(Sha256.HashToText(BootableImages.Make()) + "  cd0  131072 bytes", machine.Terminal.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("reboot", PowerKind.Reboot)]
    [InlineData("poweroff", PowerKind.PowerOff)]
    public async Task Ending_detaches_the_drivers_first(string command, PowerKind kind)
    {
        using var machine = new FakeMachine();
        KernelSystem system = await StartAsync(machine);
        await new ConsoleShell(system).ExecuteAsync(command);
        Assert.Equal((kind, PowerReason.Console, (byte)0), Assert.Single(machine.Power.Ends));
        Assert.Empty(system.Blocks.Entries);
    }

    [Theory]
    [InlineData("d", "devices disks")]
    [InlineData("hash ", "cd0")]
    [InlineData("hash /b", "/boot/")]
    [InlineData("cat /boot/", "/boot/README.md /boot/binary /boot/boot/")]
    [InlineData("memory ", "")]
    [InlineData("nothing x", "")]
    public async Task Words_are_completed(string text, string words)
    {
        using var machine = new FakeMachine();
        KernelSystem system = await StartAsync(machine);
        Assert.Equal(words, string.Join(' ', new ConsoleShell(system).Complete(text)));
    }

    [Fact]
    public async Task A_session_runs_until_its_input_ends()
    {
        using var machine = new FakeMachine { Terminal = new ScriptedTerminal("hel\t\rls /bo\t\r") };
        await new ConsoleShell(await StartAsync(machine)).RunAsync();
        Assert.Contains("COMMAND", machine.Terminal.Output, StringComparison.Ordinal);
        Assert.Contains("README.md", machine.Terminal.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1.0 KiB")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(3UL << 40, "3.0 TiB")]
    public void Sizes_are_for_people(ulong bytes, string text) => Assert.Equal(text, ByteSize.Format(bytes));

    private static Task<KernelSystem> StartAsync(FakeMachine machine) =>
        KernelSystemTests.StartAsync(machine, "", new MemoryBlockDevice(BootableImages.Make(), 2048, "cd0"));
}
