using System.Buffers.Binary;
using System.Runtime.InteropServices;
using GuestOS.Drivers.Synthetic.Network.Protocol;
using GuestOS.Machine.Network;

namespace GuestOS.Drivers.Synthetic.Network;

/// <summary>Offloads: asks what there is and turns on what is used.</summary>
internal sealed partial class NetvscSession
{
    private const uint Ethernet = 2;

    private async ValueTask SetOffloadsAsync(CancellationToken cancellationToken)
    {
        var withoutOffloads = new NetworkOffloads { Vlan = Version >= NvspVersion.V2 };
        Offloads = withoutOffloads;
        var (revision, size) = Version >= NvspVersion.V5 ? (3, OffloadCapabilities.Size3)
            : Version >= NvspVersion.V4 ? (2, OffloadCapabilities.Size2)
            : (1, OffloadCapabilities.Size1);
        var input = new byte[size];
        MemoryMarshal.Write(input, new NdisObjectHeader { Type = NdisObjectHeader.OffloadType, Revision = (byte)revision, Size = (ushort)size });
        var value = await Control.QueryAsync(Oid.OffloadCapabilities, input, cancellationToken).ConfigureAwait(false);
        if (AtLeast(value, OffloadCapabilities.Size1) == 0)
            return;
        var known = MemoryMarshal.Read<OffloadCapabilities>(value);
        if (known.Header.Type != NdisObjectHeader.OffloadType || known.Header.Size < OffloadCapabilities.Size1 || known.Header.Size > value!.Length)
            return;
        var parameters = new byte[Version >= NvspVersion.V5 ? OffloadParameters.Size : OffloadParameters.OldSize];
        var wanted = ParametersOf(known, parameters.Length);
        MemoryMarshal.AsBytes(new ReadOnlySpan<OffloadParameters>(in wanted))[..parameters.Length].CopyTo(parameters);
        var status = await Control.SetAsync(Oid.OffloadParameters, parameters, NetvscTimeouts.Answer, cancellationToken).ConfigureAwait(false);
        if (status == RndisStatus.Success)
        {
            Offloads = withoutOffloads with
            {
                IpV4 = ChecksOf(known.SendV4, isV4: true),
                IpV6 = ChecksOf(known.SendV6, isV4: false),
                LargestIpV4 = LargestOf(known.LargeSendV4),
                LargestIpV6 = LargestOf(known.LargeSendV6),
            };
        }
    }

    private static OffloadParameters ParametersOf(in OffloadCapabilities known, int size) => new()
    {
        Header = new NdisObjectHeader { Type = NdisObjectHeader.DefaultType, Revision = 3, Size = (ushort)size },
        IpV4Checksum = Switch(known.SendV4, known.ReceiveV4, ChecksumCapability.IpHeader),
        TcpV4Checksum = Switch(known.SendV4, known.ReceiveV4, ChecksumCapability.Tcp),
        UdpV4Checksum = Switch(known.SendV4, known.ReceiveV4, ChecksumCapability.Udp),
        TcpV6Checksum = Switch(known.SendV6, known.ReceiveV6, ChecksumCapability.Tcp),
        UdpV6Checksum = Switch(known.SendV6, known.ReceiveV6, ChecksumCapability.Udp),
        LargeSendV1 = OffloadParameters.Off,
        LargeSendIpV4 = LargestOf(known.LargeSendV4) != 0 ? OffloadParameters.On : OffloadParameters.Off,
        LargeSendIpV6 = LargestOf(known.LargeSendV6) != 0 ? OffloadParameters.On : OffloadParameters.Off,
        CoalescingIpV4 = OffloadParameters.Off,
        CoalescingIpV6 = OffloadParameters.Off,
    };

    private static byte Switch(in ChecksumCapability send, in ChecksumCapability receive, uint bit) => ((send.Bits & bit) != 0, (receive.Bits & bit) != 0) switch
    {
        (true, true) => OffloadParameters.Both,
        (true, false) => OffloadParameters.SendOnly,
        (false, true) => OffloadParameters.ReceiveOnly,
        _ => OffloadParameters.Off,
    };

    /// <summary>A checksum counts only when options do not stand in its way: every frame may have them.</summary>
    private static FrameChecks ChecksOf(in ChecksumCapability capability, bool isV4)
    {
        var bits = capability.Bits;
        if (capability.Encapsulation != Ethernet || (isV4 && (bits & ChecksumCapability.IpOptions) == 0))
            return FrameChecks.None;
        var checks = FrameChecks.None;
        if (isV4 && (bits & ChecksumCapability.IpHeader) != 0)
            checks |= FrameChecks.IpHeader;
        if ((bits & ChecksumCapability.Tcp) != 0 && (bits & ChecksumCapability.TcpOptions) != 0)
            checks |= FrameChecks.Tcp;
        if ((bits & ChecksumCapability.Udp) != 0)
            checks |= FrameChecks.Udp;
        return checks;
    }

    private static int LargestOf(in LargeSendCapability capability) =>
        capability.Encapsulation == Ethernet ? (int)Math.Min(capability.MaxSize, ushort.MaxValue) : 0;
}
