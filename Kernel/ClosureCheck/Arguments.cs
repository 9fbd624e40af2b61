namespace GuestOS.Kernel.ClosureCheck;

/// <summary>The command line.</summary>
internal sealed class Arguments
{
    /// <summary>How to call the program.</summary>
    public const string Usage =
        "usage: ClosureCheck --object FILE.o --assembly NAME [--stubs FILE.o]... [--allow SYMBOL]... [--root SYMBOL]... [--verbose]";

    /// <summary>The compiler's object file.</summary>
    public string ObjectPath { get; private set; } = "";

    /// <summary>The kernel's assembly.</summary>
    public string Assembly { get; private set; } = "";

    /// <summary>Object files of the assembler.</summary>
    public List<string> Stubs { get; } = [];

    /// <summary>Further symbols that the kernel may use.</summary>
    public List<string> Allowed { get; } = [];

    /// <summary>Further exports.</summary>
    public List<string> Roots { get; } = [];

    /// <summary>Prints what was checked also when all is well.</summary>
    public bool Verbose { get; private set; }

    /// <summary>Parses; null with a problem to print when the arguments make no sense.</summary>
    public static Arguments? Parse(IReadOnlyList<string> words, out string problem)
    {
        var arguments = new Arguments();
        problem = "";
        for (int i = 0; i < words.Count; i++)
        {
            if (words[i] == "--verbose")
            {
                arguments.Verbose = true;
                continue;
            }

            if (i + 1 == words.Count || !arguments.Take(words[i], words[i + 1]))
            {
                problem = $"cannot use \"{words[i]}\"";
                return null;
            }

            i++;
        }

        if (arguments.ObjectPath.Length != 0 && arguments.Assembly.Length != 0)
            return arguments;
        problem = "--object and --assembly are needed";
        return null;
    }

    private bool Take(string option, string value)
    {
        switch (option)
        {
            case "--object":
                ObjectPath = value;
                return true;
            case "--assembly":
                Assembly = value;
                return true;
            case "--stubs":
                Stubs.Add(value);
                return true;
            case "--allow":
                Allowed.Add(value);
                return true;
            case "--root":
                Roots.Add(value);
                return true;
            default:
                return false;
        }
    }
}
