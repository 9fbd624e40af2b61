using GuestOS.Kernel.Core;
using GuestOS.Kernel.Tests.Fakes;
using GuestOS.Machine;

namespace GuestOS.Kernel.Tests;

public sealed class KernelCommandLineTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("  a  b=c\td=e=f ", "a= b=c d=e=f")]
    [InlineData("a=1 a=2", "a=2")]
    [InlineData("x=\"two words\" \"y z\"=1 w=\"\"", "x=two words y z=1 w=")]
    [InlineData("open=\"to the end", "open=to the end")]
    public void Words_are_options(string text, string options) => Assert.Equal(
        options, string.Join(' ', KernelCommandLine.Parse(text).Options.Select(option => $"{option.Key}={option.Value}")));

    [Fact]
    public void A_driver_gets_its_own_options_without_its_name()
    {
        KernelCommandLine commandLine = KernelCommandLine.Parse("ata.pio=1 ata.slow atapi.x=2 guestos.test=hash:boot");
        Assert.Equal(["pio=1", "slow="], commandLine.OptionsOf("ata").Select(option => $"{option.Key}={option.Value}"));
        Assert.Equal("hash:boot", commandLine.Find("guestos.test"));
        Assert.Null(commandLine.Find("guestos.exit"));
    }

    [Fact]
    public void Unknown_options_are_told_to_people_and_machines()
    {
        var events = new RecordingEvents();
        var log = new RecordingLog();
        KernelOptions.Check(
            KernelCommandLine.Parse("guestos.test=x guestos.exit=never BOOT_IMAGE=/k ata.pio=1 atta.pio=1 quiet quite"),
            [new FakeDriver { Name = "ata" }],
            events,
            log);
        Assert.Equal(["guestos.exit=never", "atta.pio=1", "quite"], events.Of("option").Select(entry => RecordingEvents.Text(entry, "name")));
        Assert.True(log.Has(LogLevel.Warning, "'quite': it is unknown"));
        Assert.Equal(3, log.Lines.Count);
    }

    [Fact]
    public void Ways_to_end_have_their_names()
    {
        Assert.True(KernelOptions.TryParseExit("debug-port", out PowerKind kind));
        Assert.Equal(PowerKind.DebugPort, kind);
        Assert.False(KernelOptions.TryParseExit("debugport", out _));
    }
}
