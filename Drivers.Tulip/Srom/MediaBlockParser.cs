namespace GuestOS.Drivers.Tulip;

/// <summary>Reads one media block. Blocks that do not hold what their kind needs are refused; what comes behind that is left alone.</summary>
internal static class MediaBlockParser
{
    private const byte ExtendedFormat = 0x80;
    private const byte LengthMask = 0x7F;
    private const byte MediumMask = 0x3F;

    /// <summary>A SIA block that brings its own register values.</summary>
    private const byte SiaExtension = 0x40;

    /// <summary>Bytes of a compact block after the medium: data and command.</summary>
    private const int CompactRest = 3;

    /// <summary>Takes the next block.</summary>
    /// <param name="reader">Moves behind the block.</param>
    /// <param name="block">Null when the block is of a kind that the driver does not know.</param>
    /// <param name="error">What is wrong with it.</param>
    public static bool TryRead(ref SpanReader reader, out MediaBlock? block, out string error)
    {
        block = null;
        error = "";
        if (!reader.TryRead8(out var first))
            return Fail("it is not there", out error);
        if ((first & ExtendedFormat) == 0)
        {
            if (!reader.TryTake(CompactRest, out var rest))
                return Fail("a compact block is cut off", out error);
            block = new MediaBlock
            {
                Kind = MediaBlockKind.GeneralPurpose,
                Medium = (MediumCode)(first & MediumMask),
                GeneralPurpose = [rest[0]],
                Command = (ushort)(rest[1] | (rest[2] << 8)),
            };
            return true;
        }

        // The length counts the kind too.
        var length = first & LengthMask;
        if (length == 0 || !reader.TryTake(length, out var body))
            return Fail($"its length of {length} leaves the ROM", out error);
        var kind = (MediaBlockKind)body[0];
        var inner = new SpanReader(body[1..]);
        if (kind > MediaBlockKind.Reset)
            return true;
        block = kind switch
        {
            MediaBlockKind.GeneralPurpose => ReadGeneralPurpose(ref inner),
            MediaBlockKind.Sia => ReadSia(ref inner),
            MediaBlockKind.Sym => ReadSym(ref inner),
            MediaBlockKind.Reset => ReadReset(ref inner),
            _ => ReadMii(ref inner, kind),
        };
        return block is not null || Fail($"a block of kind {(byte)kind} is too short with {length} bytes", out error);
    }

    private static bool Fail(string reason, out string error)
    {
        error = reason;
        return false;
    }

    private static MediaBlock? ReadGeneralPurpose(ref SpanReader reader) =>
        reader.TryRead8(out var medium) && reader.TryRead8(out var data) && reader.TryRead16(out var command)
            ? new MediaBlock { Kind = MediaBlockKind.GeneralPurpose, Medium = (MediumCode)(medium & MediumMask), GeneralPurpose = [data], Command = command }
            : null;

    private static MediaBlock? ReadSia(ref SpanReader reader)
    {
        if (!reader.TryRead8(out var medium))
            return null;
        (ushort, ushort, ushort)? sia = null;
        if ((medium & SiaExtension) != 0)
        {
            if (!reader.TryRead16(out var csr13) || !reader.TryRead16(out var csr14) || !reader.TryRead16(out var csr15))
                return null;
            sia = (csr13, csr14, csr15);
        }

        return reader.TryRead16(out var direction) && reader.TryRead16(out var data)
            ? new MediaBlock { Kind = MediaBlockKind.Sia, Medium = (MediumCode)(medium & MediumMask), Sia = sia, GeneralPurpose = [direction, data] }
            : null;
    }

    private static MediaBlock? ReadSym(ref SpanReader reader) =>
        reader.TryRead8(out var medium) && reader.TryRead16(out var direction) && reader.TryRead16(out var data) && reader.TryRead16(out var command)
            ? new MediaBlock { Kind = MediaBlockKind.Sym, Medium = (MediumCode)(medium & MediumMask), GeneralPurpose = [direction, data], Command = command }
            : null;

    private static MediaBlock? ReadReset(ref SpanReader reader)
    {
        // Bytes on the 21140, words on the 21143: what is left tells which.
        if (!reader.TryRead8(out var count) || reader.Left < count)
            return null;
        var wide = reader.Left >= count * 2 && count != 0;
        var values = new ushort[count];
        for (var i = 0; i < count; i++)
        {
            byte narrow = 0;
            ushort value = 0;
            if (wide ? !reader.TryRead16(out value) : !reader.TryRead8(out narrow))
                return null;
            values[i] = wide ? value : narrow;
        }

        return new MediaBlock { Kind = MediaBlockKind.Reset, Reset = values };
    }

    private static MediaBlock? ReadMii(ref SpanReader reader, MediaBlockKind kind)
    {
        var wide = kind == MediaBlockKind.Mii21143;
        return reader.TryRead8(out var phy)
            && reader.TryReadSequence(wide, out var select)
            && reader.TryReadSequence(wide, out var reset)
            && reader.TryRead16(out _)
            && reader.TryRead16(out var advertisement)
            ? new MediaBlock { Kind = kind, Phy = (byte)(phy & 0x1F), GeneralPurpose = select, Reset = reset, Advertisement = advertisement }
            : null;
    }
}
