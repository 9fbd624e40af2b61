using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Machine;
using GuestOS.Machine.Processors;

namespace GuestOS.Drivers.VmBus.Connections;

/// <summary>
/// The one loop that owns the state of a connection and of its channels: messages of the host and commands of this side, one at a time, on
/// a thread of the executor. It waits for nobody.
/// </summary>
internal sealed class Pump : IThreadPoolWorkItem
{
    /// <summary>Inputs that are handled in one turn before others get theirs.</summary>
    private const int MostPerTurn = 64;

    private readonly IExecutor _executor;
    private readonly ILog _log;
    private readonly MessageInbox _inbox;
    private readonly MessageHandler _handler;
    private readonly Lock _gate = new();
    private readonly Queue<Action> _commands = new();
    private bool _isPosted;

    public Pump(IExecutor executor, ILog log, MessageInbox inbox, MessageHandler handler)
    {
        _executor = executor;
        _log = log;
        _inbox = inbox;
        _handler = handler;
    }

    public delegate void MessageHandler(ref SynIcMessage message);

    /// <summary>Runs a command on the pump, soon and never inside of this call.</summary>
    public void Post(Action command)
    {
        lock (_gate)
        {
            _commands.Enqueue(command);
            if (_isPosted)
                return;
            _isPosted = true;
        }

        _executor.Post(this);
    }

    /// <summary>The inbox is not empty.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            if (_isPosted)
                return;
            _isPosted = true;
        }

        _executor.Post(this);
    }

    public void Execute()
    {
        SynIcMessage message = default;
        for (var i = 0; i < MostPerTurn; i++)
        {
            var command = i % 2 == 0 ? TakeCommand() : null;
            try
            {
                if (command is not null)
                    command();
                else if (_inbox.TryTake(ref message))
                    _handler(ref message);
                else if (i % 2 != 0 && IsIdle())
                    return;
            }
            catch (Exception e)
            {
                _log.Error($"the message pump goes on after {e}");
            }
        }

        _executor.Post(this);
    }

    private Action? TakeCommand()
    {
        lock (_gate)
            return _commands.TryDequeue(out var command) ? command : null;
    }

    private bool IsIdle()
    {
        lock (_gate)
        {
            if (_commands.Count > 0 || !_inbox.IsEmpty)
                return false;
            _isPosted = false;
            return true;
        }
    }
}
