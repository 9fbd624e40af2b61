using System.Globalization;

namespace GuestOS.Kernel.SelfTests.Soak;

/// <summary>The threads of a soak, which do rounds until they are told to end.</summary>
internal sealed class SoakCrew
{
    /// <summary>Time to end for all together: a round takes long on a starved machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    private readonly List<(Thread Thread, SoakWorker Worker)> _members = [];
    private readonly SoakTally _tally;

    /// <summary>Starts them.</summary>
    /// <param name="name">Their name.</param>
    /// <param name="count">How many.</param>
    /// <param name="works">What they do in turn.</param>
    /// <param name="tally">Where they count.</param>
    /// <param name="isShortOfMemory">Memory may run out in the middle of a round, which then is not wrong.</param>
    /// <param name="end">Ends each after its round.</param>
    public SoakCrew(string name, int count, IReadOnlyList<ISoakWork> works, SoakTally tally, bool isShortOfMemory, CancellationToken end)
    {
        _tally = tally;
        for (int i = 0; i < count; i++)
        {
            var worker = new SoakWorker(i, works, tally, isShortOfMemory, end);
            _members.Add((new Thread(worker.Run) { Name = string.Create(CultureInfo.InvariantCulture, $"{name} {i}"), IsBackground = true }, worker));
        }

        _members.ForEach(member => member.Thread.Start());
    }

    /// <summary>Waits, once they have been told to end, until they have. Those that do not are failures of the soak, with what they were doing.</summary>
    /// <param name="clock">The machine's clock.</param>
    /// <param name="patience">How long all of them may take, such as <see cref="Patience"/>.</param>
    public void Join(TimeProvider clock, TimeSpan patience)
    {
        long start = clock.GetTimestamp();
        foreach ((Thread thread, SoakWorker worker) in _members)
        {
            TimeSpan left = patience - clock.GetElapsedTime(start);
            if (!thread.Join(left > TimeSpan.Zero ? left : TimeSpan.Zero))
                _tally.Fail($"Thread '{thread.Name}' hangs in '{worker.Doing}'.");
        }
    }
}
