using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace GuestOS.Boot.Hosts.Lab;

/// <summary>What the kernel of this machine says that its KVM can do of Hyper-V's interface.</summary>
/// <param name="Fault">Why it cannot be asked; null when it was.</param>
/// <param name="Offered">The capabilities that it has, of those that the lab needs.</param>
internal sealed partial record KvmCapabilities(string? Fault, IReadOnlyList<string> Offered)
{
    /// <summary>The device that KVM is reached by.</summary>
    public const string DevicePath = "/dev/kvm";

    /// <summary>KVM_CHECK_EXTENSION: _IO(0xAE, 3), Linux include/uapi/linux/kvm.h.</summary>
    private const uint CheckExtension = 0xAE03;

    /// <summary>The capabilities that the lab needs, by their numbers in include/uapi/linux/kvm.h.</summary>
    private static readonly (string Name, int Number)[] Needed =
        [("KVM_CAP_HYPERV", 44), ("KVM_CAP_HYPERV_SYNIC2", 148), ("KVM_CAP_HYPERV_VP_INDEX", 149)];

    /// <summary>Why Hyper-V's interface cannot be had from it; null when it says it can.</summary>
    public string? WhyNot
    {
        get
        {
            if (Fault is not null)
                return Fault;
            var missing = Needed.Select(capability => capability.Name).Except(Offered).ToList();
            return missing.Count == 0 ? null : $"{DevicePath} lacks {string.Join(", ", missing)}";
        }
    }

    /// <summary>Asks this machine's KVM.</summary>
    public static KvmCapabilities Query()
    {
        try
        {
            using var device = File.OpenHandle(DevicePath, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return Of(number => Control(device, CheckExtension, number));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new KvmCapabilities(File.Exists(DevicePath) ? $"{DevicePath} cannot be opened: {e.Message.TrimEnd('.')}" : $"there is no {DevicePath}", []);
        }
    }

    /// <summary>The capabilities by the answers to KVM_CHECK_EXTENSION.</summary>
    /// <param name="check">Gives the answer for a number: above 0 when the capability is there.</param>
    public static KvmCapabilities Of(Func<int, int> check) =>
        new(null, Needed.Where(capability => check(capability.Number) > 0).Select(capability => capability.Name).ToList());

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, nuint request, nint argument);
}
