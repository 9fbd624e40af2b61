using System.Buffers.Binary;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Fuzz.Targets;
using GuestOS.Sandbox.VmBus;
using GuestOS.Sandbox.VmBus.Rings;
using GuestOS.Testing.Guests;

namespace GuestOS.Fuzz.Hostility;

/// <summary>
/// A host that does what the input says with all that it owns: bytes of every page that the guest shares, indices and packets of the rings,
/// messages, events, offers. It acts in the guest's barriers, which stand between any two of the guest's accesses to shared memory, so that
/// what the guest reads twice may differ. The input is a row of deeds: how many barriers pass before it, which, and its arguments.
/// </summary>
internal sealed class HostileHost
{
    private const int CommonDeeds = 12;
    private static readonly MessageFaultKind[] MessageFaults = Enum.GetValues<MessageFaultKind>();
    private static readonly PacketFaultKind[] PacketFaults = Enum.GetValues<PacketFaultKind>();
    private readonly SimulatedGuest _guest;
    private readonly Decisions _decisions;
    private readonly List<Action<Decisions>> _own;
    private (int Kind, int Place, uint Value)? _edit;
    private int _delay;
    private bool _isActing;

    /// <param name="guest">Whose host, with its offers in place.</param>
    /// <param name="decisions">What it does.</param>
    /// <param name="own">More deeds, of its device.</param>
    public HostileHost(SimulatedGuest guest, Decisions decisions, params List<Action<Decisions>> own)
    {
        _guest = guest;
        _decisions = decisions;
        _own = own;
        Offered = guest.Host.Channels;
        _delay = Delay();
        guest.Memory.AtBarrier = Step;
    }

    /// <summary>It has done anything at all.</summary>
    public bool HasActed { get; private set; }

    /// <summary>
    /// The host wrote into the ring that it reads itself: it may since have taken anything for a packet of the guest, and may have asked for
    /// memory at any address.
    /// </summary>
    public bool HasFooledItself { get; private set; }

    /// <summary>
    /// The host sent messages that were not true. It may have said of memory that it had let go of it, and did not: such memory the guest frees.
    /// </summary>
    public bool HasLied { get; set; }

    /// <summary>The channels that it offers, taken back since or not.</summary>
    public IReadOnlyList<HostChannel> Offered { get; }

    /// <summary>From now on it keeps to the protocol.</summary>
    public void Reform()
    {
        _guest.Memory.AtBarrier = null;
        _guest.Host.Faults.Clear();
        _edit = null;
    }

