using System.Text;

namespace GuestOS.Kernel;

/// <summary>
/// The kernel's command line: words separated by blanks, each <c>name=value</c> or <c>name</c> alone (whose value is empty). Double
/// quotes keep blanks together. Of a name that comes twice the last value counts.
/// </summary>
internal sealed class KernelCommandLine
{
    private readonly Dictionary<string, string> _options = new(StringComparer.Ordinal);

    private KernelCommandLine()
    {
    }

    /// <summary>All options.</summary>
    public IReadOnlyDictionary<string, string> Options => _options;

    /// <summary>Reads a command line; there is none that cannot be read.</summary>
    public static KernelCommandLine Parse(string text)
    {
        var result = new KernelCommandLine();
        foreach (string word in Words(text))
        {
            int equals = word.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                result._options[word] = "";
            else
                result._options[word[..equals]] = word[(equals + 1)..];
        }

        return result;
    }

    /// <summary>The value of an option; null when it is not there.</summary>
    public string? Find(string name) => _options.GetValueOrDefault(name);

    /// <summary>The options that begin with a driver's name and a dot, without these.</summary>
    public IReadOnlyDictionary<string, string> OptionsOf(string driver)
    {
        string prefix = driver + ".";
        return _options
            .Where(option => option.Key.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(option => option.Key[prefix.Length..], option => option.Value, StringComparer.Ordinal);
    }

    private static IEnumerable<string> Words(string text)
    {
        var word = new StringBuilder();
        bool isQuoted = false;
        bool isWord = false;
        foreach (char character in text)
        {
            if (character == '"')
            {
                isQuoted = !isQuoted;
                isWord = true;
            }
            else if (char.IsWhiteSpace(character) && !isQuoted)
            {
                if (isWord)
                    yield return word.ToString();
                word.Clear();
                isWord = false;
            }
            else
            {
                word.Append(character);
                isWord = true;
            }
        }

        if (isWord)
            yield return word.ToString();
    }
}
