using GuestOS.Machine.Network;

namespace GuestOS.Kernel.Tests.Network;

/// <summary>
/// What became of each numbered frame, by the sender's side and by the wire's, and whether both sides agree: a frame that was reported as
/// sent is on the wire once, or is counted as dropped; one that was reported as not sent is not there; each sender's are in their order; and
/// what is received comes once, and in the order of the wire.
/// </summary>
internal sealed class NicHistory
{
    private readonly List<(int Sender, Outcome Outcome)> _sent = [];
    private readonly List<int> _wire = [];
    private readonly HashSet<int> _host = [];
    private readonly List<int> _received = [];

    /// <summary>How sending a frame ended.</summary>
    public enum Outcome
    {
        /// <summary>It has not.</summary>
        Open,

        /// <summary>The interface took it.</summary>
        Sent,

        /// <summary>The interface did not take it.</summary>
        NotSent,

        /// <summary>It is one of a batch that was not taken to its end.</summary>
        Unknown,
    }

    /// <summary>A frame is about to be sent.</summary>
    /// <returns>Its number.</returns>
    public int Begin(int sender)
    {
        _sent.Add((sender, Outcome.Open));
        return _sent.Count - 1;
    }

    public void End(int number, Outcome outcome) => _sent[number] = _sent[number] with { Outcome = outcome };

    public void Saw(int number) => _wire.Add(number);

    /// <summary>The host took a frame, and dropped it unless it is on the wire: a host does so while its cable is out.</summary>
    public void HostTook(int number) => _host.Add(number);

    public void Received(int number) => _received.Add(number);

    /// <summary>What is wrong when everything has come to rest; empty when nothing is.</summary>
    /// <param name="statistics">What the interface counts.</param>
    public IEnumerable<string> Violations(NetworkStatistics statistics)
    {
        long dropped = statistics.SendDropped + statistics.SendErrors;
        int sent = _sent.Count(frame => frame.Outcome == Outcome.Sent);
        if (statistics.SentFrames + dropped < sent)
            yield return $"{sent} frames were reported as sent, {statistics.SentFrames} and {dropped} dropped ones are counted";
        foreach (int number in _wire.GroupBy(number => number).Where(group => group.Count() > 1).Select(group => group.Key))
            yield return $"frame {number} is on the wire more than once";
        var wire = _wire.ToHashSet();
        for (int number = 0; number < _sent.Count; number++)
        {
            if (_sent[number].Outcome == Outcome.Open)
                yield return $"nobody said how sending frame {number} ended";
            if (_sent[number].Outcome == Outcome.NotSent && wire.Contains(number))
                yield return $"frame {number} was reported as not sent and is on the wire";
        }

        List<int> lost = [.. Enumerable.Range(0, _sent.Count).Where(number => _sent[number].Outcome == Outcome.Sent && !wire.Contains(number) && !_host.Contains(number))];
        if (lost.Count > dropped)
            yield return $"frames {string.Join(", ", lost)} were reported as sent and are lost; {dropped} are counted as dropped";
        foreach (IGrouping<int, int> own in _wire.GroupBy(number => _sent[number].Sender))
        {
            if (!own.SequenceEqual(own.Order()))
                yield return $"the frames of sender {own.Key} are on the wire as {string.Join(", ", own)}";
        }

        if (!_received.SequenceEqual(_received.Distinct().Order()))
            yield return $"received were {string.Join(", ", _received)}";
    }
}
