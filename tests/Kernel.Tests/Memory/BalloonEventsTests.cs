using System.Text.Json;
using GuestOS.Kernel.Memory;
using GuestOS.Kernel.Tests.Fakes;
using GuestOS.Machine.Memory;

namespace GuestOS.Kernel.Tests.Memory;

public sealed class BalloonEventsTests
{
    private readonly BalloonRegistry _registry = new();
    private readonly RecordingEvents _events = new();
    private readonly RecordingLog _log = new();

    public BalloonEventsTests() => _ = new BalloonEvents(_registry, _events, _log);

    [Fact]
    public void Each_request_of_the_host_is_an_event_with_the_figures_after_it()
    {
        var balloon = new FakeBalloon();
        _registry.Add(balloon);
        balloon.Status = balloon.Status with { Memory = balloon.Status.Memory with { Taken = 300, Free = 700 } };
        balloon.Report(new BalloonChange(BalloonOperation.Inflate, 400, 300, TimeSpan.FromMilliseconds(2), null));
        balloon.Report(new BalloonChange(BalloonOperation.Deflate, 4, 3, default, "The host did not have all."));
        balloon.Report(new BalloonChange(BalloonOperation.Add, 5, 5, default, null));
        _registry.Remove(balloon);
        balloon.Report(new BalloonChange(BalloonOperation.Add, 9, 9, default, null));

        IReadOnlyList<JsonElement> events = _events.Of("balloon");
        Assert.Equal(["negotiated", "inflate", "deflate", "add", "stopped"], events.Select(entry => RecordingEvents.Text(entry, "operation")));
        Assert.Equal("2.0", RecordingEvents.Text(events[0], "version"));
        JsonElement inflate = events[1];
        Assert.Equal(
            (400, 300, 2_000_000, 2000, 700, 300, 1700),
            (Number("asked"), Number("done"), Number("ns"), Number("total"), Number("free"), Number("ballooned"), Number("target")));
        Assert.Equal("The host did not have all.", RecordingEvents.Text(events[2], "error"));

        long Number(string name) => inflate.GetProperty(name).GetInt64();
    }

    [Fact]
    public void A_name_is_taken_once()
    {
        _registry.Add(new FakeBalloon());
        Assert.Throws<InvalidOperationException>(() => _registry.Add(new FakeBalloon()));
        _registry.Remove(new FakeBalloon());
        Assert.Single(_registry.Entries);
    }
}