    /// <summary>The last word on an answer of the device; null for none.</summary>
    public byte[]? Edit(byte[] answer)
    {
        if (_edit is not { } edit || answer.Length == 0)
            return answer;
        _edit = null;
        var bytes = answer.ToArray();
        switch (edit.Kind % 5)
        {
            case 0:
                bytes[edit.Place % bytes.Length] ^= (byte)(edit.Value | 1);
                return bytes;
            case 1:
                return bytes[..(edit.Place % bytes.Length)];
            case 2:
                return null;
            case 3 when bytes.Length >= 4:
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(edit.Place % (bytes.Length / 4) * 4), edit.Value);
                return bytes;
            default:
                return [.. bytes, .. new byte[edit.Place % 2000]];
        }
    }

    /// <summary>A number that a careless guest trips over.</summary>
    public static uint Number(Decisions decisions) => (decisions.Next() % 12) switch
    {
        0 => 0,
        1 => 1,
        2 => 0xFFFF_FFFF,
        3 => 0xFFFF_FFF8,
        4 => 0x7FFF_FFFF,
        5 => 0x8000_0000,
        6 => 4096,
        7 => (uint)decisions.Next() * 8,
        8 => (uint)decisions.Next() << 8,
        9 => (uint)decisions.Next() << 24,
        10 => (uint)((decisions.Next() << 8) | decisions.Next()),
        _ => (uint)decisions.Next(),
    };

    /// <summary>So many bytes of the input.</summary>
    public static byte[] Bytes(Decisions decisions, int count)
    {
        var bytes = new byte[count];
        for (var i = 0; i < count && !decisions.IsUsedUp; i++)
            bytes[i] = (byte)decisions.Next();
        return bytes;
    }

    private int Delay()
    {
        var value = _decisions.Next();
        return value < 192 ? value % 32 : (value - 191) * 16;
    }

    private void Step()
    {
        if (_isActing || _delay-- > 0 || _decisions.IsUsedUp)
            return;
        _isActing = true;
        HasActed = true;
        Act();
        _delay = Delay();
        _isActing = false;
    }

    private void Act()
    {
        var host = _guest.Host;
        var deed = _decisions.Next() % (CommonDeeds + _own.Count);
        switch (deed)
        {
            case 0:
                for (var count = 1 + (_decisions.Next() % 8); count > 0; count--)
                    host.TryStep(_decisions.Next());
                break;
            case 1:
                SpoilShared(1);
                break;
            case 2:
                SpoilShared(4);
                break;
            case 3 when Session() is { } session:
                SpoilIndices(session);
                break;
            case 4:
                HasLied = true;
                host.Faults.Add(new MessageFault(MessageFaults[_decisions.Next() % MessageFaults.Length]));
                break;
            case 5:
                host.Faults.Add(new PacketFault(PacketFaults[_decisions.Next() % PacketFaults.Length]));
                break;
            case 6:
                HasLied = true;
                var message = Bytes(_decisions, _decisions.Next() % 64);
                if (message.Length >= 4)
                    BinaryPrimitives.WriteUInt32LittleEndian(message, message[0] % 32u);
                host.PostRaw(message);
                break;
            case 7 when Session() is { } session:
                var descriptor = Bytes(_decisions, _decisions.Next() % 8 * 8);
                session.Send(
                    (PacketType)(_decisions.Next() % 16), (PacketFlags)(_decisions.Next() & 1), Number(_decisions), descriptor, Bytes(_decisions, _decisions.Next()));
                break;
            case 8 when host.Channels is { Count: > 0 } all:
                host.Rescind(all[_decisions.Next() % all.Count]);
                break;
            case 9 when Offered.Count > 0:
                host.OfferAgain(Offered[_decisions.Next() % Offered.Count]);
                break;
            case 10:
                host.Transport.TrySignal(new VpIndex((uint)_decisions.Next() % 4), Sint.VmBus, Number(_decisions) % 2048);
                break;
            case 11:
                _edit = (_decisions.Next(), _decisions.Next(4096), Number(_decisions));
                break;
            case >= CommonDeeds:
                _own[deed - CommonDeeds](_decisions);
                break;
            default:
                break;
        }
    }

    private ChannelSession? Session()
    {
        var open = _guest.Host.Channels.Select(static channel => channel.Session).OfType<ChannelSession>().ToList();
        return open.Count == 0 ? null : open[_decisions.Next() % open.Count];
    }

    private void SpoilShared(int size)
    {
        var all = _guest.Host.Gpadls;
        if (all.Count == 0)
            return;
        var gpadl = all[_decisions.Next() % all.Count];
        HasFooledItself |= _guest.Host.Channels.Any(channel => channel.Session?.UsesForRing(gpadl) == true);
        var value = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(value, Number(_decisions));
        var place = ((_decisions.Next() << 16) | (_decisions.Next() << 8) | _decisions.Next()) % (gpadl.Length / size) * size;
        gpadl.TryWrite(place, value.AsSpan(0, size));
    }

    private void SpoilIndices(ChannelSession session)
    {
        var isOutbound = (_decisions.Next() & 1) != 0;
        HasFooledItself |= isOutbound;
        Spoil(isOutbound ? session.Outbound : session.Inbound);
    }

    private void Spoil(HostRing ring)
    {
        var value = Number(_decisions);
        switch (_decisions.Next() % 7)
        {
            case 0:
                ring.In = value;
                break;
            case 1:
                ring.Out = value;
                break;
            case 2:
                ring.Mask = value;
                break;
            case 3:
                ring.Pending = value;
                break;
            case 4:
                HasLied = true;
                ring.Features = value;
                break;
            case 5:
                ring.In = value % ring.Size & ~7u;
                break;
            default:
                ring.Write(value % ring.Size, Bytes(_decisions, 16));
                break;
        }
    }
}
