namespace GuestOS.Kernel.SelfTests;

/// <summary>One kind of self-test; boot/EVENTS.md describes what each does and reports.</summary>
internal interface ISelfTest
{
    /// <summary>The word before the first colon.</summary>
    string Name { get; }

    /// <summary>Runs it and writes its events.</summary>
    /// <param name="system">The machine.</param>
    /// <param name="arguments">What follows the name, cut at colons.</param>
    /// <returns>Whether it passed.</returns>
    /// <exception cref="SelfTestException">The arguments are wrong.</exception>
    Task<bool> RunAsync(KernelSystem system, IReadOnlyList<string> arguments);
}

/// <summary>A self-test cannot be run as it was asked for.</summary>
internal sealed class SelfTestException : Exception
{
    public SelfTestException(string message)
        : base(message)
    {
    }
}
