namespace GuestOS.Kernel.Core;

/// <summary>The kernel's version: that of the build (Directory.Build.props), as constants, since reflection would cost time at every start.</summary>
public static class KernelVersion
{
    /// <summary>All three parts.</summary>
    public const string Text = Major + "." + Minor + "." + Build;

    /// <summary>Major version.</summary>
    public const string Major = "0";

    /// <summary>Minor version.</summary>
    public const string Minor = "1";

    /// <summary>Build.</summary>
    public const string Build = "0";
}
