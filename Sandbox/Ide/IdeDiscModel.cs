using System.Buffers.Binary;

namespace GuestOS.Sandbox.Ide;

/// <summary>A CD or DVD drive behind the packet interface (ATA/ATAPI-6 8.16 and 9.8, SFF-8020i, MMC-4).</summary>
public sealed class IdeDiscModel : IdeDriveModel
{
    /// <summary>Bytes in a block.</summary>
    public const int BlockSize = 2048;

    private const int PacketSize = 12;
    private const byte CommandPhase = 1;
    private const byte ToHost = 2;
    private readonly string _model;
    private readonly bool _hasDma;
    private readonly bool _interruptsForPacket;
    private readonly byte[] _packet = new byte[PacketSize];
    private readonly Queue<(byte Key, ushort Code)> _attentions = new();
    private (byte Key, ushort Code, uint? Information) _sense;
    private int _byteLimit;
    private int _mediumEvent;
    private int _becomingReady;
    private bool _identifying;
    private bool _receivesPacket;
    private bool _locked;

    internal IdeDiscModel(IdeChannelModel channel, int index, BlockImage? medium, string model, bool hasDma, bool interruptsForPacket)
        : base(channel, index)
    {
        _model = model;
        _hasDma = hasDma;
        _interruptsForPacket = interruptsForPacket;
        Medium = medium;
        _attentions.Enqueue((Sense.UnitAttention, Sense.Reset));
        SetSignature();
    }

    /// <summary>What is in it.</summary>
    public BlockImage? Medium { get; private set; }

    /// <summary>The tray is out.</summary>
    public bool IsTrayOpen { get; private set; }

    /// <summary>Times that READ(10) and READ(12) were carried out.</summary>
    public int Reads { get; private set; }

    /// <summary>GET EVENT STATUS NOTIFICATION is known.</summary>
    public bool HasMediaEvents { get; set; } = true;

    /// <summary>Bytes in a block as READ CAPACITY reports them; reads always give <see cref="BlockSize"/>.</summary>
    public int ReportedBlockSize { get; set; } = BlockSize;

    private protected override bool EndsWithInterrupt => !_identifying;

    private protected override bool MayEndShort => !_identifying && !_receivesPacket;

    /// <summary>Makes a drive for a channel.</summary>
    public static Func<IdeChannelModel, int, IdeDiscModel> With(
        BlockImage? medium, string model = "SANDBOX DVD-ROM", bool hasDma = true, bool interruptsForPacket = false) =>
        (channel, index) => new IdeDiscModel(channel, index, medium, model, hasDma, interruptsForPacket);

    /// <summary>Somebody takes the disc out and puts another one in; null leaves it empty.</summary>
    /// <param name="medium">The new disc.</param>
    /// <param name="spinUpQuestions">So many questions are answered with "becoming ready".</param>
    public void ChangeMedium(BlockImage? medium, int spinUpQuestions = 0)
    {
        lock (Channel.Gate)
        {
            Medium = medium;
            IsTrayOpen = false;
            _mediumEvent = medium is null ? 3 : 2;
            _becomingReady = spinUpQuestions;
            if (medium is not null)
                _attentions.Enqueue((Sense.UnitAttention, Sense.MediumChanged));
        }
    }

    /// <summary>The disc stops and has to spin up again: so many questions are answered with "becoming ready".</summary>
    public void SpinUp(int questions)
    {
        lock (Channel.Gate)
            _becomingReady = questions;
    }

    private protected override void SetSignature()
    {
        Count = 1;
        Lba28 = 1;
        Cylinder = 0xEB14;
        ErrorCode = 1;
        State = 0;
    }

    private protected override void Execute()
    {
        if (FailsAtOnce())
            return;
        _identifying = false;
        switch (Opcode)
        {
            case 0xA1:
                var data = IdentifyBuilder.Packet(_model, "SBCD01", _hasDma, _interruptsForPacket, _hasDma ? Mode : 0);
                Faults.EditIdentify?.Invoke(data);
                data.CopyTo(Buffer(data.Length));
                _identifying = true;
                BeginPioIn(data.Length);
                break;
            case 0xEC:
                Cylinder = 0xEB14;
                Abort();
                break;
            case 0xA0:
                _byteLimit = Cylinder == 0xFFFF ? 0xFFFE : Cylinder;
                _receivesPacket = true;
                Buffer(PacketSize);
                BeginPioOut(PacketSize, _interruptsForPacket);
                Count = CommandPhase;
                break;
            case 0xEF when Features == 3:
                if ((Count & 0xF8) is 0x20 or 0x40)
                    Mode = Count;
                Complete();
                break;
            default:
                Abort();
                break;
        }
    }

    private protected override int NextBlock()
    {
        if (_identifying)
            return 512;
        if (_receivesPacket)
            return PacketSize;

        // Any piece up to the limit; all but the last are even (ATA/ATAPI-6 8.16.5).
        var left = Total - Position;
        var piece = Math.Min(left, Math.Max(2, _byteLimit & ~1));
        if (Faults.RaggedChunks && piece > 4)
        {
            piece = Channel.Random.Next(1, piece);
            if (piece < left)
                piece = Math.Max(2, piece & ~1);
        }

        Cylinder = piece;
        Count = ToHost;
        return piece;
    }

    private protected override void DataMoved()
    {
        if (_identifying)
            return;
        if (_receivesPacket)
        {
            _receivesPacket = false;
            Buffer(PacketSize).CopyTo(_packet);
            RunPacket();
            return;
        }

        Good();
    }

