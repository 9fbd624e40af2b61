using GuestOS.Machine.Network;

namespace GuestOS.Kernel.SelfTests.Link;

/// <summary>Sends the numbered frames, in batches, as fast as the other end's credit and the device's ring let it.</summary>
internal sealed class BurstSender
{
    private const int BatchSize = 32;

    private readonly INetworkDevice _device;
    private readonly MacAddress _peer;
    private readonly BurstPlan _plan;
    private readonly Frame[] _batch = new Frame[BatchSize];
    private TaskCompletionSource _moreCredit = NewSignal();
    private uint _credit;

    public BurstSender(INetworkDevice device, MacAddress peer, BurstPlan plan)
    {
        _device = device;
        _peer = peer;
        _plan = plan;
        _credit = plan.Window == 0 ? plan.SendCount : Math.Min(plan.Window, plan.SendCount);
    }

    /// <summary>Frames that the device has taken.</summary>
    public uint Sent { get; private set; }

    /// <summary>The other end has taken so many.</summary>
    public void Credit(uint upTo)
    {
        uint credit = Math.Min(upTo + _plan.Window, _plan.SendCount);
        if (upTo > _plan.SendCount || credit <= Volatile.Read(ref _credit))
            return;
        Volatile.Write(ref _credit, credit);
        Interlocked.Exchange(ref _moreCredit, NewSignal()).SetResult();
    }

    /// <summary>Sends all.</summary>
    /// <exception cref="IOException">The device did not take a frame.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (Sent < _plan.SendCount)
        {
            // The signal before the credit, so that none is missed.
            TaskCompletionSource moreCredit = Volatile.Read(ref _moreCredit);
            uint room = Volatile.Read(ref _credit) - Sent;
            if (room == 0)
            {
                await moreCredit.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
                continue;
            }

            int count = (int)Math.Min(room, BatchSize);
            for (int i = 0; i < count; i++)
            {
                if (!_device.TryRent(out Frame? frame))
                    frame = await _device.RentAsync(cancellationToken).ConfigureAwait(false);
                Write(frame, Sent + (uint)i);
                _batch[i] = frame;
            }

            (await _device.SendAsync(_batch.AsMemory(0, count), cancellationToken).ConfigureAwait(false)).ThrowIfFailed();
            Sent += (uint)count;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Write(Frame frame, uint number)
    {
        int size = _plan.Size != 0 ? _plan.Size : LinkContent.SizeOf(_plan.SendSeed, number);
        Span<byte> bytes = LinkFrame.Begin(frame, size, _peer, _device.Address, LinkKind.Burst, 0);
        LinkFrame.Write32(bytes, LinkContent.NumberPlace, number);
        if (_plan.Size == 0)
            LinkContent.Fill(bytes[LinkContent.Place..], _plan.SendSeed, number);
    }
}
