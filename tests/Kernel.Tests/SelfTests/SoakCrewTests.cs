using GuestOS.Kernel.SelfTests.Soak;

namespace GuestOS.Kernel.Tests.SelfTests;

public sealed class SoakCrewTests
{
    [Fact]
    public void A_thread_that_does_not_end_is_named_with_what_it_does()
    {
        using var work = new Stuck();
        using var end = new CancellationTokenSource();
        var tally = new SoakTally(1);
        var crew = new SoakCrew("soak", 1, [work], tally, isShortOfMemory: false, end.Token);
        work.Begun.Wait(TestContext.Current.CancellationToken);
        crew.Join(TimeProvider.System, TimeSpan.Zero);
        Assert.Equal("Thread 'soak 0' hangs in 'stuck'.", tally.Error);
        end.Cancel();
        work.IsToEnd.Set();
        crew.Join(TimeProvider.System, SoakCrew.Patience);
    }

    [Fact]
    public void Threads_that_are_told_to_end_have_done_whole_rounds()
    {
        using var work = new Stuck();
        using var end = new CancellationTokenSource();
        var tally = new SoakTally(1);
        var crew = new SoakCrew("soak", 3, [work], tally, isShortOfMemory: false, end.Token);
        work.Begun.Wait(TestContext.Current.CancellationToken);
        end.Cancel();
        work.IsToEnd.Set();
        crew.Join(TimeProvider.System, SoakCrew.Patience);
        Assert.Null(tally.Error);
        Assert.True(tally.Rounds > 0);
    }

    private sealed class Stuck : ISoakWork, IDisposable
    {
        public string Name => "stuck";

        public ManualResetEventSlim Begun { get; } = new();

        public ManualResetEventSlim IsToEnd { get; } = new();

        public bool RunRound(int seed)
        {
            Begun.Set();
            IsToEnd.Wait();
            return true;
        }

        public void Dispose()
        {
            Begun.Dispose();
            IsToEnd.Dispose();
        }
    }
}
