namespace GuestOS.Kernel.SelfTests.Soak;

/// <summary>One kind of load. A round takes some milliseconds; it may be run by several threads at once.</summary>
internal interface ISoakWork
{
    string Name { get; }

    /// <summary>Does a round; false when its answer is wrong.</summary>
    /// <param name="seed">Different in every round.</param>
    bool RunRound(int seed);
}
