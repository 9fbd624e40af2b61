namespace GuestOS.Drivers.Tulip;

/// <summary>Judges RDES0. Whatever the chip wrote, a length that passes lies inside the buffer.</summary>
internal static class ReceiveStatus
{
    /// <summary>Ethernet header.</summary>
    public const int ShortestFrame = 14;

    private const int CheckSequence = 4;

    /// <param name="status">RDES0, read once.</param>
    /// <param name="capacity">Bytes of the buffer.</param>
    /// <param name="length">Bytes of the frame without its check sequence.</param>
    public static ReceiveVerdict Judge(uint status, int capacity, out int length)
    {
        const uint Whole = ReceiveDescriptor.First | ReceiveDescriptor.Last;
        length = 0;
        if ((status & Whole) != Whole)
            return ReceiveVerdict.Fragment;
        if ((status & ReceiveDescriptor.Watchdog) != 0)
            return ReceiveVerdict.Watchdog;
        if ((status & ReceiveDescriptor.ErrorSummary) != 0)
            return JudgeError(status);
        var whole = (int)((status >> ReceiveDescriptor.LengthShift) & ReceiveDescriptor.LengthMask);
        if (whole < ShortestFrame + CheckSequence || whole > capacity)
            return ReceiveVerdict.BadLength;
        length = whole - CheckSequence;
        return ReceiveVerdict.Good;
    }

    private static ReceiveVerdict JudgeError(uint status) =>
        (status & ReceiveDescriptor.Overflow) != 0 ? ReceiveVerdict.Overflow
        : (status & ReceiveDescriptor.Runt) != 0 ? ReceiveVerdict.Runt
        : (status & ReceiveDescriptor.DescriptorError) != 0 ? ReceiveVerdict.DescriptorError
        : (status & ReceiveDescriptor.CrcError) != 0 ? ReceiveVerdict.CrcError
        : ReceiveVerdict.OtherError;
}
