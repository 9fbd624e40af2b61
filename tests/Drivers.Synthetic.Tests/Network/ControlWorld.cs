using System.Runtime.InteropServices;
using GuestOS.Drivers.Synthetic.Network;
using GuestOS.Drivers.Synthetic.Network.Protocol;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Rings;
using GuestOS.Machine;
using GuestOS.Sandbox.VmBus;
using GuestOS.Testing.Guests;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Network;

/// <summary>Control messages on a channel whose host does what it is told; the first page is the one that is looked at.</summary>
internal sealed class ControlWorld : IDisposable
{
    private readonly SimulatedGuest _guest = new(new SimulatedGuestOptions { Host = new VmBusHostOptions { StepsSingly = false } });
    private readonly PageHost _host = new();
    private readonly VmBusChannel _channel;
    private readonly CancellationTokenSource _cancel = new();

    public ControlWorld(bool continueInline = true)
    {
        _guest.Host.Offer(_host);
        _guest.Connect();
        _channel = Assert.Single(_guest.Bus.Devices).Channel;
        Control = new RndisControl(_channel, _guest.Memory.Allocate(RndisControl.MemorySize, DmaConstraints.None), _guest.Clock, continueInline);
        _guest.Run(_channel.OpenAsync(new ChannelOpenOptions { Handler = new Handler(Control) }));
        Page = Control.Pages.First();
    }

    public RndisControl Control { get; }

    public ControlRequest Page { get; }

    /// <summary>Issues a message, which waits for its answer.</summary>
    public Task<byte[]> Ask()
    {
        var message = new byte[RndisRequest.Size];
        MemoryMarshal.Write(message, new RndisHeader { Type = RndisMessageType.Set, Length = RndisRequest.Size });
        return Control.AskAsync(message, RndisMessageType.SetComplete, "a question", TimeSpan.FromSeconds(5), _cancel.Token).AsTask();
    }

    /// <summary>The answer to the message of a page. False when nobody waited for it.</summary>
    public bool Answer(ControlRequest page)
    {
        var message = new byte[RndisComplete.Size];
        MemoryMarshal.Write(message, new RndisComplete
        {
            Header = new RndisHeader { Type = RndisMessageType.SetComplete, Length = RndisComplete.Size },
            RequestId = page.Id,
        });
        return Control.OnAnswer(RndisMessageType.SetComplete, message);
    }

    /// <summary>Fills the ring; the host reads it when time goes on.</summary>
    public void Fill()
    {
        foreach (var length in (int[])[4000, 8])
        {
            while (_channel.TrySend(new byte[length]) == SendResult.Sent)
            {
            }
        }
    }

    public void Cancel() => _cancel.Cancel();

    public void Settle() => _guest.Settle();

    public void Advance(TimeSpan time) => _guest.Clock.Advance(time);

    public void Complete(NvspStatus status)
    {
        _host.Complete(MemoryMarshal.AsBytes<NvspRndisPacketComplete>([new() { Type = NvspMessageType.RndisPacketComplete, Status = status }]).ToArray());
        Settle();
    }

    public void End() => _guest.Run(_channel.CloseAsync());

    public void Dispose()
    {
        _cancel.Dispose();
        _guest.Dispose();
    }

    private sealed class Handler(RndisControl control) : ChannelHandler
    {
        public override void OnPacket(VmBusChannel channel, in RingPacket packet)
        {
        }

        public override void OnRoom(VmBusChannel channel) => control.Retry();

        public override void OnEnd(VmBusChannel channel, ChannelEnd reason) => control.End($"the channel ended: {reason}");
    }
}
