using System.Buffers.Binary;
using GuestOS.Drivers.Synthetic.Balloon.Protocol;
using GuestOS.Machine.Memory;
using GuestOS.Sandbox.Memory;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Balloon;

public sealed class NegotiationTests
{
    [Fact]
    public void The_newest_version_that_the_host_accepts_is_used()
    {
        uint[] versions = [0x20000, 0x10000, 3];
        for (int accepted = 0; accepted < versions.Length; accepted++)
        {
            var host = new ScriptedHost();
            host.Client.Start();
            for (int i = 0; i <= accepted; i++)
            {
                byte[] request = host.Take(1);
                Assert.Equal(16, request.Length);
                Assert.Equal(versions[i], BinaryPrimitives.ReadUInt32LittleEndian(request.AsSpan(8)));
                Assert.Equal(i == 2 ? 1u : 0, BinaryPrimitives.ReadUInt32LittleEndian(request.AsSpan(12)));
                host.Send(ScriptedHost.VersionResponse(i == accepted));
            }

            host.Take(3);
            host.Send(ScriptedHost.CapabilitiesResponse(5));
            Assert.True(host.Client.IsReady);
            Assert.Equal(versions[accepted], host.Client.Version.Value);
        }
    }

    [Fact]
    public void The_first_version_can_be_chosen()
    {
        var host = new ScriptedHost(highest: BalloonVersion.V0_3);
        host.Client.Start();
        byte[] request = host.Take(1);
        Assert.Equal([3, 0, 0, 0, 1, 0, 0, 0], request[8..]);
    }

    [Theory]
    [InlineData(512, 0b0000_0111)]
    [InlineData(1, 0b0000_0011)]
    [InlineData(128 * 256, 0b0001_1111)]
    [InlineData(0, 0b0000_0001)]
    public void Capabilities_tell_what_the_memory_can(ulong alignment, uint expected)
    {
        var host = new ScriptedHost(new SimulatedDynamicMemory(1 << 18) { AddAlignment = alignment });
        host.Client.Start();
        host.Take(1);
        host.Send(ScriptedHost.VersionResponse(true));
        byte[] report = host.Take(3);
        Assert.Equal(32, report.Length);
        Assert.Equal(expected, BinaryPrimitives.ReadUInt64LittleEndian(report.AsSpan(8)));
        Assert.Equal(0ul, BinaryPrimitives.ReadUInt64LittleEndian(report.AsSpan(16)));
        Assert.Equal(ulong.MaxValue, BinaryPrimitives.ReadUInt64LittleEndian(report.AsSpan(24)));
    }

