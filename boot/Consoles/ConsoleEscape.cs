namespace GuestOS.Boot.Consoles;

/// <summary>Tells apart what is typed for the guest and the few keys for the tool: Ctrl-A, then a letter.</summary>
internal sealed class ConsoleEscape
{
    /// <summary>Ctrl-A.</summary>
    public const byte Prefix = 0x01;

    private bool _prefixed;

    /// <summary>Whether the user has asked to leave (Ctrl-A x).</summary>
    public bool Quit { get; private set; }

    /// <summary>Takes typed bytes.</summary>
    /// <param name="typed">As they came from the terminal.</param>
    /// <returns>Those that are for the guest; Ctrl-A twice is one for it.</returns>
    public byte[] Filter(ReadOnlySpan<byte> typed)
    {
        var forGuest = new List<byte>(typed.Length);
        foreach (var key in typed)
        {
            if (!_prefixed && key == Prefix)
            {
                _prefixed = true;
                continue;
            }

            if (_prefixed && (key is (byte)'x' or (byte)'X'))
            {
                Quit = true;
                break;
            }

            if (!_prefixed || key == Prefix)
                forGuest.Add(key);
            _prefixed = false;
        }

        return [.. forGuest];
    }
}
