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

    [Theory]
    [InlineData("# a finding\nc8a7 ae\n  b5\n")]
    [InlineData("c8a7aeb5")]
    [InlineData("c8 a7\r\nae b5\r\n# the end")]
    public void An_input_is_read_as_the_corpus_keeps_it_and_as_a_finding_prints_it(string text) =>
        Assert.Equal([0xC8, 0xA7, 0xAE, 0xB5], FuzzTarget.ReadHex(text));

    [Theory]
    [InlineData("c8a")]
    [InlineData("c8 xy")]
    public void What_is_not_hexadecimal_is_refused(string text) => Assert.Throws<FormatException>(() => FuzzTarget.ReadHex(text));
}