    [Fact]
    public void A_host_that_accepts_nothing_is_left_with_a_reason()
    {
        var host = new ScriptedHost();
        host.Client.Start();
        for (int i = 0; i < 3; i++)
            host.Send(ScriptedHost.VersionResponse(false));
        Assert.Equal("The host accepts no version of the dynamic-memory protocol.", host.Client.Failure);

        host = new ScriptedHost();
        host.Client.Start();
        host.Send(ScriptedHost.VersionResponse(true));
        host.Send(ScriptedHost.CapabilitiesResponse(0));
        Assert.Equal("The host does not accept the capabilities.", host.Client.Failure);
        Assert.Equal(Timeout.InfiniteTimeSpan, host.Client.Tick() is var next && next > TimeSpan.Zero ? RunOut(host) : next);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_host_that_says_nothing_is_given_up_after_five_seconds(bool afterVersion)
    {
        var host = new ScriptedHost();
        host.Client.Start();
        if (afterVersion)
        {
            host.Clock.Advance(TimeSpan.FromSeconds(4));
            host.Send(ScriptedHost.VersionResponse(true));
        }

        Assert.Equal(TimeSpan.FromSeconds(5), host.Client.Tick());
        host.Clock.Advance(TimeSpan.FromSeconds(4.999));
        host.Client.Tick();
        Assert.Null(host.Client.Failure);
        host.Clock.Advance(TimeSpan.FromSeconds(0.001));
        Assert.Equal(Timeout.InfiniteTimeSpan, host.Client.Tick());
        Assert.Contains(afterVersion ? "capabilities" : "version", host.Client.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Reports_follow_every_second_with_true_figures_and_not_on_whole_seconds_after_the_agreement()
    {
        var memory = new SimulatedDynamicMemory(1024 * ScriptedHost.PagesPerMiB, new PageRange(1000, 5000));
        var host = ScriptedHost.Agreed(memory, wantsReports: true);
        Assert.Equal(TimeSpan.FromSeconds(0.5), host.Client.Tick());
        host.Take(5);
        host.Clock.Advance(TimeSpan.FromSeconds(0.5));
        for (int second = 0; second < 3; second++)
        {
            Assert.Equal(TimeSpan.FromSeconds(1), host.Client.Tick());
            byte[] report = host.Take(5);
            Assert.Equal(48, report.Length);
            ulong taken = memory.Taken.Count;
            Assert.Equal(memory.Free.Count, BinaryPrimitives.ReadUInt64LittleEndian(report.AsSpan(8)));

            // The floor of 1 GiB: 104 MiB + 1/8.
            ulong floor = 232 * ScriptedHost.PagesPerMiB;
            Assert.Equal(5000 + taken + floor, BinaryPrimitives.ReadUInt64LittleEndian(report.AsSpan(16)));
            Assert.Equal(-1, report.AsSpan(24).IndexOfAnyExcept((byte)0));
            host.Send(ScriptedHost.BalloonRequest(7777));
            host.TakeBalloonResponses();
            host.Clock.Advance(TimeSpan.FromSeconds(0.5));
            host.Client.Tick();
            Assert.Empty(host.Sent);
            host.Clock.Advance(TimeSpan.FromSeconds(0.5));
        }
    }

    [Fact]
    public void Lateness_does_not_move_the_reports_and_missed_ones_are_not_made_up_for()
    {
        var host = ScriptedHost.Agreed(new SimulatedDynamicMemory(1024 * ScriptedHost.PagesPerMiB, new PageRange(1000, 5000)), wantsReports: true);
        host.Client.Tick();
        host.Take(5);
        var clock = TimeSpan.Zero;
        foreach (var (late, next) in new[] { (0.1, 0.9), (0.4, 0.6), (0.0, 1.0), (2.3, 0.7), (0.0, 1.0) })
        {
            // Due half a second past each whole one.
            var due = TimeSpan.FromSeconds(Math.Floor(clock.TotalSeconds + 0.5) + 0.5);
            host.Clock.Advance(due - clock + TimeSpan.FromSeconds(late));
            clock = due + TimeSpan.FromSeconds(late);
            Assert.Equal(next, host.Client.Tick().TotalSeconds, 6);
            host.Take(5);
            Assert.Empty(host.Sent);
        }
    }

    [Fact]
    public void A_host_that_wants_no_reports_gets_none()
    {
        var host = ScriptedHost.Agreed();
        for (int i = 0; i < 30; i++)
        {
            host.Client.Tick();
            host.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Empty(host.Sent);
        Assert.InRange(host.Memory.Settlements, 2, 4);
    }

    [Fact]
    public void A_report_that_finds_no_room_is_not_sent_late()
    {
        var host = ScriptedHost.Agreed(wantsReports: true);
        host.Room = 0;
        host.Client.Tick();
        Assert.False(host.Client.IsBusy);
        host.Room = 10;
        host.Run();
        Assert.Empty(host.Sent);
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        host.Client.Tick();
        host.Take(5);
    }

    private static TimeSpan RunOut(ScriptedHost host)
    {
        host.Clock.Advance(TimeSpan.FromSeconds(10));
        return host.Client.Tick();
    }
}
