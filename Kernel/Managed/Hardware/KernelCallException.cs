using System.Globalization;
using GuestOS.Kernel.Core;

namespace GuestOS.Kernel.Hardware;

/// <summary>The low-level kernel refused a call.</summary>
public sealed class KernelCallException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="call">What was called.</param>
    /// <param name="errno">Linux error number, positive.</param>
    public KernelCallException(KernelCall call, int errno)
        : base(string.Create(CultureInfo.InvariantCulture, $"Kernel call {call} failed: {Errno.Name(errno)}."))
    {
        Call = call;
        ErrorNumber = errno;
    }

    /// <summary>What was called.</summary>
    public KernelCall Call { get; }

    /// <summary>Linux error number, positive.</summary>
    public int ErrorNumber { get; }
}
