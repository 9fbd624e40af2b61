using GuestOS.Bench.Peer;

namespace GuestOS.Bench.Tests;

/// <summary>What Linux says about itself, in texts made for people.</summary>
public sealed class LinuxTextTests
{
    private const string Table = """
                   CPU0       CPU1
          0:         34          0   IO-APIC   2-edge      timer
          1:          0          9   IO-APIC   1-edge      i8042
        NMI:          1          2   Non-maskable interrupts
        LOC:       5000       6000   Local timer interrupts
        HYP:         70         80   Hypervisor callback interrupts
        HVS:          3          4   Hyper-V stimer0 interrupts
        ERR:      99999
        MIS:      88888

        """;

    [Theory]
    [InlineData("[    1.234567] hv_vmbus: Vmbus version:4.0", 1.234567)]
    [InlineData("[12345.000001] hv_balloon: Using Dynamic Memory protocol version 2.0", 12345.000001)]
    [InlineData("<6>[    0.500000] text", 0.5)]
    [InlineData("[    2.000000][    T1] text", 2)]
    [InlineData("[    0.000000] Linux version 6.12", 0)]
    public void A_line_of_the_log_has_its_time(string line, double seconds) => Assert.Equal(seconds, PrintkTime.Parse(line));

    [Theory]
    [InlineData("hv_vmbus: Vmbus version:4.0")]
    [InlineData("")]
    [InlineData("[    T1] text")]
    [InlineData("[ 1.5 ")]
    [InlineData("text [    1.234567]")]
    public void A_line_without_a_time_has_none(string line) => Assert.Null(PrintkTime.Parse(line));

    [Fact]
    public void Interrupts_of_all_processors_and_kinds_are_counted_and_errors_are_not() =>
        Assert.Equal(34 + 9 + 1 + 2 + 5000 + 6000 + 70 + 80 + 3 + 4, InterruptTable.Total(Table));

    [Theory]
    [InlineData("", "line of processors")]
    [InlineData("  0:  34  timer\n", "line of processors")]
    [InlineData("      CPU0 CPU1\n  0:  34\n", "fewer counts than 2")]
    [InlineData("      CPU0\n  0:  many  timer\n", "no count")]
    [InlineData("      CPU0\n  0  34  timer\n", "fewer counts than 1")]
    public void What_is_no_table_of_interrupts_is_refused(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<IOException>(() => InterruptTable.Total(text)).Message, StringComparison.Ordinal);
}
