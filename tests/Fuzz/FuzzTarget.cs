namespace GuestOS.Fuzz;

/// <summary>
/// Something that gets any bytes. What it throws is a finding, and so is what does not end: each target bounds its own work.
/// </summary>
public abstract class FuzzTarget
{
    /// <summary>The name on the command line, and of its folder in the corpus.</summary>
    public abstract string Name { get; }

    /// <summary>Longest input that makes sense.</summary>
    public virtual int MostBytes => 512;

    /// <summary>How many mutations of the seeds a test runs: those of one second or so.</summary>
    public virtual int TestCount => 20_000;

    /// <summary>Runs one input.</summary>
    public abstract void Run(ReadOnlySpan<byte> input);

    /// <summary>Inputs that the mutations begin with: those of the corpus, and what the target knows itself.</summary>
    public IEnumerable<byte[]> Seeds()
    {
        foreach (var seed in OwnSeeds())
            yield return seed;
        var assembly = typeof(FuzzTarget).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Order(StringComparer.Ordinal))
        {
            if (!name.StartsWith(Name + "/", StringComparison.Ordinal))
                continue;
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return ReadHex(reader.ReadToEnd());
        }
    }

    /// <summary>Throws when something is not as it must be.</summary>
    protected static void Require(bool condition, string what)
    {
        if (!condition)
            throw new FuzzException(what);
    }

    /// <summary>Seeds in code.</summary>
    protected virtual IEnumerable<byte[]> OwnSeeds() => [[]];

    /// <summary>Bytes of a corpus file or of a finding: hexadecimal, white space anywhere between bytes; lines that begin with # are comments.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static byte[] ReadHex(string text) => Convert.FromHexString(string.Concat(
        text.Split('\n').Where(line => !line.StartsWith('#')).SelectMany(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))));
}
