namespace GuestOS.Machine.Processors;

/// <summary>The processor's time-stamp counter.</summary>
public interface ITimestampCounter
{
    /// <summary>RDTSC, ordered behind all earlier reads.</summary>
    ulong Read();
}
