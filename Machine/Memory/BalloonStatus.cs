namespace GuestOS.Machine.Memory;

/// <summary>What a balloon does at the moment.</summary>
public enum BalloonState
{
    /// <summary>Agreeing with the host.</summary>
    Negotiating,

    /// <summary>Waiting for requests.</summary>
    Idle,

    /// <summary>Giving pages to the host.</summary>
    Inflating,

    /// <summary>Getting pages back.</summary>
    Deflating,

    /// <summary>Taking added memory into use.</summary>
    Adding,

    /// <summary>The driver is suspended or gone. What the host has, it keeps.</summary>
    Stopped,
}

/// <summary>A balloon at one moment.</summary>
/// <param name="Version">The negotiated version of its protocol; empty while there is none.</param>
/// <param name="State">What it does.</param>
/// <param name="Memory">The machine's memory.</param>
/// <param name="Floor">Pages that stay free in any case.</param>
/// <param name="MostPages">Most memory that the host says it will ever give the machine, in pages; 0 when it does not say.</param>
public sealed record BalloonStatus(string Version, BalloonState State, DynamicMemoryFigures Memory, ulong Floor, ulong MostPages);
