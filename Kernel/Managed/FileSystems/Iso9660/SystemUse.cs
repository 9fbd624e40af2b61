using System.Buffers.Binary;
using System.Text;

namespace GuestOS.Kernel.FileSystems.Iso9660;

/// <summary>
/// What the System Use Sharing Protocol (IEEE P1281) and Rock Ridge (IEEE P1282) say of one directory record. Fed with the record's own
/// area, then with its continuation areas one after another.
/// </summary>
internal sealed class SystemUse
{
    private const int HeaderLength = 4;
    private const byte NameContinues = 1;
    private const byte NameCurrent = 2;
    private const byte NameParent = 4;
    private const byte TimeCreation = 1;
    private const byte TimeModify = 2;
    private const byte TimeLong = 0x80;
    private const int LongestTarget = 4095;

    private readonly List<byte> _nameBytes = [];
    private readonly StringBuilder _target = new();
    private bool _isComponentOpen;

    /// <summary>NM: the name; null when there is none.</summary>
    public string? Name => _nameBytes.Count == 0 ? null : Encoding.UTF8.GetString([.. _nameBytes]);

    /// <summary>PX: file type and permissions of Unix.</summary>
    public uint? Mode { get; private set; }

    /// <summary>SL: where a symbolic link leads; null when it is none.</summary>
    public string? LinkTarget { get; private set; }

    /// <summary>TF: last change.</summary>
    public DateTimeOffset? Modified { get; private set; }

    /// <summary>CL: first block of a directory that was moved because it lay too deep.</summary>
    public uint? ChildBlock { get; private set; }

    /// <summary>RE: a moved directory, which shows only where its CL is.</summary>
    public bool IsRelocated { get; private set; }

    /// <summary>SP: bytes to skip at the start of every area; null when there was no SP.</summary>
    public int? Skip { get; private set; }

    /// <summary>ER: Rock Ridge is announced.</summary>
    public bool HasRockRidgeReference { get; private set; }

    /// <summary>CE of the area taken last: the next area.</summary>
    public (uint Block, uint Offset, uint Length)? Continuation { get; private set; }

    /// <summary>Takes an area; false when its entries are damaged.</summary>
    public bool TryTake(ReadOnlySpan<byte> area)
    {
        Continuation = null;
        while (area.Length >= HeaderLength && area[0] != 0)
        {
            int length = area[2];
            if (length < HeaderLength || length > area.Length)
                return false;
            ReadOnlySpan<byte> entry = area[..length];
            if (entry[..2].SequenceEqual("ST"u8))
                return true;
            if (!TryTakeEntry(entry))
                return false;
            area = area[length..];
        }

        return true;
    }

    private bool TryTakeEntry(ReadOnlySpan<byte> entry)
    {
        ReadOnlySpan<byte> data = entry[HeaderLength..];
        switch (entry[0], entry[1])
        {
            case ((byte)'S', (byte)'P'):
                if (data.Length < 3 || data[0] != 0xBE || data[1] != 0xEF)
                    return false;
                Skip = data[2];
                return true;
            case ((byte)'C', (byte)'E'):
                return TryTakeContinuation(data);
            case ((byte)'E', (byte)'R'):
                HasRockRidgeReference |= IsRockRidge(data);
                return true;
            case ((byte)'N', (byte)'M'):
                return TryTakeName(data);
            case ((byte)'P', (byte)'X'):
                if (data.Length < 32 || !IsoFormat.TryReadBoth32(data, out uint mode))
                    return false;
                Mode = mode;
                return true;
            case ((byte)'S', (byte)'L'):
                return TryTakeLink(data);
            case ((byte)'T', (byte)'F'):
                return TryTakeTime(data);
            case ((byte)'C', (byte)'L'):
                if (data.Length < 8 || !IsoFormat.TryReadBoth32(data, out uint child))
                    return false;
                ChildBlock = child;
                return true;
            case ((byte)'R', (byte)'E'):
                IsRelocated = true;
                return true;
            default:
                return true;
        }
    }

    private static bool IsRockRidge(ReadOnlySpan<byte> data)
    {
        if (data.Length < 4 || data.Length < 4 + data[0])
            return false;
        ReadOnlySpan<byte> identifier = data.Slice(4, data[0]);
        return identifier.SequenceEqual("RRIP_1991A"u8) || identifier.SequenceEqual("IEEE_P1282"u8) || identifier.SequenceEqual("IEEE_1282"u8);
    }

    private bool TryTakeContinuation(ReadOnlySpan<byte> data)
    {
        if (data.Length < 24
            || !IsoFormat.TryReadBoth32(data, out uint block)
            || !IsoFormat.TryReadBoth32(data[8..], out uint offset)
            || !IsoFormat.TryReadBoth32(data[16..], out uint length))
        {
            return false;
        }

        Continuation = (block, offset, length);
        return true;
    }

    private bool TryTakeName(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
            return false;
        if ((data[0] & (NameCurrent | NameParent)) != 0)
            return true;
        _nameBytes.AddRange(data[1..]);
        return _nameBytes.Count <= IsoName.Longest && ((data[0] & NameContinues) == 0 || data.Length > 1);
    }

    /// <summary>P1282 4.1.3.1: components, each with flags: 1 continues, 2 ".", 4 "..", 8 root.</summary>
    private bool TryTakeLink(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
            return false;
        for (data = data[1..]; !data.IsEmpty;)
        {
            if (data.Length < 2 || data.Length < 2 + data[1])
                return false;
            byte flags = data[0];
            if (!_isComponentOpen && _target.Length > 0 && _target[^1] != '/')
                _target.Append('/');
            if ((flags & 8) != 0)
                _target.Clear().Append('/');
            else if ((flags & 4) != 0)
                _target.Append("..");
            else if ((flags & 2) != 0)
                _target.Append('.');
            else
                _target.Append(Encoding.UTF8.GetString(data.Slice(2, data[1])));
            _isComponentOpen = (flags & 1) != 0;
            if (_target.Length > LongestTarget)
                return false;
            data = data[(2 + data[1])..];
        }

        LinkTarget = _target.ToString();
        return true;
    }

    /// <summary>P1282 4.1.6: creation, modify, access, ... in this order as the flags say; short or long dates.</summary>
    private bool TryTakeTime(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
            return false;
        byte flags = data[0];
        int length = (flags & TimeLong) != 0 ? IsoTime.LongLength : IsoTime.ShortLength;
        int place = 1 + ((flags & TimeCreation) != 0 ? length : 0);
        if ((flags & TimeModify) == 0)
            return true;
        if (data.Length < place + length)
            return false;
        ReadOnlySpan<byte> date = data.Slice(place, length);
        Modified = (flags & TimeLong) != 0 ? IsoTime.ReadLong(date) : IsoTime.ReadShort(date);
        return true;
    }
}
