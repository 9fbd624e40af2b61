namespace GuestOS.Kernel.Time;

/// <summary>Moves the time of day that the low-level kernel keeps.</summary>
internal interface IWallClockMover
{
    /// <summary>Moves it.</summary>
    /// <param name="by">Forward when positive.</param>
    void Move(TimeSpan by);
}
