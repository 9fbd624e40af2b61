using GuestOS.Boot.Build;

namespace GuestOS.Boot.Hosts.Qemu;

/// <summary>A QEMU for PCs on this machine.</summary>
/// <param name="Path">Program to run.</param>
internal sealed record QemuProgram(string Path)
{
    /// <summary>Its name.</summary>
    public const string Name = "qemu-system-x86_64";

    /// <summary>Arguments that come before QEMU's own.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Environment variables to set.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The one that is installed.</summary>
    /// <exception cref="ToolException">There is none.</exception>
    public static QemuProgram Installed => new(ToolProcess.Find(Name) ?? throw new ToolException($"{Name} is not installed."));
}
