namespace GuestOS.Kernel.ClosureCheck;

/// <summary>
/// How the ahead-of-time compiler names what belongs to the kernel's assembly: methods by assembly, namespace and class with every character
/// that is not a letter or digit as an underscore, then two underscores and the method; statics and constants with a prefix of their own.
/// </summary>
internal sealed class KernelNames(string assembly)
{
    private const string PlainStatics = "__NONGCSTATICS";
    private readonly string _prefix = new string([.. assembly.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_')]) + "_";

    /// <summary>A method of the assembly.</summary>
    public bool IsMethod(string name) => name.StartsWith(_prefix, StringComparison.Ordinal);

    /// <summary>The statics of a class of the assembly, without references to managed objects.</summary>
    public bool IsStatics(string name) => name.StartsWith(PlainStatics + _prefix, StringComparison.Ordinal);

    /// <summary>Shorter form for people: class and method.</summary>
    public string Shorten(string name)
    {
        if (IsStatics(name))
            return $"statics of {Shorten(name[PlainStatics.Length..])}";
        if (!IsMethod(name))
            return name;
        string rest = name[_prefix.Length..];
        // The namespace repeats the assembly's name.
        if (rest.StartsWith(_prefix, StringComparison.Ordinal))
            rest = rest[_prefix.Length..];
        int split = rest.LastIndexOf("__", StringComparison.Ordinal);
        return split > 0 ? $"{rest[..split]}.{rest[(split + 2)..]}" : rest;
    }
}
