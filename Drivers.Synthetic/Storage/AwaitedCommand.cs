using GuestOS.Drivers.Synthetic.Storage.Protocol;

namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>A command of the driver's own whose outcome is awaited: for looks at the bus.</summary>
internal sealed class AwaitedCommand : StorageCommand
{
    private readonly TaskCompletionSource<CommandOutcome> _source;

    /// <param name="address">Which logical unit.</param>
    /// <param name="direction">Where the data goes.</param>
    /// <param name="data">At most a page.</param>
    /// <param name="continueInline">Whoever awaits goes on in the channel's thread.</param>
    public AwaitedCommand(LunAddress address, DataDirection direction, Memory<byte> data, bool continueInline)
    {
        Address = address;
        Direction = data.IsEmpty ? DataDirection.None : direction;
        Data = data;
        _source = new TaskCompletionSource<CommandOutcome>(continueInline ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public Task<CommandOutcome> Task => _source.Task;

    /// <summary>Length of the command block that was written to <see cref="StorageCommand.Cdb"/>.</summary>
    public byte Length
    {
        set => CdbLength = value;
    }

    public override void OnEnded(in CommandOutcome outcome) => _source.TrySetResult(outcome);

    public override void OnCancelled() => _source.TrySetCanceled();

    public override bool TryShrink(int bytes) => false;
}
