using GuestOS.Boot.Consoles;
using GuestOS.Boot.Hosts.Qemu;
using GuestOS.Boot.Images;

namespace GuestOS.Boot.Tests;

public sealed class ProcessorSnapshotTests : IDisposable
{
    private const string Registers = "CPU#0\r\nRAX=0000000000000001 RBX=0000000000000002\r\nRIP=0000000000401234 RFL=00000246 [---Z-P-]\r\n";

    private readonly SocketPair _pair = new();
    private readonly QmpClient _monitor;
    private readonly Task _reading;

    public ProcessorSnapshotTests()
    {
        _monitor = new QmpClient(_pair.Mine);
        _reading = _monitor.ReadAsync();
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _monitor.Dispose();
        _pair.Dispose();
    }

    [Fact]
    public async Task A_machine_that_runs_tells_its_registers_twice_and_every_interrupt_controller_once()
    {
        var taken = ProcessorSnapshot.TryTakeAsync(_monitor, null, Cancellation);
        await AnswerAsync("info registers -a", "\"first\\r\\n\"");
        await AnswerAsync("info registers -a", "\"second\\r\\n\"");
        await AnswerAsync("query-cpus-fast", "[{\"cpu-index\":0},{\"cpu-index\":1}]");
        await AnswerAsync("info lapic 0", "\"none\\r\\n\"");
        await AnswerAsync("info lapic 1", "\"timer\\r\\n\"");
        Assert.Equal("\n# info registers -a\nfirst\n\n# info registers -a\nsecond\n\n# info lapic 0\nnone\n\n# info lapic 1\ntimer\n", await taken);
    }

    [Fact]
    public async Task What_was_read_before_the_machine_ended_is_kept()
    {
        var taken = ProcessorSnapshot.TryTakeAsync(_monitor, null, Cancellation);
        await AnswerAsync("info registers -a", "\"first\\r\\n\"");
        await _pair.ReadLineAsync();
        _pair.Theirs.Shutdown(System.Net.Sockets.SocketShutdown.Both);
        await _reading;
        Assert.Equal("\n# info registers -a\nfirst\nthe machine has ended\n", await taken);
        Assert.Null(await ProcessorSnapshot.TryTakeAsync(_monitor, null, Cancellation));
    }

    [Fact]
    public void Every_processors_interrupt_table_is_found()
    {
        Assert.Equal(
            [(0, 0x877EC8UL), (11, 0xFFFF_FE00_0000_0000UL)],
            ProcessorSnapshot.InterruptTables("CPU#0\nRAX=0\nGDT=     0000000000001000 0000007f\nIDT=     0000000000877ec8 00000fff\n\nCPU#11\nIDT=     fffffe0000000000 00000fff\n"));
        Assert.Empty(ProcessorSnapshot.InterruptTables("the machine has ended\n"));
    }

    [Fact]
    public void The_function_that_a_processor_is_in_is_named()
    {
        using var file = new SymbolFile((0x401000, "Wait"), (0x402000, "Go"));
        var named = ProcessorSnapshot.Name(Registers, ElfSymbols.TryLoad(file.Path));
        Assert.EndsWith("RFL=00000246 [---Z-P-]\n  at 0x401234 Wait+0x234\n", named, StringComparison.Ordinal);
        Assert.Equal(Registers.ReplaceLineEndings("\n"), ProcessorSnapshot.Name(Registers, null));
    }

    private async Task AnswerAsync(string command, string answer)
    {
        var line = await _pair.ReadLineAsync();
        Assert.Contains(command, line, StringComparison.Ordinal);
        var id = line!.Split("\"id\":\"")[1].Split('"')[0];
        _pair.Write($"{{\"return\":{answer},\"id\":\"{id}\"}}\n");
    }
}
