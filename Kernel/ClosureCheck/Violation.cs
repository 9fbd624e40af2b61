namespace GuestOS.Kernel.ClosureCheck;

/// <summary>One way out of the kernel.</summary>
/// <param name="Chain">Names from an export to the offender.</param>
/// <param name="At">Position of the reference in the last but one.</param>
/// <param name="Reason">Why it is not allowed.</param>
internal sealed record Violation(IReadOnlyList<string> Chain, ulong At, string Reason)
{
    /// <summary>The violation as one line.</summary>
    public override string ToString() => $"{string.Join(" -> ", Chain)} (at +0x{At:x}): {Reason}";
}
