using System.Globalization;
using GuestOS.Kernel.Core;
using GuestOS.Machine;

namespace GuestOS.Kernel.Hardware;

/// <summary>
/// Hands interrupts out. Every open line or vector has one <see cref="InterruptLine"/> with a thread of its own; several grants of the
/// same line share it.
/// </summary>
internal sealed class InterruptDispatcher
{
    private readonly IInterruptController _controller;
    private readonly ILog _log;
    private readonly Lock _lock = new();
    private readonly Dictionary<(int Number, bool IsIsa), InterruptLine> _lines = [];

    public InterruptDispatcher(IInterruptController controller, ILog log)
    {
        _controller = controller;
        _log = log;
    }

    /// <summary>Grants a line. Dispose the grant to give it back; the line is closed with its last grant.</summary>
    /// <param name="number">ISA interrupt or GSI, as the flags say.</param>
    /// <param name="flags">Trigger, polarity, and what the number is.</param>
    /// <param name="onFailure">Called once when the grant's handler has thrown and was disconnected.</param>
    /// <exception cref="KernelCallException">The line does not exist.</exception>
    /// <exception cref="InvalidOperationException">The line is open with another trigger mode.</exception>
    public InterruptGrant OpenLine(int number, InterruptFlags flags, Action<Exception>? onFailure = null)
    {
        bool isIsa = (flags & InterruptFlags.Isa) != 0;
        string name = string.Create(CultureInfo.InvariantCulture, $"{(isIsa ? "IRQ" : "GSI")} {number}");
        lock (_lock)
        {
            if (_lines.TryGetValue((number, isIsa), out InterruptLine? line))
            {
                if (line.Flags != flags)
                    throw new InvalidOperationException($"{name} is in use as {line.Flags}, and cannot be {flags} at the same time.");
            }
            else
            {
                line = new InterruptLine(_controller, _controller.OpenLine(number, flags), name, flags, _log);
                _lines.Add((number, isIsa), line);
            }

            line.GrantCount++;
            return new InterruptGrant(line, onFailure, () => Release(line, (number, isIsa)));
        }
    }

    /// <summary>Grants a vector of its own.</summary>
    /// <param name="address">Where the device writes.</param>
    /// <param name="data">What it writes.</param>
    /// <param name="onFailure">Called once when the grant's handler has thrown and was disconnected.</param>
    /// <exception cref="KernelCallException">Messages are not possible on this machine, or no vector is left.</exception>
    public InterruptGrant OpenMessage(out ulong address, out uint data, Action<Exception>? onFailure = null)
    {
        uint handle = _controller.OpenMessage(out address, out data);
        string name = string.Create(CultureInfo.InvariantCulture, $"MSI 0x{data & 0xFF:x2}");
        var line = new InterruptLine(_controller, handle, name, InterruptFlags.None, _log);
        return new InterruptGrant(line, onFailure, line.Close);
    }

    private void Release(InterruptLine line, (int Number, bool IsIsa) key)
    {
        lock (_lock)
        {
            if (--line.GrantCount > 0)
                return;
            _lines.Remove(key);
        }

        line.Close();
    }
}
