using System.Text;
using GuestOS.Kernel.Hardware;

namespace GuestOS.Kernel.Tests.Fakes;

/// <summary>Input from a script, output into a string.</summary>
internal sealed class ScriptedTerminal : ITerminal
{
    private readonly Lock _lock = new();
    private readonly StringBuilder _output = new();
    private readonly byte[] _input;
    private int _position;

    public ScriptedTerminal(string input = "") => _input = Encoding.UTF8.GetBytes(input);

    public string Output
    {
        get
        {
            lock (_lock)
                return _output.ToString();
        }
    }

    public int Read(Span<byte> destination)
    {
        int count = Math.Min(destination.Length, _input.Length - _position);
        _input.AsSpan(_position, count).CopyTo(destination);
        _position += count;
        return count;
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
            _output.Append(Encoding.UTF8.GetString(bytes));
    }
}
