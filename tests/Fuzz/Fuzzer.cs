using System.Diagnostics;

namespace GuestOS.Fuzz;

/// <summary>Runs targets over their seeds and over mutations of these.</summary>
public static class Fuzzer
{
    /// <summary>All targets.</summary>
    public static IReadOnlyList<FuzzTarget> Targets { get; } =
    [
        new Targets.StorageParserTarget(), new Targets.StorageClientTarget(), new Targets.NetworkParserTarget(), new Targets.NetworkClientTarget(),
        new Targets.VmBusMessageTarget(), new Targets.VmBusRingTarget(),
        new Targets.ServiceTarget(), new Targets.ServiceParserTarget(), new Targets.BalloonClientTarget(),
        new Targets.PartitionTarget(), new Targets.IsoTarget(), new Targets.AcpiTarget(),
        new Targets.MultibootTarget(), new Targets.PvhTarget(), new Targets.LinuxBootTarget(), new Targets.AtaClientTarget(), new Targets.TulipClientTarget(),
    ];

    /// <summary>Runs all seeds, then so many mutations.</summary>
    /// <param name="target">What gets them.</param>
    /// <param name="seed">Which mutations.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="FuzzException">A finding; the message holds the input in hexadecimal.</exception>
    public static void Run(FuzzTarget target, int seed, int count) => Run(target, seed, done => done < count);

    /// <summary>Runs all seeds, then mutations until the time is over. Returns how many ran.</summary>
    /// <exception cref="FuzzException">A finding.</exception>
    public static long Run(FuzzTarget target, int seed, TimeSpan time)
    {
        var watch = Stopwatch.StartNew();
        return Run(target, seed, _ => watch.Elapsed < time);
    }

    /// <summary>Runs one input.</summary>
    /// <exception cref="FuzzException">A finding.</exception>
    public static void RunOne(FuzzTarget target, byte[] input)
    {
        try
        {
            target.Run(input);
        }
        catch (Exception exception)
        {
            throw new FuzzException($"{target.Name}: {exception}\ninput: {Convert.ToHexStringLower(input)}");
        }
    }

    private static long Run(FuzzTarget target, int seed, Func<long, bool> goesOn)
    {
        var inputs = target.Seeds().ToList();
        foreach (var input in inputs)
            RunOne(target, input);
        var mutator = new Mutator(seed);
        long done = 0;
        for (; goesOn(done); done++)
            RunOne(target, mutator.Mutate(inputs, target.MostBytes));
        return done;
    }
}
