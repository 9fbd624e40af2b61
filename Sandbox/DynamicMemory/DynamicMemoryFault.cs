namespace GuestOS.Sandbox.DynamicMemory;

/// <summary>Messages that no honest host sends (protocol 10.7 and 10.11).</summary>
public enum DynamicMemoryFault
{
    /// <summary>4 bytes.</summary>
    Short,

    /// <summary>A size field beyond the packet.</summary>
    SizeBeyond,

    /// <summary>A size field of 0.</summary>
    SizeZero,

    /// <summary>A type that there is not.</summary>
    UnknownType,

    /// <summary>A type that guests send.</summary>
    GuestType,

    /// <summary>BALLOON_REQUEST for 0xFFFFFFFF pages.</summary>
    BalloonAll,

    /// <summary>UNBALLOON_REQUEST of pages that the guest never gave.</summary>
    UnballoonNeverGiven,

    /// <summary>UNBALLOON_REQUEST that names what the guest gave twice.</summary>
    UnballoonTwice,

    /// <summary>UNBALLOON_REQUEST with 0xFFFFFFFF ranges in a short message.</summary>
    UnballoonCount,

    /// <summary>UNBALLOON_REQUEST of a range beyond the highest frame.</summary>
    UnballoonBeyond,

    /// <summary>UNBALLOON_REQUEST whose last part never comes.</summary>
    UnballoonUnfinished,

    /// <summary>HOT_ADD_REQUEST of memory that the guest has.</summary>
    HotAddOverlap,

    /// <summary>HOT_ADD_REQUEST of a range beyond every physical address.</summary>
    HotAddBeyond,

    /// <summary>HOT_ADD_REQUEST of no pages.</summary>
    HotAddEmpty,

    /// <summary>HOT_ADD_REQUEST whose region does not contain the range.</summary>
    HotAddRegion,

    /// <summary>HOT_ADD_REQUEST that is not aligned as the guest asked.</summary>
    HotAddUnaligned,

    /// <summary>INFO_MESSAGE with a size of 0xFFFFFFFF inside.</summary>
    InfoSize,

    /// <summary>INFO_MESSAGE of an unknown kind.</summary>
    InfoType,

    /// <summary>A second VERSION_RESPONSE that refuses.</summary>
    VersionAgain,

    /// <summary>A second CAPABILITIES_RESPONSE that refuses.</summary>
    CapabilitiesAgain,

    /// <summary>HOT_REMOVE_REQUEST, which the guest did not say that it supports.</summary>
    HotRemove,
}
