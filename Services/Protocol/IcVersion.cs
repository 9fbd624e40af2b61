using System.Runtime.InteropServices;

namespace GuestOS.Services.Protocol;

/// <summary>A version of the framework or of a service, 4 bytes on the wire: major, then minor.</summary>
/// <param name="Major">0.</param>
/// <param name="Minor">2.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct IcVersion(ushort Major, ushort Minor) : IComparable<IcVersion>
{
    /// <summary>Framework of Server 2008.</summary>
    public static IcVersion Framework1 => new(1, 0);

    /// <summary>Framework of Server 2008 R2 and later.</summary>
    public static IcVersion Framework3 => new(3, 0);

    /// <inheritdoc/>
    public int CompareTo(IcVersion other) => Major != other.Major ? Major.CompareTo(other.Major) : Minor.CompareTo(other.Minor);

    /// <summary>Earlier.</summary>
    public static bool operator <(IcVersion left, IcVersion right) => left.CompareTo(right) < 0;

    /// <summary>Earlier or the same.</summary>
    public static bool operator <=(IcVersion left, IcVersion right) => left.CompareTo(right) <= 0;

    /// <summary>Later.</summary>
    public static bool operator >(IcVersion left, IcVersion right) => left.CompareTo(right) > 0;

    /// <summary>Later or the same.</summary>
    public static bool operator >=(IcVersion left, IcVersion right) => left.CompareTo(right) >= 0;

    /// <summary>As people write it: "3.2".</summary>
    public override string ToString() => $"{Major}.{Minor}";
}
