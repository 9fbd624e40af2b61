using System.Globalization;

namespace GuestOS.Kernel.SelfTests.Time;

/// <summary>The one argument of self-tests that run for a time.</summary>
internal static class SelfTestTime
{
    /// <summary>The number of seconds.</summary>
    /// <exception cref="SelfTestException">There is none, or it is out of range.</exception>
    public static int Parse(IReadOnlyList<string> arguments, int most) =>
        arguments.Count == 1 && int.TryParse(arguments[0], NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) && seconds >= 1 && seconds <= most
            ? seconds : throw new SelfTestException(string.Create(CultureInfo.InvariantCulture, $"it takes a number of seconds from 1 to {most}"));
}
