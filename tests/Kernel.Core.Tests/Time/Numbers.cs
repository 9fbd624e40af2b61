using FsCheck;
using FsCheck.Fluent;

namespace GuestOS.Kernel.Core.Tests;

/// <summary>Generators that reach all magnitudes of 64 bits, their edges included.</summary>
internal static class Numbers
{
    public static Gen<ulong> AnyUInt64 { get; } =
        from high in Gen.Choose(int.MinValue, int.MaxValue)
        from low in Gen.Choose(int.MinValue, int.MaxValue)
        from shift in Gen.Choose(0, 63)
        from nudge in Gen.Choose(-1, 1)
        select ((ulong)(uint)high << 32 | (uint)low) >> shift ^ (nudge == 0 ? ulong.MaxValue >> shift : 0);

    /// <summary>From 1 Hz to the highest frequency that the clock converts.</summary>
    public static Gen<ulong> AnyFrequency { get; } = AnyUInt64.Select(value => value % ClockMath.MaximumFrequency + 1);

    public static void Check<T>(Gen<T> generator, Action<T> assertion)
        => Check(Prop.ForAll(generator.ToArbitrary(), assertion));

    private static void Check(Property property) => FsCheck.Check.One(Config.QuickThrowOnFailure.WithMaxTest(5000).WithQuietOnSuccess(true), property);
}