    private void RunPacket()
    {
        // Sense data of the command before is gone, except for the one that asks for it.
        if (_packet[0] != 0x03)
            _sense = default;
        if (_packet[0] is not (0x03 or 0x12 or 0x4A) && _attentions.TryDequeue(out var attention))
        {
            Check(attention.Key, attention.Code);
            return;
        }

        switch (_packet[0])
        {
            case 0x00:
                if (CheckMedium())
                    Good();
                break;
            case 0x03:
                RequestSense();
                break;
            case 0x12:
                var inquiry = Buffer(36);
                inquiry.Clear();
                inquiry[0] = 5;
                inquiry[1] = 0x80;
                inquiry[4] = 31;
                Reply(Math.Min(36, (int)_packet[4]));
                break;
            case 0x1B:
                StartStop();
                break;
            case 0x1E:
                _locked = (_packet[4] & 1) != 0;
                Good();
                break;
            case 0x25:
                ReadCapacity();
                break;
            case 0x28:
                Read(BinaryPrimitives.ReadUInt32BigEndian(_packet.AsSpan(2)), BinaryPrimitives.ReadUInt16BigEndian(_packet.AsSpan(7)));
                break;
            case 0xA8:
                Read(BinaryPrimitives.ReadUInt32BigEndian(_packet.AsSpan(2)), BinaryPrimitives.ReadUInt32BigEndian(_packet.AsSpan(6)));
                break;
            case 0x4A when HasMediaEvents:
                MediumEvent();
                break;
            default:
                Check(Sense.IllegalRequest, Sense.InvalidOpcode);
                break;
        }
    }

    private bool CheckMedium()
    {
        if (Medium is null || IsTrayOpen)
        {
            Check(Sense.NotReady, Sense.NoMedium);
            return false;
        }

        if (_becomingReady > 0)
        {
            _becomingReady--;
            Check(Sense.NotReady, Sense.BecomingReady);
            return false;
        }

        return true;
    }

    private void RequestSense()
    {
        var data = Buffer(18);
        data.Clear();
        data[0] = 0x70;
        if (_sense.Information is { } information)
        {
            data[0] |= 0x80;
            BinaryPrimitives.WriteUInt32BigEndian(data[3..], information);
        }

        data[2] = _sense.Key;
        data[7] = 10;
        BinaryPrimitives.WriteUInt16BigEndian(data[12..], _sense.Code);
        _sense = default;
        Reply(Math.Min(18, (int)_packet[4]));
    }

    private void StartStop()
    {
        var loads = (_packet[4] & 1) != 0;
        if ((_packet[4] & 2) != 0)
        {
            if (!loads && _locked)
            {
                Check(Sense.IllegalRequest, Sense.RemovalPrevented);
                return;
            }

            if (loads && IsTrayOpen && Medium is not null)
                _attentions.Enqueue((Sense.UnitAttention, Sense.MediumChanged));
            IsTrayOpen = !loads;
            _mediumEvent = loads ? 2 : 3;
        }

        Good();
    }

    private void ReadCapacity()
    {
        if (!CheckMedium())
            return;
        var data = Buffer(8);
        BinaryPrimitives.WriteUInt32BigEndian(data, (uint)((Medium!.Length / BlockSize) - 1));
        BinaryPrimitives.WriteUInt32BigEndian(data[4..], (uint)ReportedBlockSize);
        Reply(8);
    }

    private void MediumEvent()
    {
        if ((_packet[1] & 1) == 0)
        {
            Check(Sense.IllegalRequest, Sense.InvalidField);
            return;
        }

        var data = Buffer(8);
        data.Clear();
        data[1] = 6;
        data[2] = 4;
        data[3] = 1 << 4;
        data[4] = (byte)_mediumEvent;
        data[5] = (byte)((Medium is not null && !IsTrayOpen ? 2 : 0) | (IsTrayOpen ? 1 : 0));
        _mediumEvent = 0;
        Reply(Math.Min(8, (int)BinaryPrimitives.ReadUInt16BigEndian(_packet.AsSpan(7))));
    }

    private void Read(uint lba, uint count)
    {
        if (!CheckMedium())
            return;
        var blocks = (ulong)Medium!.Length / BlockSize;
        if (lba >= blocks || count > blocks - lba)
        {
            Check(Sense.IllegalRequest, Sense.LbaOutOfRange);
            return;
        }

        for (uint i = 0; i < count && Faults.BadBlocks.Count != 0; i++)
        {
            if (!Faults.BadBlocks.ContainsKey(lba + i))
                continue;
            Check(Sense.MediumError, Sense.UnrecoveredRead, lba + i);
            return;
        }

        Reads++;
        if (count == 0)
        {
            Good();
            return;
        }

        var total = checked((int)count * BlockSize);
        Medium.Read((long)lba * BlockSize, Buffer(total));
        Reply(total);
    }

    /// <summary>Sends the start of the buffer the way that the features register asks for.</summary>
    private void Reply(int length)
    {
        if (Faults.Overruns > 0)
        {
            Faults.Overruns--;
            length += 64;
            Buffer(length)[^64..].Clear();
        }

        State = Status.Bsy;
        if (length == 0)
        {
            Good();
            return;
        }

        if ((Features & 1) != 0)
        {
            if (_hasDma)
                BeginDma(length, toMemory: true);
            else
                Check(Sense.IllegalRequest, Sense.InvalidField);
            return;
        }

        BeginPioIn(length);
    }

    private void Good()
    {
        Count = CommandPhase | ToHost;
        Complete();
    }

    private void Check(byte key, ushort code, uint? information = null)
    {
        _sense = (key, code, information);
        Count = CommandPhase | ToHost;
        Fail((byte)((key << 4) | Err.Abrt));
    }
}
