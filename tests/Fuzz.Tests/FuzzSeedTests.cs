using Xunit;

namespace GuestOS.Fuzz.Tests;

/// <summary>The corpus of every fuzz target, and some mutations of it.</summary>
public sealed class FuzzSeedTests
{
    public static TheoryData<string> Targets => [.. Fuzzer.Targets.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Seeds_and_some_mutations_find_nothing(string name)
    {
        var target = Fuzzer.Targets.Single(target => target.Name == name);
        Fuzzer.Run(target, seed: 1, count: target.TestCount);
    }
}
