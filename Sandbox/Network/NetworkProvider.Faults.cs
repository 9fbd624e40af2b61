using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Sandbox.VmBus;

namespace GuestOS.Sandbox.Network;

/// <content>The hostile variant.</content>
public sealed partial class NetworkProvider
{
    private static readonly byte[] SomeFrame = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2, 0, 0, 0, 0, 9, 0x88, 0xB5, .. new byte[46]];

    /// <summary>Does what no honest host does, whatever the stage.</summary>
    public void Commit(NetworkFault fault) => OnPrimary(session => Do(session, fault));

    private void Do(ChannelSession session, NetworkFault fault)
    {
        switch (fault)
        {
            case NetworkFault.Short: session.SendInBand([134, 0]); break;
            case NetworkFault.UnknownType: session.SendInBand(Answer(0x777)); break;
            case NetworkFault.InitCompleteAgain: session.SendInBand(Answer(2, 0, 0, 2)); break;
            case NetworkFault.TableCount: session.SendInBand(Answer(134, 0xFFFF, 12)); break;
            case NetworkFault.TableOffset: session.SendInBand([.. Wire.Words(134, 16, 0xFFFF_FFF0), .. new byte[92]]); break;
            case NetworkFault.TableEntries: session.SendInBand([.. Wire.Words(134, 16, 40), .. new byte[28], .. Enumerable.Repeat((byte)0xFF, 64)]); break;
            case NetworkFault.VirtualFunctionShort: session.SendInBand(Wire.Words(128), 0x8000_0000_0000_0000, wantsCompletion: true); break;
            case NetworkFault.CompletionUnknown: session.Complete(0x1234_5678, Wire.Words(108, 1)); break;
            case NetworkFault.CompletionZero: session.Complete(0, Wire.Words(108, 1)); break;
            default: DoInBuffer(session, fault); break;
        }
    }

    private void DoInBuffer(ChannelSession session, NetworkFault fault)
    {
        if (_receiveBuffer is not { } buffer || !_free.TryPop(out var place))
            return;
        var start = (uint)(place * SubAllocationSize);
        var message = MessageOf(fault);
        buffer.TryWrite(start, message);
        var good = new TransferPageRange { ByteCount = (uint)message.Length, ByteOffset = start };
        var (set, ranges, nvsp) = ((ushort)0xCAFE, new[] { good }, Answer(107, fault >= NetworkFault.QueryUnknown ? 1u : 0, NoSection, 0));
        switch (fault)
        {
            case NetworkFault.WrongSet: set = 0xBEEF; break;
            case NetworkFault.WrongMessage: nvsp = Answer(134, 0xFFFF_FFFF); break;
            case NetworkFault.NoRanges: ranges = []; break;
            case NetworkFault.RangeBeyond: ranges[0].ByteOffset = (uint)buffer.Length - 8; break;
            case NetworkFault.RangeWraps: ranges[0].ByteOffset = 0xFFFF_FFF0; break;
            case NetworkFault.RangeLong: ranges[0] = new TransferPageRange { ByteCount = (uint)buffer.Length, ByteOffset = 0 }; break;
            case NetworkFault.RangeShort: ranges[0].ByteCount = 4; break;
            case NetworkFault.RangeMixed: ranges = [new TransferPageRange { ByteCount = 100, ByteOffset = 0x7FFF_FFFF }, good]; break;
            case NetworkFault.ManyRanges: ranges = [.. Enumerable.Repeat(good, 4 * 562)]; break;
            case NetworkFault.KeepAliveStorm: ranges = [.. Enumerable.Repeat(good, 200)]; break;
            default: break;
        }

        var transaction = NextTransaction();
        _inFlight.Add(transaction, ([place], false));
        session.SendTransferPages(set, ranges, nvsp, transaction, wantsCompletion: true);
        if (fault == NetworkFault.ContentChanges)
            session.Post(() => buffer.TryWrite(start, Enumerable.Repeat((byte)0xFF, message.Length).ToArray()));
    }

    private static byte[] MessageOf(NetworkFault fault)
    {
        switch (fault)
        {
            case NetworkFault.QueryUnknown: return Wire.Words(0x8000_0004, 28, 0x7654_3210, 0, 4, 16, 1);
            case NetworkFault.QueryOffset: return Wire.Words(0x8000_0004, 24, 1, 0, 4, 0xFFFF_FFFF);
            case NetworkFault.SetShort: return Wire.Words(0x8000_0005, 8);
            case NetworkFault.StatusOffset: return Wire.Words(7, 20, 0x4001_0013, 4, 0xFFFF_FFFF);
            case NetworkFault.StatusEmpty: return Wire.Words(7, 20, 0x4001_0013, 0, 0);
            case NetworkFault.StatusShort: return Wire.Words(7, 12, 0x4001_000C);
            case NetworkFault.KeepAliveStorm: return Wire.Words(8, 12, 5);
            case NetworkFault.ResetComplete: return Wire.Words(0x8000_0006, 16, 0, 1);
            default: break;
        }

        var hasInfo = fault is NetworkFault.InfoBeyond or NetworkFault.InfoSizeZero or NetworkFault.InfoSizeBeyond or NetworkFault.InfoDataOffset;
        var dataAt = hasInfo ? 60 : 44;
        var message = new byte[dataAt + SomeFrame.Length];
        Wire.Words(1, (uint)message.Length, (uint)dataAt - 8, (uint)SomeFrame.Length, 0, 0, 0, hasInfo ? 36u : 0, hasInfo ? 16u : 0).CopyTo(message, 0);
        if (hasInfo)
            Wire.Words(16, 6, 12, 0x10).CopyTo(message, 44);
        SomeFrame.CopyTo(message, dataAt);
        (int At, uint Value)? change = fault switch
        {
            NetworkFault.MessageLong => (4, 0xFFFF),
            NetworkFault.MessageZero => (4, 0),
            NetworkFault.MessageType => (0, 0x99),
            NetworkFault.DataOffset => (8, 0xFFFF_FFFF),
            NetworkFault.DataLength => (12, 0xFFFF_FFFF),
            NetworkFault.DataInHeader => (8, 4),
            NetworkFault.Runt => (12, 13),
            NetworkFault.InfoBeyond => (32, 0xFFFF_FFF0),
            NetworkFault.InfoSizeZero => (44, 0),
            NetworkFault.InfoSizeBeyond => (44, 0x1000),
            NetworkFault.InfoDataOffset => (52, 0xFFFF_FFFF),
            _ => null,
        };
        if (change is { } one)
            Wire.Put(message, one.At, one.Value);
        return message;
    }
}
