namespace GuestOS.Sandbox.Network;

/// <summary>What a host's network adapter is like. By default that of a current host.</summary>
public sealed record NetworkOptions
{
    /// <summary>NVSP versions that are accepted, as on the wire.</summary>
    public IReadOnlyList<uint> Versions { get; init; } = [0x0000_0002, 0x0003_0002, 0x0004_0000, 0x0005_0000, 0x0006_0000, 0x0006_0001];

    /// <summary>The adapter's address, its first byte the highest.</summary>
    public ulong Address { get; init; } = 0x0015_5D00_0001;

    /// <summary>Most bytes after the header of 14 that the switch carries.</summary>
    public int Mtu { get; init; } = 9000;

    /// <summary>Link at first.</summary>
    public bool IsLinkUp { get; init; } = true;

    /// <summary>In units of 100 bit/s: 10 Gbit/s.</summary>
    public uint LinkSpeed { get; init; } = 100_000_000;

    /// <summary>Bytes of a section of the send buffer.</summary>
    public uint SectionSize { get; init; } = 6144;

    /// <summary>Takes a send buffer.</summary>
    public bool TakesSendBuffer { get; init; } = true;

    /// <summary>Subchannels that are granted at most.</summary>
    public int MostSubchannels { get; init; } = 7;

    /// <summary>Entries of the RSS table that the host names.</summary>
    public ushort RssEntries { get; init; } = 128;

    /// <summary>Alignment factor of several messages in one packet: 3 is 8 bytes.</summary>
    public uint AlignmentFactor { get; init; } = 3;

    /// <summary>Messages in one packet at most.</summary>
    public uint MostMessages { get; init; } = 8;

    /// <summary>Offload capabilities: checksums sent in IPv4 and IPv6.</summary>
    public (uint V4, uint V6) SendChecksums { get; init; } = (0x155, 0x55);

    /// <summary>Bytes of the largest frame that is cut into segments; 0: none is.</summary>
    public uint LargeSend { get; init; } = 0xF53C;

    /// <summary>Frames are put at byte 256 of their sub-allocation, and the whole of it is the message (OpenVMM).</summary>
    public bool PlacesFramesFar { get; init; } = true;

    /// <summary>A status indication counts its buffer in its length (Server 2022 and later).</summary>
    public bool CountsStatusBuffer { get; init; }

    /// <summary>Received frames in one packet at most.</summary>
    public int MostRanges { get; init; } = 375;

    /// <summary>Frames that wait for a sub-allocation; more are dropped.</summary>
    public int MostWaiting { get; init; } = 4096;
}
