using GuestOS.Machine.Time;

namespace GuestOS.Services.TimeSync;

/// <summary>
/// Keeps the clock with the host's: a demand to set it moves it at once, samples move it little by little by their median, unless it is
/// so wrong that only a step helps.
/// </summary>
public sealed class ClockDiscipline
{
    /// <summary>Differences below are the noise of delivery: nothing is done.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(1);

    /// <summary>Samples that differ by more than that move the clock at once.</summary>
    public static readonly TimeSpan StepThreshold = TimeSpan.FromSeconds(5);

    /// <summary>Samples that are older are not used (Linux drivers/hv/hv_util.c).</summary>
    public static readonly TimeSpan OldestSample = TimeSpan.FromSeconds(600);

    private const int SampleCount = 3;

    private readonly IWallClock _clock;
    private readonly TimeSpan[] _samples = new TimeSpan[SampleCount];
    private int _sampleCount;

    /// <param name="clock">The clock that is kept.</param>
    public ClockDiscipline(IWallClock clock) => _clock = clock;

    /// <summary>Times that the clock was moved at once.</summary>
    public long Steps { get; private set; }

    /// <summary>Times that it was moved little by little.</summary>
    public long Slews { get; private set; }

    /// <summary>Samples that were too old.</summary>
    public long Stale { get; private set; }

    /// <summary>Host minus guest, when last seen.</summary>
    public TimeSpan LastDifference { get; private set; }

    /// <summary>Sets the clock.</summary>
    /// <param name="host">The host's time now.</param>
    /// <returns>By how much it moved.</returns>
    public TimeSpan Set(DateTimeOffset host)
    {
        var difference = LastDifference = host - _clock.UtcNow;
        _sampleCount = 0;
        if (difference.Duration() < Tolerance)
            return TimeSpan.Zero;
        _clock.Step(difference);
        Steps++;
        return difference;
    }

    /// <summary>Takes one observation.</summary>
    /// <param name="host">The host's time now.</param>
    /// <param name="age">How long ago the host read its clock.</param>
    /// <returns>By how much the clock moved at once; zero unless it was very wrong.</returns>
    public TimeSpan Observe(DateTimeOffset host, TimeSpan age)
    {
        if (age > OldestSample)
        {
            Stale++;
            return TimeSpan.Zero;
        }

        var difference = LastDifference = host - _clock.UtcNow;
        if (difference.Duration() > StepThreshold)
            return Set(host);
        // What a slew under way will still do is done already, as far as the samples are concerned.
        _samples[_sampleCount++] = difference - _clock.SlewRemaining;
        if (_sampleCount < SampleCount)
            return TimeSpan.Zero;
        _sampleCount = 0;
        Array.Sort(_samples);
        var median = _samples[SampleCount / 2];
        if (median.Duration() < Tolerance)
            return TimeSpan.Zero;
        _clock.Slew(median + _clock.SlewRemaining);
        Slews++;
        return TimeSpan.Zero;
    }

    /// <summary>Forgets what it observed: the host starts again.</summary>
    public void Reset() => _sampleCount = 0;
}
